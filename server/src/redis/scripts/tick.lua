-- Applies a batch of ticks in order: one atomic step from seq check to rank.
--
-- KEYS     rank_key entries_key dirty_key claim_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key
-- ARGV     kind operator sort_order dirty_limit seen_epoch seen_version redo keep fields ranking bucket_size
--          seen_epoch, seen_version: where the sender saw the season last, '' and 0 when it never did
--          redo: 1 for ticks that were acked before the season lost them, else 0
--          keep: latest or best, of metadata; fields: per tick, 7 on boards without columns, metadata and buckets, else 10
--          bucket_size: 0 on boards without buckets
--          then per tick: player, writer, match key or '', score or '', delta or '', seq or '', stamp of receipt, with 10 also
--          columns or '', metadata or '', the bucket that is wished for (standing.lua) or ''
-- returns  {'cold'} | {'moved', epoch} | {'behind', epoch, version} | {'not-open', state}
--          | {'ok', epoch, version, dirty, then per tick: flags, rank, score, previous rank, previous score, with 10 fields also columns
--          or ''; then, on boards with buckets, per tick: bucket, rank in it}
--          moved: another epoch than the one seen; behind: a version before the one seen; nothing was done
--          flags: 1 improved + 2 repeat + 4 x refusal (1 MATCH_ENDED, 2 MATCH_SUPERSEDED, 3 SCORE_OVERFLOW,
--          4 TOO_MANY_WRITERS, 5 OVERLOADED, 6 COLUMN_OVERFLOW) + 64 hidden; rank and score 0 where there is no entry, rank 0 for the hidden; bucket '' where
--          there is none; ranks are those after the whole batch, previous ranks those before it, 0 where there was no entry; previous
--          score: before this tick, '' where there was none
-- limit    with `dirty_limit` entries dirty or claimed, a tick that would make another one dirty is refused; entries that are
--          dirty or claimed already take theirs, so that the dirty players are bounded and nobody's newest score is held up
-- version  goes up by one for a batch that changed an entry; every entry changed in it gets that rev
-- crash    before the reply: all of it or nothing is kept, the sender does not know which, and a resend with the same
--          seq answers `repeat` for what was kept

local TICK_FIELDS = tonumber(fields)
local HAS_UNITS = TICK_FIELDS == 10
local BUCKET_SIZE = tonumber(bucket_size)
local MATCH_ENDED, MATCH_SUPERSEDED, SCORE_OVERFLOW, TOO_MANY_WRITERS, OVERLOADED, COLUMN_OVERFLOW = 4, 8, 12, 16, 20, 24
local IMPROVED, REPEAT, IS_HIDDEN = 1, 2, 64

local head = call('HMGET', meta_key, 'epoch', 'version', 'state', 'levels', 'hidden')
if not head[1] then return { 'cold' } end
if seen_epoch ~= '' then
  if head[1] ~= seen_epoch then return { 'moved', tonumber(head[1]) } end
  if tonumber(head[2]) < tonumber(seen_version) then return { 'behind', tonumber(head[1]), tonumber(head[2]) } end
end
local is_redo = redo == '1'
-- What was acked while the season was open is owed to it until prizes are settled.
if head[3] ~= 'open' and (not is_redo or head[3] == 'settled') then return { 'not-open', head[3] } end

local is_match = kind == 'match'
-- On an open board that keeps the best, an older tick can do no harm: its seq is kept only with a better score.
local seq_matters = is_match or operator ~= 'best'

-- Ticks of one match are one run; what is not kept as the best is made of many runs, or of the newest one anyway.
local keeps_metadata = is_match or operator ~= 'best' or keep == 'latest'

-- What becomes of the provisional mark: score, stamp and columns; nil when the score would be none, false when a column would.
local function provision(before, before_at, before_columns, score, delta, at, columns)
  local told, told_columns = nil, columns
  if delta ~= '' then
    told = (before or 0) + tonumber(delta)
    if before_columns and columns then told_columns = add_columns(before_columns, columns) end
  else
    told = tonumber(score)
  end
  if not is_score(told) then return nil end
  if columns and not told_columns then return false end
  if told == 0 then told = 0 end
  if before then
    if told == before and told_columns == before_columns then return before, before_at, before_columns end
    if not is_match and operator == 'best' and not is_better(sort_order, told, told_columns, before, before_columns) then
      return before, before_at, before_columns
    end
  end
  return told, at, told_columns
