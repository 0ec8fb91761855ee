-- Drops what an unfinished build has left.
--
-- KEYS     build_rank_key build_entries_key build_dirty_key build_levels_key build_level_counts_key build_buckets_key build_hidden_key build_unranked_key build_unplaced_key meta_key builder_key
-- ARGV     token
-- returns  1, 2 when a life of the season was set aside, whose entries are to be merged; 0 when the token no longer holds
--          the lock: nothing was done
-- crash    before the reply: the builder starts again

if call('GET', builder_key) ~= token then return 0 end
drop_buckets(build_rank_key, build_buckets_key)
call('UNLINK', build_rank_key, build_entries_key, build_dirty_key, build_levels_key, build_level_counts_key,
  build_hidden_key, build_unranked_key, build_unplaced_key)
return 1 + call('HEXISTS', meta_key, 'pastEpoch')
