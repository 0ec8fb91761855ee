-- Records of some claimed players. A record read here is of now, not of the claim: newer is as good, for a change after
-- the claim has marked its player dirty again.
--
-- KEYS     entries_key claim_key meta_key
-- ARGV     cursor count
-- returns  {'cold'} | {'ok', cursor, then per player: player, packed record}
--          cold: the memory that the claim was in is lost; an empty page would pass for the end of it
-- crash    before the reply: the claim is as it was

if call('HEXISTS', meta_key, 'epoch') == 0 then return { 'cold' } end

local scan = call('SSCAN', claim_key, cursor, 'COUNT', count)
local reply, seen, players, missing = { 'ok', scan[1] }, {}, {}, {}
for _, player in ipairs(scan[2]) do
  if not seen[player] then
    seen[player] = true
    players[#players + 1] = player
  end
end
for first = 1, #players, CHUNK do
  local last = min(first + CHUNK - 1, #players)
  local packed = call('HMGET', entries_key, unpack(players, first, last))
  for i = first, last do
    if packed[i - first + 1] then
      reply[#reply + 1] = players[i]
      reply[#reply + 1] = packed[i - first + 1]
    else
      missing[#missing + 1] = players[i]
    end
  end
end
-- A mark without an entry has nothing to write, and would keep the claim from ever being done.
call_chunked('SREM', claim_key, missing)
return reply
