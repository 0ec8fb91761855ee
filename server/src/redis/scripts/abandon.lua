-- Drops what an abandoned match left of its ticks, and ends it for these players. Works in every state of the season: the database has
-- decided already.
--
-- KEYS     rank_key entries_key dirty_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key
-- ARGV     sort_order now keep operator bucket_size match
--          now: stamp; keep: latest or best, of metadata; match: its match key; then players
-- returns  {'cold'} | {'ok', epoch, entries changed, the largest rev among entries whose match is over, 0 where there is none}
--          a player who has begun a newer match, or has no entry, is left alone
-- version  goes up by one for a call that changed an entry; every entry changed in it gets that rev
-- crash    before the reply: the same call again changes nothing, or does it all

local head = call('HMGET', meta_key, 'epoch', 'version', 'levels', 'hidden')
if not head[1] then return { 'cold' } end

local players = {}
for i = rest, #ARGV do players[#players + 1] = ARGV[i] end
local entries = read_entries(entries_key, players)
local member, changed, rev = members_of(entries), {}, 0

local function abandon(e)
  e.ended = true
  e.provisional, e.provisional_at, e.provisional_columns, e.provisional_metadata = nil, nil, nil, nil
  -- Without a final nothing is left: the entry is vacant.
  e.score, e.at, e.columns = e.confirmed or 0, e.confirmed_at or now, e.confirmed_columns
  e.metadata = shown_metadata(operator, keep, e)
end

for player, e in pairs(entries) do
  if e.match == match then
    if e.ended then
      rev = math.max(rev, e.rev)
    else
      abandon(e)
      changed[#changed + 1] = player
    end
  end
end
table.sort(changed)

if #changed > 0 then
  rev = tonumber(head[2]) + 1
  local keys = {
    rank = rank_key, entries = entries_key, dirty = dirty_key, meta = meta_key, levels = levels_key,
    level_counts = level_counts_key, buckets = buckets_key, hidden = hidden_key, unranked = unranked_key,
  }
  local rules = { sort_order = sort_order, bucket_size = tonumber(bucket_size) }
  store_changed(keys, { levels = head[3], hidden = head[4] }, rules, changed, entries, member, rev, now)
end
return { 'ok', tonumber(head[1]), #changed, rev }
