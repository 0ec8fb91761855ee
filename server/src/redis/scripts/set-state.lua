-- Copies the season's state from the database. States only go forward, so that two servers that copy at once, the later
-- one first, cannot open a closed season again.
--
-- KEYS     meta_key
-- ARGV     state
--          then the states that come before it
-- returns  1 when the season now has the state, 0 when it is cold or past it
-- crash    before the reply: the same call again does no harm

local now = call('HMGET', meta_key, 'epoch', 'state')
if not now[1] then return 0 end
if now[2] == state then return 1 end
for i = rest, #ARGV do
  if now[2] == ARGV[i] then
    call('HSET', meta_key, 'state', state)
    return 1
  end
end
return 0
