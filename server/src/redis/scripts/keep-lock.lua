-- Prolongs a lock for the owner that has it. Unlike hold-lock it takes none: what was lost may have passed to another and back.
--
-- KEYS     lock_key
-- ARGV     owner ttl_ms
-- returns  1 while the owner holds it, else 0
-- crash    the lock ends by itself after ttl_ms

if call('GET', lock_key) == owner then return call('PEXPIRE', lock_key, ttl_ms) end
return 0
