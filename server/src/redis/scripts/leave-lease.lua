-- Gives the lease back, if the owner still has it, and stops counting the owner among those that look after the season.
--
-- KEYS     lease_key crew_key
-- ARGV     owner
-- returns  1 when the lease was given back, else 0
-- crash    lease and membership end by themselves

call('ZREM', crew_key, owner)
if call('GET', lease_key) == owner then return call('DEL', lease_key) end
return 0
