-- Sets scores that Postgres has committed, and ends their match for these players. Works in every state of the season:
-- the database has decided already.
--
-- KEYS     rank_key entries_key dirty_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key
-- ARGV     operator sort_order now keep ranking bucket_size
--          now: stamp; keep: latest or best, of metadata; bucket_size: 0 on boards without buckets; then per write: player, match key,
--          confirmed score, its stamp, finals, its columns or '', its metadata or '', the bucket that is wished for or ''
-- returns  {'cold'} | {'ok', epoch, version, then per write: rank, 0 for the hidden; score; 1 when the entry stands better than before,
--          else 0; rank before the call, 0 where there was no entry; score before this write or ''; columns or ''; bucket or '', rank in it}
-- version  goes up by one for a call that changed an entry; every entry changed in it gets that rev
-- crash    before the reply: the same call again changes nothing, or does it all; finals not known to be here are
--          repaired from the database

local WRITE_FIELDS, WRITE_RESULTS = 8, 8

local head = call('HMGET', meta_key, 'epoch', 'version', 'levels', 'hidden')
if not head[1] then return { 'cold' } end

local function drop_provisional(e)
  e.provisional, e.provisional_at, e.provisional_columns, e.provisional_metadata = nil, nil, nil, nil
end

-- The match of this final is over for the player; a newer one that is being played goes on.
local function end_match(e, match)
  if precedes(match, e.match) or (match == e.match and e.ended) then return false end
  e.match, e.ended = match, true
  drop_provisional(e)
  return true
end

local function apply(e, match, confirmed, confirmed_at, finals, columns, metadata)
  local newer = finals > e.finals
  if newer then
    e.finals, e.confirmed, e.confirmed_at = finals, confirmed, confirmed_at
    e.confirmed_columns, e.confirmed_metadata = columns, metadata
  end
  local ended = end_match(e, match)
  if not newer and not ended then return false end
  local score, at, shown = combine(operator, sort_order, e, e.provisional, e.provisional_at, e.provisional_columns)
  if not score then
    -- Together they leave the range of scores. The final stands; the match being played counts again once it fits.
    drop_provisional(e)
    score, at, shown = e.confirmed, e.confirmed_at, e.confirmed_columns
  end
  e.score, e.at, e.columns = score, at, shown
  e.metadata = shown_metadata(operator, keep, e)
  return true
end

local function filled(text)
  if text ~= '' then return text end
  return nil
end

local players = {}
for i = rest, #ARGV, WRITE_FIELDS do players[#players + 1] = ARGV[i] end
local entries = read_entries(entries_key, players)
local member, marked, changed, wishes = members_of(entries), {}, {}, {}
local scores, better, scores_before, shown = {}, {}, {}, {}

for n, player in ipairs(players) do
  local i = rest + (n - 1) * WRITE_FIELDS
  local e = entries[player]
  if not e then
    e = { rev = 0, finals = 0, match = '', ended = false, seqs = '', new = true }
    entries[player], wishes[player] = e, ARGV[i + 7]
  end
  local score, columns = is_scored(e) and e.score, e.columns
  local changes = apply(e, ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3], tonumber(ARGV[i + 4]), filled(ARGV[i + 5]),
    filled(ARGV[i + 6]))
  if changes and not marked[player] then
    marked[player] = true
    changed[#changed + 1] = player
  end
  better[n] = (not score or is_better(sort_order, e.score, e.columns, score, columns)) and 1 or 0
  scores[n], scores_before[n], shown[n] = reply_score(e.score), score and reply_score(score) or '', e.columns or ''
end

local version, previous = tonumber(head[2]), {}
local keys = {
  rank = rank_key, entries = entries_key, dirty = dirty_key, meta = meta_key, levels = levels_key,
  level_counts = level_counts_key, buckets = buckets_key, hidden = hidden_key, unranked = unranked_key,
}
if #changed > 0 then
  version = version + 1
  local rules = { sort_order = sort_order, bucket_size = tonumber(bucket_size), wishes = wishes }
  previous = places_left(keys, ranking, sort_order, changed, entries, member)
  store_changed(keys, { levels = head[3], hidden = head[4] }, rules, changed, entries, member, version, now)
end

local reply = { 'ok', tonumber(head[1]), version }
for n, player in ipairs(players) do
  local e, placed = entries[player], member[player]
  local rank = placed and rank_of(keys, ranking, sort_order, placed, e) or 0
  local o = 3 + (n - 1) * WRITE_RESULTS
  reply[o + 1], reply[o + 2], reply[o + 3] = rank, scores[n], better[n]
  reply[o + 4], reply[o + 5] = previous[player] or rank, scores_before[n]
  reply[o + 6], reply[o + 7] = shown[n], e.bucket or ''
  reply[o + 8] = placed and e.bucket and rank_in_bucket(keys, ranking, sort_order, placed, e) or 0
end
return reply
