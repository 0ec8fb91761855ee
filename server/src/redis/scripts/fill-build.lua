-- Adds entries to the shadow keys.
--
-- KEYS     build_rank_key build_entries_key build_dirty_key builder_key
-- ARGV     token filled
--          filled: entries that the builder has put there so far; then per entry: player, packed record, member, ranked score,
--          1 when it is not in the database, else 0
-- returns  entries filled now; -1 when the lock was lost, or when what was filled is no longer all there (Redis lost
--          its last second, or another builder dropped it): nothing was done
-- crash    before the reply: the build is abandoned and begun again

local ENTRY_FIELDS = 5

if call('GET', builder_key) ~= token then return -1 end
if call('HLEN', build_entries_key) ~= tonumber(filled) then return -1 end
local packed, placed, dirty = {}, {}, {}
for i = rest, #ARGV, ENTRY_FIELDS do
  packed[#packed + 1] = ARGV[i]
  packed[#packed + 1] = ARGV[i + 1]
  placed[#placed + 1] = ARGV[i + 3]
  placed[#placed + 1] = ARGV[i + 2]
  if ARGV[i + 4] == '1' then dirty[#dirty + 1] = ARGV[i] end
end
call_chunked('SADD', build_dirty_key, dirty)
call_chunked('HSET', build_entries_key, packed)
call_chunked('ZADD', build_rank_key, placed)
return call('HLEN', build_entries_key)
