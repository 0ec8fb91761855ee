-- Gives a lock back, if the owner still has it.
--
-- KEYS     lock_key
-- ARGV     owner
-- returns  1 when it was given back, else 0
-- crash    the lock ends by itself

if call('GET', lock_key) == owner then return call('DEL', lock_key) end
return 0
