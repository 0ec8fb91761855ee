-- A player's entry and its neighbours, with the position that they are of. Clamped at the first and the last entry.
--
-- KEYS     rank_key entries_key meta_key
-- ARGV     player above below
-- returns  {'cold'} | {'ok', epoch, version, state, total, rank of the first entry that follows, then per entry: member,
--          ranked score as text}; no entries and rank 0 when the player stands nowhere
-- crash    nothing is written

local head = call('HMGET', meta_key, 'epoch', 'version', 'state')
if not head[1] then return { 'cold' } end
local reply = { 'ok', tonumber(head[1]), tonumber(head[2]), head[3], call('ZCARD', rank_key), 0 }
local e = read_entries(entries_key, { player })[player]
if not e then return reply end
local index = call('ZRANK', rank_key, member_of(e, player))
if not index then return reply end
local first = math.max(0, index - tonumber(above))
reply[6] = first + 1
for _, part in ipairs(call('ZRANGE', rank_key, first, index + tonumber(below), 'WITHSCORES')) do
  reply[#reply + 1] = part
end
return reply
