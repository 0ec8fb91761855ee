-- Takes a season out of memory, in one step, if all of it is committed.
--
-- KEYS     rank_key entries_key dirty_key claim_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key
-- ARGV     epoch version
--          where the season was seen, or '' and '': wherever it is
-- returns  1 when it is cold now, else 0, and nothing was done: it has changed since, has something that is not committed, or is a life that
--          was set aside, whose entries wait to be merged
-- crash    before the reply: the season is cold, or as it was

local head = call('HMGET', meta_key, 'epoch', 'version', 'pastEpoch')
if epoch ~= '' and (head[1] ~= epoch or head[2] ~= version) then return 0 end
if head[3] and not head[1] then return 0 end
if call('EXISTS', dirty_key, claim_key) > 0 then return 0 end
drop_buckets(rank_key, buckets_key)
call('UNLINK', rank_key, entries_key, meta_key, levels_key, level_counts_key, hidden_key, unranked_key)
return 1
