-- Some entries that must be the same in the database: those that are neither dirty nor claimed at this moment.
--
-- KEYS     rank_key entries_key dirty_key claim_key meta_key unranked_key
-- ARGV     sort_order cursor count
-- returns  {'cold'} | {'ok', epoch, version, cursor, entries, ranked, left out, then per entry: player, packed record,
--          1 when it does not stand in the rankings as its record says, else 0}
--          entries, ranked: sizes of the season, the hidden among both; left out: entries of this page that a flush has yet to write
-- crash    nothing is written

local head = call('HMGET', meta_key, 'epoch', 'version')
if not head[1] then return { 'cold' } end

local scan = call('HSCAN', entries_key, cursor, 'COUNT', count)
local found, players, packed = scan[2], {}, {}
for i = 1, #found, 2 do
  players[#players + 1] = found[i]
  packed[#packed + 1] = found[i + 1]
end
local reply = {
  'ok', tonumber(head[1]), tonumber(head[2]), scan[1], call('HLEN', entries_key),
  call('ZCARD', rank_key) + call('SCARD', unranked_key), 0,
}

-- Whether the entry stands, or does not stand, where its record says.
local function is_right(e, player, member, score)
  if not stands(e) then return not score and call('SISMEMBER', unranked_key, player) == 1 end
  if not score or tonumber(score) ~= ranked(sort_order, e.score) then return false end
  return not e.bucket or call('ZSCORE', bucket_key(rank_key, e.bucket), member) == score
end

for first = 1, #players, CHUNK do
  local last = min(first + CHUNK - 1, #players)
  local dirty = call('SMISMEMBER', dirty_key, unpack(players, first, last))
  local claimed = call('SMISMEMBER', claim_key, unpack(players, first, last))
  local members, entries = {}, {}
  for i = first, last do
    local e = unpack_entry(packed[i])
    entries[i], members[i - first + 1] = e, member_of(e, players[i])
  end
  local placed = call('ZMSCORE', rank_key, unpack(members))
  for i = first, last do
    local n = i - first + 1
    if dirty[n] == 1 or claimed[n] == 1 then
      reply[7] = reply[7] + 1
    else
      local right = is_right(entries[i], players[i], members[n], placed[n])
      reply[#reply + 1] = players[i]
      reply[#reply + 1] = packed[i]
      reply[#reply + 1] = right and 0 or 1
    end
  end
end
return reply
