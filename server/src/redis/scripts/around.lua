-- A player's entry and its neighbours, with the position that they are of. Clamped at the first and the last entry.
--
-- KEYS     rank_key levels_key entries_key meta_key
-- ARGV     ranking columns_width with_metadata player above below
-- returns  {'cold'} | {'ok', epoch, version, state, total, place and rank of the first entry that follows, then per entry: member,
--          ranked score as text, metadata if asked for}; no entries and zeros when the player stands nowhere
-- crash    nothing is written

local head = call('HMGET', meta_key, 'epoch', 'version', 'state')
if not head[1] then return { 'cold' } end
local reply = { 'ok', tonumber(head[1]), tonumber(head[2]), head[3], call('ZCARD', rank_key), 0, 0 }
local e = read_entries(entries_key, { player })[player]
local index = e and call('ZRANK', rank_key, member_of(e, player))
if not index then return reply end
local first, width = math.max(0, index - tonumber(above)), tonumber(columns_width)
local page = call('ZRANGE', rank_key, first, index + tonumber(below), 'WITHSCORES')
reply[6] = first + 1
reply[7] = rank_at({ rank = rank_key, levels = levels_key }, ranking, first + 1, tonumber(page[2]), columns_in(page[1], width))
add_entries(reply, page, width, entries_key, with_metadata == '1')
return reply
