-- Ranks and scores of the players named, with the position that they are of.
--
-- KEYS     rank_key entries_key meta_key
-- ARGV     ranking sort_order
--          then players
-- returns  {'cold'} | {'ok', epoch, version, state, total, then per player: place, rank, entries that are better, score, stamp}; place
--          and rank 0 where there is no entry
-- crash    nothing is written

local head = call('HMGET', meta_key, 'epoch', 'version', 'state')
if not head[1] then return { 'cold' } end
local reply = { 'ok', tonumber(head[1]), tonumber(head[2]), head[3], call('ZCARD', rank_key) }
local players = {}
for i = rest, #ARGV do players[#players + 1] = ARGV[i] end
local entries = read_entries(entries_key, players)
local o = 5
for _, player in ipairs(players) do
  local e = entries[player]
  local index = e and call('ZRANK', rank_key, e.at .. player)
  if index then
    local place, score = index + 1, integer(ranked(sort_order, e.score))
    local better = entries_above(rank_key, score, '')
    local rank = ranking == 'competition' and better + 1 or rank_at(rank_key, ranking, place, score)
    reply[o + 1], reply[o + 2], reply[o + 3] = place, rank, better
    reply[o + 4], reply[o + 5] = reply_score(e.score), e.at
  else
    reply[o + 1], reply[o + 2], reply[o + 3], reply[o + 4], reply[o + 5] = 0, 0, 0, 0, ''
  end
  o = o + 5
end
return reply
