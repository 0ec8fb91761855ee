-- Makes a cold season warm with what was built, in one step.
--
-- KEYS     rank_key entries_key dirty_key claim_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key build_rank_key build_entries_key build_dirty_key build_levels_key build_level_counts_key build_buckets_key build_hidden_key build_unranked_key build_unplaced_key builder_key
-- ARGV     token epoch state filled run now ranking hiding
--          filled: entries that the builder has put into the shadow keys; run: of this Redis; now: stamp; hiding: version of the list of
--          hidden players that the build was told of
-- returns  1, or 0 when the lock was lost, the season is warm already, or what was filled is not all there: nothing
--          was done
-- crash    before the reply: the season is warm under this epoch, or as cold as it was

if call('GET', builder_key) ~= token then return 0 end
if call('HEXISTS', meta_key, 'epoch') == 1 then return 0 end
if call('HLEN', build_entries_key) ~= tonumber(filled) then return 0 end
if call('ZCARD', build_rank_key) + call('SCARD', build_unranked_key) ~= tonumber(filled) then return 0 end
if call('EXISTS', build_unplaced_key) == 1 then return 0 end

local past = call('HMGET', meta_key, 'claimSince', 'dirtySince')
drop_buckets(rank_key, buckets_key)
call('UNLINK', rank_key, entries_key, dirty_key, claim_key, meta_key, levels_key, level_counts_key, hidden_key, unranked_key)

-- @returns whether there was any
local function publish(from, to)
  if call('EXISTS', from) == 0 then return false end
  call('RENAME', from, to)
  return true
end

publish(build_rank_key, rank_key)
publish(build_entries_key, entries_key)
publish(build_levels_key, levels_key)
publish(build_level_counts_key, level_counts_key)
publish(build_unranked_key, unranked_key)
if publish(build_buckets_key, buckets_key) then
  for _, bucket in ipairs(call('HKEYS', buckets_key)) do
    publish(bucket_key(build_rank_key, bucket), bucket_key(rank_key, bucket))
  end
end
call('HSET', meta_key, 'epoch', epoch, 'version', '0', 'state', state, 'flushNo', '0', 'run', run, 'hiding', hiding)
if publish(build_hidden_key, hidden_key) then call('HSET', meta_key, 'hidden', '1') end
if ranking == 'dense' then call('HSET', meta_key, 'levels', '1') end
if publish(build_dirty_key, dirty_key) then
  call('HSET', meta_key, 'version', '1', 'dirtySince', past[1] or past[2] or now)
end
return 1
