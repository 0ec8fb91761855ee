-- Takes a season out of memory, in one step, if all of it is committed.
--
-- KEYS     rank_key entries_key dirty_key claim_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key
-- ARGV     (none)
-- returns  1 when it is cold now, else 0: also for a life that was set aside, whose entries wait to be merged
-- crash    before the reply: it is cold or as it was; both are whole

if call('HEXISTS', meta_key, 'epoch') == 0 and call('HEXISTS', meta_key, 'pastEpoch') == 1 then return 0 end
if call('EXISTS', dirty_key) + call('EXISTS', claim_key) > 0 then return 0 end
drop_buckets(rank_key, buckets_key)
call('UNLINK', meta_key, rank_key, entries_key, levels_key, level_counts_key, hidden_key, unranked_key)
return 1
