-- Takes a clean season out of memory, if it is still the one that was seen.
--
-- KEYS     rank_key entries_key dirty_key claim_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key
-- ARGV     epoch version
-- returns  1, or 0 when the season is cold, has changed since, or has anything that is not committed: nothing was done
-- crash    before the reply: the season is cold, or as it was

local head = call('HMGET', meta_key, 'epoch', 'version')
if head[1] ~= epoch or head[2] ~= version then return 0 end
if call('EXISTS', dirty_key, claim_key) > 0 then return 0 end
drop_buckets(rank_key, buckets_key)
call('UNLINK', rank_key, entries_key, meta_key, levels_key, level_counts_key, hidden_key, unranked_key)
return 1