end

-- The refusal of a match's tick, nil when the entry takes it; and whether it begins a newer match.
local function enter_match(e, match)
  if not is_match or (match == e.match and not e.ended) then return nil, false end
  if match == e.match then return MATCH_ENDED, false end
  if precedes(match, e.match) then return MATCH_SUPERSEDED, false end
  return nil, true
end

-- The seqs with a writer more, nil when the entry already has the most writers that it may have. A newer match makes
-- room: ticks of earlier matches are refused, so that what their seqs guarded can no longer happen.
local function with_new_writer(seqs, writer, seq, begins)
  if #seqs >= WRITERS_MAX and writers_of(seqs) >= WRITERS_MAX then
    if not begins then return nil end
    seqs = ''
  end
  return with_seq(seqs, writer, seq)
end

-- Changes `e`, or leaves it as it was. @returns flags, and whether the record must be marked, or only its seqs kept
local function apply(e, writer, match, score, delta, seq, at, columns, metadata)
  local seqs, last, before_seq, after_seq = e.seqs, nil, nil, nil
  if seq ~= '' then
    last, before_seq, after_seq = seq_of(seqs, writer)
    if last and tonumber(seq) <= last then return REPEAT, false, false end
  end
  local refused, begins = enter_match(e, match)
  if refused then return refused, false, false end
  local before, before_at, before_columns, before_metadata
  if not begins then
    before, before_at = e.provisional, e.provisional_at
    before_columns, before_metadata = e.provisional_columns, e.provisional_metadata
  end
  local told, told_at, told_columns = provision(before, before_at, before_columns, score, delta, at, columns)
  -- Servers redo in no order among each other: an older word must not replace a newer one. Deltas add up in any order.
  if is_redo and seq_matters and before and delta == '' and precedes(at, before_at) then
    told, told_at, told_columns, metadata = before, before_at, before_columns, before_metadata or metadata
  end
  if not told then return told == nil and SCORE_OVERFLOW or COLUMN_OVERFLOW, false, false end
  local visible, visible_at, visible_columns = combine(operator, sort_order, e, told, told_at, told_columns)
  if not visible then return visible == nil and SCORE_OVERFLOW or COLUMN_OVERFLOW, false, false end
  local same = not begins and told == before and told_columns == before_columns
  if keeps_metadata then
    metadata = metadata or before_metadata
  elseif same then
    metadata = before_metadata
  end
  same = same and metadata == before_metadata
  if same and not seq_matters then return 0, false, false end
  if last then
    seqs = with_seq(seqs, writer, seq, before_seq, after_seq)
  elseif seq ~= '' then
    seqs = with_new_writer(seqs, writer, seq, begins)
    if not seqs then return TOO_MANY_WRITERS, false, false end
  end
  e.seqs = seqs
  if same then return 0, false, seq ~= '' end
  local flags = 0
  if not is_scored(e) or is_better(sort_order, visible, visible_columns, e.score, e.columns) then flags = IMPROVED end
  e.provisional, e.provisional_at = told, told_at
  e.score, e.at = visible, visible_at
  if told_columns then e.provisional_columns, e.columns = told_columns, visible_columns end
  if metadata or e.provisional_metadata or e.confirmed_metadata then
    e.provisional_metadata = metadata
    e.metadata = shown_metadata(operator, keep, e)
  end
  if is_match then e.match, e.ended = match, false end
  return flags, true, true
end

local argv, players, count = ARGV, {}, 0
for i = rest, #argv, TICK_FIELDS do
  count = count + 1
  players[count] = argv[i]
end
local entries = read_entries(entries_key, players)
local member, marked, kept, changed, kept_only = members_of(entries), {}, {}, {}, {}
local flags, scores, scores_before, shown, wishes, since = {}, {}, {}, {}, {}, nil

