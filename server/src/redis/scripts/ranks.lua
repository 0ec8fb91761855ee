-- Ranks and scores of the players named, with the position that they are of.
--
-- KEYS     rank_key levels_key entries_key meta_key
-- ARGV     ranking sort_order in_buckets
--          in_buckets: 1 to tell the bucket and the rank there, else 0; then players
-- returns  {'cold'} | {'ok', epoch, version, state, total, then per player: place, rank, entries that are better, score, stamp,
--          columns, metadata, bucket or '', rank in it or 0}; place 0 where there is no entry, -1 where it is hidden
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
  local place, rank, better, bucket_rank = 0, 0, 0, 0
  if e then
    local index = call('ZRANK', rank_key, member_of(e, player))
    if index then
      local placed = ranked(sort_order, e.score)
      place, better = index + 1, entries_better(rank_key, placed, e.columns)
      rank = better + 1
      if ranking ~= 'competition' then rank = rank_at({ rank = rank_key, levels = levels_key }, ranking, place, placed, e.columns) end
      if in_buckets == '1' and e.bucket then
        bucket_rank = rank_in_bucket({ rank = rank_key }, ranking, sort_order, member_of(e, player), e)
      end
    elseif e.hidden then
      place = -1
    else
      e = nil
    end
  end
  reply[o + 1], reply[o + 2], reply[o + 3] = place, rank, better
  reply[o + 4], reply[o + 5] = e and reply_score(e.score) or 0, e and e.at or ''
  reply[o + 6], reply[o + 7] = e and e.columns or '', e and e.metadata or ''
  reply[o + 8], reply[o + 9] = e and e.bucket or '', bucket_rank
  o = o + 9
end
return reply
