-- What matches stand at for players, before a final ends them there.
--
-- KEYS     entries_key meta_key
-- ARGV     (none)
--          then pairs of player and match key
-- returns  {'cold'} | {'ok', then per pair: kind, score}; score 0 unless playing
--          kind: 0 no ticks of this match are known; 1 playing; 2 over; 3 as it was loaded from the database, which knew the final already
-- crash    nothing is written

local NONE, PLAYING, OVER, LOADED = 0, 1, 2, 3

if call('HEXISTS', meta_key, 'epoch') == 0 then return { 'cold' } end
local players = {}
for i = rest, #ARGV, 2 do players[#players + 1] = ARGV[i] end
local entries = read_entries(entries_key, players)
local reply = { 'ok' }
for n, player in ipairs(players) do
  local e = entries[player]
  local kind, score = NONE, 0
  if e and e.match == ARGV[rest + 2 * n - 1] then
    if e.ended then
      kind = e.rev == 0 and LOADED or OVER
    elseif e.provisional then
      kind, score = PLAYING, e.provisional
    end
  end
  reply[2 * n], reply[2 * n + 1] = kind, reply_score(score)
end
return reply
