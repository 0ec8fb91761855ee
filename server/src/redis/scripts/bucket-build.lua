-- Gives places in buckets to some entries of a build that have none, once all are filled that have one. The new place is in no
-- database yet, so the entry is dirty.
--
-- KEYS     build_rank_key build_entries_key build_dirty_key build_buckets_key build_unplaced_key builder_key
-- ARGV     token sort_order bucket_size unflushed count
--          unflushed: the rev of entries that the database does not have as they are here; count: entries in this call
-- returns  entries that still wait; -1 when the lock was lost: nothing was done
-- crash    before the reply: the build is abandoned and begun again

if call('GET', builder_key) ~= token then return -1 end
local players = call('SPOP', build_unplaced_key, tonumber(count))
local entries = read_entries(build_entries_key, players)
local keys = { buckets = build_buckets_key }
local packed = {}
for _, player in ipairs(players) do
  local e = entries[player]
  e.bucket, e.rev = bucket_for(keys, tonumber(bucket_size), e.bucket or ''), tonumber(unflushed)
  packed[#packed + 1], packed[#packed + 2] = player, pack_entry(e)
  if stands(e) then
    call('ZADD', bucket_key(build_rank_key, e.bucket), ranked(sort_order, e.score), member_of(e, player))
  end
end
call_chunked('SADD', build_dirty_key, players)
call_chunked('HSET', build_entries_key, packed)
return call('SCARD', build_unplaced_key)
