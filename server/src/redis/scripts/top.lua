-- The first entries of the season, with the position that they are of.
--
-- KEYS     rank_key meta_key
-- ARGV     limit
-- returns  {'cold'} | {'ok', epoch, version, state, total, then per entry: member, ranked score as text}
-- crash    nothing is written

local head = call('HMGET', meta_key, 'epoch', 'version', 'state')
if not head[1] then return { 'cold' } end
local reply = { 'ok', tonumber(head[1]), tonumber(head[2]), head[3], call('ZCARD', rank_key) }
for _, part in ipairs(call('ZRANGE', rank_key, 0, tonumber(limit) - 1, 'WITHSCORES')) do
  reply[#reply + 1] = part
end
return reply
