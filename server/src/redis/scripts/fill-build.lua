-- Adds entries to the shadow keys.
--
-- KEYS     build_rank_key build_entries_key build_dirty_key build_levels_key build_level_counts_key build_buckets_key build_hidden_key build_unranked_key build_unplaced_key builder_key
-- ARGV     token filled ranking bucket_size entries
--          filled: entries that the builder has put there so far; entries: one long string, per entry: player, member ('' of a vacant one), ranked
--          score, 1 when it is not in the database, else 0 (u8), bucket ('' for none), each with its length (u8) before it; packed record (u32)
-- returns  entries filled now; -1 when the lock was lost, or when what was filled is no longer all there (Redis lost
--          its last second, or another builder dropped it): nothing was done
-- buckets  whoever has a place keeps it; the others wait in build_unplaced_key until all who have one are here
-- crash    before the reply: the build is abandoned and begun again

if call('GET', builder_key) ~= token then return -1 end
if call('HLEN', build_entries_key) ~= tonumber(filled) then return -1 end
local size = tonumber(bucket_size)
local players, packed, placed, placed_by, dirty, unranked, unplaced = {}, {}, {}, {}, {}, {}, {}
local members, scores, unflushed, buckets, records = {}, {}, {}, {}, {}
local at, n = 1, 0
while at <= #entries do
  n = n + 1
  players[n], members[n], scores[n], unflushed[n], buckets[n], records[n], at = struct_unpack('<Bc0Bc0Bc0BBc0I4c0', entries, at)
end
local is_hidden = {}
if #players > 0 and call('EXISTS', build_hidden_key) == 1 then is_hidden = call('SMISMEMBER', build_hidden_key, unpack(players)) end

-- Whether the entry has a place in its bucket.
local function keeps_bucket(bucket)
  if bucket == '' or tonumber(sub(bucket, find(bucket, '%d+$'))) == 0 then return false end
  if call('HINCRBY', build_buckets_key, bucket, 1) <= size then return true end
  call('HINCRBY', build_buckets_key, bucket, -1)
  return false
end

for n, player in ipairs(players) do
  local record, member, score, bucket = records[n], members[n], scores[n], buckets[n]
  if is_hidden[n] == 1 then
    local e = unpack_entry(record)
    e.hidden = true
    record = pack_entry(e)
    unranked[#unranked + 1] = player
  elseif member == '' then
    unranked[#unranked + 1] = player
  else
    placed[#placed + 1], placed[#placed + 2] = score, member
    placed_by[#placed_by + 1] = player
  end
  packed[#packed + 1], packed[#packed + 2] = player, record
  if unflushed[n] == 1 then dirty[#dirty + 1] = player end
  if size > 0 then
    if not keeps_bucket(bucket) then
      unplaced[#unplaced + 1] = player
    elseif is_hidden[n] ~= 1 and member ~= '' then
      call('ZADD', bucket_key(build_rank_key, bucket), score, member)
    end
  end
end
call_chunked('SADD', build_dirty_key, dirty)
call_chunked('HSET', build_entries_key, packed)
call_chunked('SADD', build_unranked_key, unranked)
call_chunked('SADD', build_unplaced_key, unplaced)
if ranking == 'dense' then
  local keys = { rank = build_rank_key, levels = build_levels_key, level_counts = build_level_counts_key }
  relevel(keys, {}, {}, placed, placed_by)
end
call_chunked('ZADD', build_rank_key, placed)
return call('HLEN', build_entries_key)
