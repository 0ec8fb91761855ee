-- Takes or prolongs the lease of a season's flusher, for the one server that should have it: of those that look after the
-- season now, the one whose name hashed together with the season's is the largest. So seasons spread over servers, and a
-- server that comes or goes moves only its own share. One that should not have it (any more) gives it up.
--
-- KEYS     lease_key crew_key
-- ARGV     owner ttl_ms stay_ms
--          stay_ms: how long the owner counts among those that look after the season
-- returns  1 while the owner holds it, else 0
-- crash    lease and membership end by themselves

local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
call('ZREMRANGEBYSCORE', crew_key, '-inf', integer(now))
call('ZADD', crew_key, integer(now + tonumber(stay_ms)), owner)
call('PEXPIRE', crew_key, stay_ms)

local chosen, largest
for _, member in ipairs(call('ZRANGE', crew_key, 0, -1)) do
  local hash = redis.sha1hex(member .. lease_key)
  if not largest or precedes(largest, hash) then chosen, largest = member, hash end
end
local holder = call('GET', lease_key)
if chosen ~= owner then
  if holder == owner then call('DEL', lease_key) end
  return 0
end
if holder and holder ~= owner then return 0 end
call('SET', lease_key, owner, 'PX', ttl_ms)
return 1