-- Who is dirty already: looked up only where the batch could reach the limit.
local room, waits = tonumber(dirty_limit) - call('SCARD', dirty_key) - call('SCARD', claim_key), nil
if count > 0 and room < count then
  waits = {}
  local dirty = call('SMISMEMBER', dirty_key, unpack(players))
  local claimed = call('SMISMEMBER', claim_key, unpack(players))
  for n = 1, count do waits[players[n]] = dirty[n] == 1 or claimed[n] == 1 end
end

local NO_ENTRY = {}

local function copy_of(e)
  local copy = {}
  for name, value in pairs(e) do copy[name] = value end
  return copy
end

for n = 1, count do
  local i = rest + (n - 1) * TICK_FIELDS
  local player, at = players[n], argv[i + 6]
  local before = entries[player]
  local e = before or { rev = 0, finals = 0, match = '', ended = false, seqs = '', new = true }
  scores_before[n] = is_scored(e) and reply_score(e.score) or ''
  local full = waits and room <= 0 and not waits[player] and not marked[player]
  if full then e = copy_of(e) end
  local columns, metadata
  if HAS_UNITS then
    columns, metadata = argv[i + 7], argv[i + 8]
    if columns == '' then columns = nil end
    if metadata == '' then metadata = nil end
    wishes[player] = wishes[player] or argv[i + 9]
  end
  local flag, mark, keeps = apply(e, argv[i + 1], argv[i + 2], argv[i + 3], argv[i + 4], argv[i + 5], at, columns, metadata)
  if full and mark then
    flag, e = OVERLOADED, before or NO_ENTRY
  elseif mark and not marked[player] then
    if not (waits and waits[player]) then room = room - 1 end
    marked[player] = true
    entries[player] = e
    changed[#changed + 1] = player
    since = since or at
  elseif keeps then
    entries[player] = e
    kept[player] = true
  end
  flags[n], scores[n] = flag, e.score and reply_score(e.score) or 0
  if HAS_UNITS then shown[n] = e.columns or '' end
end

local version, previous = tonumber(head[2]), {}
local keys = {
  rank = rank_key, entries = entries_key, dirty = dirty_key, meta = meta_key, levels = levels_key,
  level_counts = level_counts_key, buckets = buckets_key, hidden = hidden_key, unranked = unranked_key,
}
if #changed > 0 then
  version = version + 1
  local rules = { sort_order = sort_order, bucket_size = BUCKET_SIZE, wishes = wishes }
  previous = places_left(keys, ranking, sort_order, changed, entries, member)
  store_changed(keys, { levels = head[4], hidden = head[5] }, rules, changed, entries, member, version, since)
end
-- A seq that changed nothing else is kept without a mark: what it guards is not worth a row in the database.
for player in pairs(kept) do
  if not marked[player] then
    kept_only[#kept_only + 1] = player
    kept_only[#kept_only + 1] = pack_entry(entries[player])
  end
end
call_chunked('HSET', entries_key, kept_only)

local ranks = {}
local reply = { 'ok', tonumber(head[1]), version, call('SCARD', dirty_key) + call('SCARD', claim_key) }
local o = 4
for n = 1, count do
  local player = players[n]
  local rank = ranks[player]
  if not rank then
    local placed = member[player]
    rank = placed and rank_of(keys, ranking, sort_order, placed, entries[player]) or 0
    ranks[player] = rank
    -- Who did not leave the place is told the present rank twice.
    previous[player] = previous[player] or rank
  end
  local flag = flags[n]
  if rank == 0 and entries[player] and entries[player].hidden then flag = flag + IS_HIDDEN end
  reply[o + 1], reply[o + 2], reply[o + 3] = flag, rank, scores[n]
  reply[o + 4], reply[o + 5] = previous[player], scores_before[n]
  if HAS_UNITS then
    reply[o + 6] = shown[n]
    o = o + 6
  else
    o = o + 5
  end
end
if BUCKET_SIZE == 0 then return reply end
ranks = {}
for n = 1, count do
  local player = players[n]
  local e, placed = entries[player], member[player]
  if not ranks[player] then
    ranks[player] = placed and e.bucket and rank_in_bucket(keys, ranking, sort_order, placed, e) or 0
  end
  reply[o + 1], reply[o + 2] = e and e.bucket or '', ranks[player]
  o = o + 2
end
return reply
