-- Makes a cold season warm with what was built, in one step.
--
-- KEYS     rank_key entries_key dirty_key claim_key meta_key build_rank_key build_entries_key build_dirty_key builder_key
-- ARGV     token epoch state filled run now
--          filled: entries that the builder has put into the shadow keys; run: of this Redis; now: stamp
-- returns  1, or 0 when the lock was lost, the season is warm already, or what was filled is not all there: nothing
--          was done
-- crash    before the reply: the season is warm under this epoch, or as cold as it was

if call('GET', builder_key) ~= token then return 0 end
if call('HEXISTS', meta_key, 'epoch') == 1 then return 0 end
if call('HLEN', build_entries_key) ~= tonumber(filled) then return 0 end
if call('ZCARD', build_rank_key) ~= tonumber(filled) then return 0 end
local past = call('HMGET', meta_key, 'claimSince', 'dirtySince')
call('UNLINK', rank_key, entries_key, dirty_key, claim_key, meta_key)
if tonumber(filled) > 0 then
  call('RENAME', build_rank_key, rank_key)
  call('RENAME', build_entries_key, entries_key)
end
call('HSET', meta_key, 'epoch', epoch, 'version', '0', 'state', state, 'flushNo', '0', 'run', run)
if call('EXISTS', build_dirty_key) == 1 then
  call('RENAME', build_dirty_key, dirty_key)
  call('HSET', meta_key, 'version', '1', 'dirtySince', past[1] or past[2] or now)
end
return 1
