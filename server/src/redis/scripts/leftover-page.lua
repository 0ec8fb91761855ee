-- Unflushed players of a life that was set aside, without those that the build has already.
--
-- KEYS     entries_key dirty_key claim_key meta_key build_entries_key
-- ARGV     marks cursor count
--          marks: dirty or claim
-- returns  cursor, then per player: player, packed record
-- crash    nothing is written

local key = marks == 'claim' and claim_key or dirty_key
if call('HEXISTS', meta_key, 'pastEpoch') == 0 or call('HEXISTS', meta_key, 'epoch') == 1 then return { '0' } end
local scan = call('SSCAN', key, cursor, 'COUNT', count)
local reply, seen = { scan[1] }, {}
for _, player in ipairs(scan[2]) do
  if not seen[player] and call('HEXISTS', build_entries_key, player) == 0 then
    seen[player] = true
    local packed = call('HGET', entries_key, player)
    if packed then
      reply[#reply + 1] = player
      reply[#reply + 1] = packed
    end
  end
end
return reply
