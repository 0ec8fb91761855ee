-- Sets scores that Postgres has committed, and ends their match for these players. Works in every state of the season:
-- the database has decided already.
--
-- KEYS     rank_key entries_key dirty_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key
-- ARGV     operator sort_order now keep has_units ranking bucket_size count packed
--          now: stamp; keep: latest or best, of metadata; has_units: 0 on boards without columns, metadata and buckets, else 1;
--          bucket_size: 0 on boards without buckets
--          packed: `count` f64 of confirmed scores, as many f64 of finals, then as many players and as many match keys as text, each
--          u8 length and text, then as many stamps of the confirmed scores
--          then, where has_units, per write: its columns or '', its metadata or '', the bucket that is wished for or ''
-- returns  {'cold'} | {'ok', epoch, version, packed, then, where has_units, per write: columns or ''; bucket or '', rank in it}
--          packed: per write five f64: rank, 0 for the hidden; score; 1 when the entry stands better than before, else 0; rank before the
--          call, 0 where there was no entry; score before this write, NaN where there was none
-- version  goes up by one for a call that changed an entry; every entry changed in it gets that rev
-- crash    before the reply: the same call again changes nothing, or does it all; finals not known to be here are
--          repaired from the database

local HAS_UNITS, NONE = has_units == '1', 0 / 0

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

local count = tonumber(count)
local numbers = { struct_unpack('<' .. rep('d', 2 * count), packed) }
local texts = { struct_unpack(rep('Bc0', 2 * count) .. rep('c8', count), packed, 16 * count + 1) }

-- Finals of one player come together where many matches end at once: each entry is read once.
local players, met = {}, {}
for n = 1, count do
  local player = texts[n]
  if not met[player] then
    met[player] = true
    players[#players + 1] = player
  end
end
local entries = read_entries(entries_key, players)
local member, marked, changed, wishes = members_of(entries), {}, {}, {}
-- Five of each write, as the reply has them.
local told, shown = {}, {}

for n = 1, count do
  local player, i, o = texts[n], rest + 3 * (n - 1), 5 * n - 4
  local e = entries[player]
  if not e then
    e = { rev = 0, finals = 0, match = '', ended = false, seqs = '', new = true }
    entries[player], wishes[player] = e, ARGV[i + 2]
  end
  local score, columns = is_scored(e) and e.score, e.columns
  local own_columns, metadata
  if HAS_UNITS then own_columns, metadata = filled(ARGV[i]), filled(ARGV[i + 1]) end
  local changes = apply(e, texts[count + n], numbers[n], texts[2 * count + n], numbers[count + n], own_columns, metadata)
  if changes and not marked[player] then
    marked[player] = true
    changed[#changed + 1] = player
  end
  local better = not score or is_better(sort_order, e.score, e.columns, score, columns)
  told[o], told[o + 1], told[o + 2], told[o + 3], told[o + 4] = 0, e.score, better and 1 or 0, 0, score or NONE
  shown[n] = e.columns or ''
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

local ranks = {}
for n = 1, count do
  local player, o = texts[n], 5 * n - 4
  local rank = ranks[player]
  if not rank then
    local placed = member[player]
    rank = placed and rank_of(keys, ranking, sort_order, placed, entries[player]) or 0
    ranks[player] = rank
  end
  told[o], told[o + 3] = rank, previous[player] or rank
end
local reply = { 'ok', tonumber(head[1]), version, struct_pack('<' .. rep('d', 5 * count), unpack(told)) }
if not HAS_UNITS then return reply end
for n = 1, count do
  local player, o = texts[n], 4 + 3 * (n - 1)
  local e, placed = entries[player], member[player]
  reply[o + 1], reply[o + 2] = shown[n], e.bucket or ''
  reply[o + 3] = placed and e.bucket and rank_in_bucket(keys, ranking, sort_order, placed, e) or 0
end
return reply
