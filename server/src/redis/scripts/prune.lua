-- Takes members out of a part of the ranking that no record stands behind.
--
-- KEYS     rank_key entries_key meta_key
-- ARGV     cursor count columns_width
-- returns  {'cold'} | {'ok', cursor, members taken out}
-- crash    before the reply: the same again does no harm

if call('HEXISTS', meta_key, 'epoch') == 0 then return { 'cold' } end
local scan = call('ZSCAN', rank_key, cursor, 'COUNT', count)
local found, members, players = scan[2], {}, {}
for i = 1, #found, 2 do
  members[#members + 1] = found[i]
  players[#players + 1] = sub(found[i], columns_width + STAMP_WIDTH + 1)
end
local entries = read_entries(entries_key, players)
local stray = {}
for i = 1, #members do
  local e = entries[players[i]]
  if not e or member_of(e, players[i]) ~= members[i] then stray[#stray + 1] = members[i] end
end
call_chunked('ZREM', rank_key, stray)
return { 'ok', scan[1], #stray }
