-- Ranks and scores of the players named, with the position that they are of.
--
-- KEYS     rank_key entries_key meta_key
-- ARGV     (none)
--          then players
-- returns  {'cold'} | {'ok', epoch, version, state, total, then per player: rank, score, stamp}; rank 0 where there is no entry,
--          -1 for the hidden
-- crash    nothing is written

local head = call('HMGET', meta_key, 'epoch', 'version', 'state')
if not head[1] then return { 'cold' } end
local reply = { 'ok', tonumber(head[1]), tonumber(head[2]), head[3], call('ZCARD', rank_key) }
local players = {}
for i = rest, #ARGV do players[#players + 1] = ARGV[i] end
local entries = read_entries(entries_key, players)
for n, player in ipairs(players) do
  local e = entries[player]
  local o = 5 + (n - 1) * 3
  if e then
    local index = call('ZRANK', rank_key, member_of(e, player))
    reply[o + 1] = index and index + 1 or -1
    reply[o + 2], reply[o + 3] = reply_score(e.score), e.at
  else
    reply[o + 1], reply[o + 2], reply[o + 3] = 0, 0, ''
  end
end
return reply
