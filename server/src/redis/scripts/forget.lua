-- Takes a season out of memory, in one step, if all of it is committed.
--
-- KEYS     rank_key entries_key dirty_key claim_key meta_key
-- ARGV     (none)
-- returns  1 when it is cold now, else 0
-- crash    before the reply: it is cold or as it was; both are whole

if call('EXISTS', dirty_key) + call('EXISTS', claim_key) > 0 then return 0 end
call('UNLINK', meta_key, rank_key, entries_key)
return 1
