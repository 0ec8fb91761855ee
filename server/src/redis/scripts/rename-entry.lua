-- Lets an entry go on under another id, at the same place: what is left of a player who is deleted. Where the other id has an entry
-- already, this one is dropped.
--
-- KEYS     rank_key entries_key dirty_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key builder_key
-- ARGV     sort_order from to now
--          now: stamp
-- returns  'absent' when nothing but a flusher's claim names the player; 'renamed'; 'building' when the season is being rebuilt, and
--          nothing was done
-- claim    a mark without an entry: the flusher takes it away
-- crash    before the reply: done or not

if call('EXISTS', builder_key) == 1 then return 'building' end
local there = read_entries(entries_key, { from, to })
local e, was_hidden = there[from], call('SREM', hidden_key, from)
if was_hidden == 1 then call('SADD', hidden_key, to) end
if not e then
  return call('SREM', dirty_key, from) + was_hidden > 0 and 'renamed' or 'absent'
end

local head = call('HMGET', meta_key, 'epoch', 'version', 'levels')
if not head[1] then
  -- A life that was set aside: its entries wait to be merged, and this one has been written.
  call('HDEL', entries_key, from)
  call('SREM', dirty_key, from)
  return 'renamed'
end
local version = tonumber(head[2]) + 1
local keys = { rank = rank_key, levels = levels_key, level_counts = level_counts_key, unranked = unranked_key }
local keeps, is_hidden = { levels = head[3] }, e.hidden
call('SADD', dirty_key, to)
call('HSETNX', meta_key, 'dirtySince', now)
call('HSET', meta_key, 'version', integer(version))
-- Out of every ranking, as a hidden one; and in again.
local member = members_of({ [from] = e })
e.hidden = true
take_places(keys, keeps, sort_order, { from }, { [from] = e }, member)
call('SREM', unranked_key, from)
if there[to] then
  if e.bucket then call('HINCRBY', buckets_key, e.bucket, -1) end
else
  e.hidden, e.rev, e.seqs = is_hidden, version, ''
  e.metadata, e.confirmed_metadata, e.provisional_metadata = nil, nil, nil
  take_places(keys, keeps, sort_order, { to }, { [to] = e }, {})
  call('HSET', entries_key, to, pack_entry(e))
end
call('HDEL', entries_key, from)
call('SREM', dirty_key, from)
return 'renamed'
