-- Takes members out of a part of the ranking, or of a bucket's, that no record stands behind.
--
-- KEYS     rank_key entries_key meta_key levels_key level_counts_key
-- ARGV     bucket cursor count columns_width
--          bucket: '' for the whole ranking
-- returns  {'cold'} | {'ok', cursor, members taken out}
-- crash    before the reply: the same again does no harm

if call('HEXISTS', meta_key, 'epoch') == 0 then return { 'cold' } end
local ranking_key = bucket == '' and rank_key or bucket_key(rank_key, bucket)
local scan = call('ZSCAN', ranking_key, cursor, 'COUNT', count)
local found, members, players = scan[2], {}, {}
for i = 1, #found, 2 do
  members[#members + 1] = found[i]
  players[#players + 1] = sub(found[i], columns_width + STAMP_WIDTH + 1)
end
local entries = read_entries(entries_key, players)
local stray, stray_by = {}, {}
for i = 1, #members do
  local e = entries[players[i]]
  local stands = e and stands(e) and member_of(e, players[i]) == members[i] and (bucket == '' or e.bucket == bucket)
  if not stands then stray[#stray + 1], stray_by[#stray_by + 1] = members[i], players[i] end
end
if bucket == '' and call('HEXISTS', meta_key, 'levels') == 1 then
  local keys = { rank = rank_key, levels = levels_key, level_counts = level_counts_key }
  relevel(keys, stray, stray_by, {}, {})
end
call_chunked('ZREM', ranking_key, stray)
return { 'ok', scan[1], #stray }
