-- What a life that was set aside has of some players.
--
-- KEYS     entries_key meta_key
-- ARGV     (none)
--          players
-- returns  per player: packed record or '' where there is none, or where nothing is set aside
-- crash    nothing is written

local reply = {}
local aside = call('HEXISTS', meta_key, 'pastEpoch') == 1 and call('HEXISTS', meta_key, 'epoch') == 0
for first = 1, #ARGV, CHUNK do
  local last = min(first + CHUNK - 1, #ARGV)
  local packed = aside and call('HMGET', entries_key, unpack(ARGV, first, last)) or {}
  for i = first, last do reply[i] = packed[i - first + 1] or '' end
end
return reply
