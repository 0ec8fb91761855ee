-- Drops what an unfinished build has left.
--
-- KEYS     build_rank_key build_entries_key builder_key
-- ARGV     token
-- returns  1, or 0 when the token no longer holds the lock: nothing was done
-- crash    before the reply: the builder starts again

if call('GET', builder_key) ~= token then return 0 end
call('UNLINK', build_rank_key, build_entries_key)
return 1
