-- Takes a lock, or prolongs it for the owner that has it.
--
-- KEYS     lock_key
-- ARGV     owner ttl_ms
-- returns  1 while the owner holds it, else 0
-- crash    the lock ends by itself after ttl_ms

if call('GET', lock_key) == owner then return call('PEXPIRE', lock_key, ttl_ms) end
if call('SET', lock_key, owner, 'NX', 'PX', ttl_ms) then return 1 end
return 0
