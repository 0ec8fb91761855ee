-- Applies a batch of ticks in order: one atomic step from seq check to rank. Ticks of plain entries take the short way of plain-tick.lua.
--
-- KEYS     rank_key entries_key dirty_key claim_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key
-- ARGV     kind operator sort_order dirty_limit seen_epoch seen_version redo keep has_units ranking bucket_size count packed
--          seen_epoch, seen_version: where the sender saw the season last, '' and 0 when it never did
--          redo: 1 for ticks that were acked before the season lost them, else 0
--          keep: latest or best, of metadata; has_units: 0 on boards without columns, metadata and buckets, else 1
--          bucket_size: 0 on boards without buckets
--          packed: `count` f64 of scores or deltas, as many f64 of seqs, 0 for none, then as many players and as many seqs as text,
--          each u8 length and text
--          then runs of ticks that share them, until there are `count`: ticks, writer ('' when each player is its own), match key or '',
--          stamp of receipt, 1 when they are deltas else 0
--          then, where has_units: per tick columns or '', metadata or '', the bucket that is wished for (standing.lua) or ''
-- returns  {'cold'} | {'moved', epoch} | {'behind', epoch, version} | {'not-open', state}
--          | {'ok', epoch, version, dirty, packed, then where has_units, per tick: columns or ''; then, on boards with buckets, per tick:
--          bucket, rank in it}
--          packed: per tick five f64: flags, rank, score, previous rank, previous score
--          moved: another epoch than the one seen; behind: a version before the one seen; nothing was done
--          flags: 1 improved + 2 repeat + 4 x refusal (1 MATCH_ENDED, 2 MATCH_SUPERSEDED, 3 SCORE_OVERFLOW,
--          4 TOO_MANY_WRITERS, 5 OVERLOADED, 6 COLUMN_OVERFLOW) + 64 hidden; rank and score 0 where there is no entry, rank 0 for the hidden; bucket '' where
--          there is none; ranks are those after the whole batch, previous ranks those before it, 0 where there was no entry; previous
--          score: before this tick, NaN where there was none
-- limit    with `dirty_limit` entries dirty or claimed, a tick that would make another one dirty is refused; entries that are
--          dirty or claimed already take theirs, so that the dirty players are bounded and nobody's newest score is held up
-- version  goes up by one for a batch that changed an entry; every entry changed in it gets that rev
-- crash    before the reply: all of it or nothing is kept, the sender does not know which, and a resend with the same
--          seq answers `repeat` for what was kept

local HAS_UNITS = has_units == '1'
local BUCKET_SIZE = tonumber(bucket_size)
local MATCH_ENDED, MATCH_SUPERSEDED, SCORE_OVERFLOW, TOO_MANY_WRITERS, OVERLOADED, COLUMN_OVERFLOW = 4, 8, 12, 16, 20, 24
local IMPROVED, REPEAT, IS_HIDDEN = 1, 2, 64
local NONE = 0 / 0

local head = call('HMGET', meta_key, 'epoch', 'version', 'state', 'levels', 'hidden', 'dirtyFrom')
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
local function provision(before, before_at, before_columns, amount, is_delta, at, columns)
  local told, told_columns = amount, columns
  if is_delta then
    told = (before or 0) + amount
    if before_columns and columns then told_columns = add_columns(before_columns, columns) end
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
local function apply(e, writer, match, amount, is_delta, seq, seq_text, at, columns, metadata)
  local seqs, last, before_seq, after_seq = e.seqs, nil, nil, nil
  if seq > 0 then
    last, before_seq, after_seq = seq_of(seqs, writer)
    if last and seq <= last then return REPEAT, false, false end
  end
  local refused, begins = enter_match(e, match)
  if refused then return refused, false, false end
  local before, before_at, before_columns, before_metadata
  if not begins then
    before, before_at = e.provisional, e.provisional_at
    before_columns, before_metadata = e.provisional_columns, e.provisional_metadata
  end
  local told, told_at, told_columns = provision(before, before_at, before_columns, amount, is_delta, at, columns)
  -- Servers redo in no order among each other: an older word must not replace a newer one. Deltas add up in any order.
  if is_redo and seq_matters and before and not is_delta and precedes(at, before_at) then
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
    seqs = with_seq(seqs, writer, seq_text, before_seq, after_seq)
  elseif seq > 0 then
    seqs = with_new_writer(seqs, writer, seq_text, begins)
    if not seqs then return TOO_MANY_WRITERS, false, false end
  end
  e.seqs = seqs
  if same then return 0, false, seq > 0 end
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

local count = tonumber(count)
local numbers = { struct_unpack('<' .. rep('d', 2 * count), packed) }
local texts = { struct_unpack(rep('Bc0', 2 * count), packed, 16 * count + 1) }
local players = { unpack(texts, 1, count) }
local records = count > 0 and call('HMGET', entries_key, unpack(players)) or {}

-- Who is dirty already: looked up only where the batch could reach the limit.
local room, waits = tonumber(dirty_limit) - call('SCARD', dirty_key) - call('SCARD', claim_key), nil
if count > 0 and room < count then
  waits = {}
  local dirty = call('SMISMEMBER', dirty_key, unpack(players))
  local claimed = call('SMISMEMBER', claim_key, unpack(players))
  for n = 1, count do waits[players[n]] = dirty[n] == 1 or claimed[n] == 1 end
end

-- The place of a player's only tick in the batch; 0 where there are several.
local only = {}
for n = 1, count do only[players[n]] = only[players[n]] and 0 or n end

local version = tonumber(head[2]) + 1
local plain = ranking == 'ordinal' and not (HAS_UNITS or is_redo or waits or head[4])
local plain_flags = is_match and PLAIN_IN_MATCH or PLAIN
local plain_head = struct_pack('<BBI6', LAYOUT, plain_flags, version)
local moves = no_moves()
local moved, stood, since = {}, {}, nil
local descending = sort_order == 'desc'
-- Whoever changed after that version is dirty already.
local dirty_from = tonumber(head[6]) or SCORE_MAX

local entries, member, marked, kept, changed = {}, {}, {}, {}, {}
-- Five of each tick, as the reply has them.
local told, shown, wishes = {}, {}, {}
local NO_ENTRY = {}

local function copy_of(e)
  local copy = {}
  for name, value in pairs(e) do copy[name] = value end
  return copy
end

-- @returns false when the entry is not plain. What it does to the entry is what `apply` does.
local function tick_plain(n, tail, format, amount, is_delta, at)
  local record, player, seq = records[n], players[n], numbers[count + n]
  if seq == 0 then return false end
  local before, before_at, rev, last = read_plain(record, plain_flags, tail, format)
  if not last then return false end
  local o, score, flag = 5 * n - 4, is_delta and before + amount or amount, 0
  local improves = score > before
  if not descending then improves = score < before end
  stood[n] = before_at .. player
  if seq <= last then
    score, flag = before, REPEAT
  elseif score > SCORE_MAX or score < -SCORE_MAX then
    score, flag = before, SCORE_OVERFLOW
  elseif improves or seq_matters then
    local packed_records = moves.records
    local r = #packed_records
    packed_records[r + 1] = player
    if score == before then
      packed_records[r + 2] = sub(record, 1, STAMP_END) .. tail .. texts[count + n] .. ';'
    else
      if improves then flag = IMPROVED end
      packed_records[r + 2] = plain_head .. struct_pack('<d', score) .. at .. tail .. texts[count + n] .. ';'
      local i, placed = #moved + 1, moves.placed
      moved[i], moves.gone[i] = n, stood[n]
      stood[n] = at .. player
      placed[2 * i - 1], placed[2 * i] = descending and 0 - score or score, stood[n]
      if rev <= dirty_from then moves.changed[#moves.changed + 1] = player end
      since = since or at
    end
  else
    score = before
  end
  told[o], told[o + 1], told[o + 2], told[o + 3], told[o + 4] = flag, 0, score, false, before
  return true
end

-- The long way.
local function tick_any(n, writer, match, amount, is_delta, at)
  local player, record = players[n], records[n]
  if not entries[player] and record then
    entries[player] = unpack_entry(record)
    if stands(entries[player]) then member[player] = member_of(entries[player], player) end
  end
  local before = entries[player]
  local e = before or { rev = 0, finals = 0, match = '', ended = false, seqs = '', new = true }
  local o = 5 * n - 4
  local score_before = is_scored(e) and e.score or NONE
  local full = waits and room <= 0 and not waits[player] and not marked[player]
  if full then e = copy_of(e) end
  local columns, metadata
  if HAS_UNITS then
    local i = #ARGV - 3 * (count - n + 1) + 1
    columns, metadata = ARGV[i], ARGV[i + 1]
    if columns == '' then columns = nil end
    if metadata == '' then metadata = nil end
    wishes[player] = wishes[player] or ARGV[i + 2]
  end
  local flag, mark, keeps =
    apply(e, writer, match, amount, is_delta, numbers[count + n], texts[count + n], at, columns, metadata)
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
  told[o], told[o + 1], told[o + 2], told[o + 3], told[o + 4] = flag, 0, e.score or 0, false, score_before
  if HAS_UNITS then shown[n] = e.columns or '' end
end

local run, left = rest, 0
local writer, match, at, is_delta, own, tail, format
for n = 1, count do
  if left == 0 then
    left, writer, match, at = tonumber(ARGV[run]), ARGV[run + 1], ARGV[run + 2], ARGV[run + 3]
    is_delta, own, run = ARGV[run + 4] == '1', writer == '', run + 5
    if plain and not own then tail, format = plain_tail(match, writer) end
  end
  left = left - 1
  local player = players[n]
  if own then
    writer = player
    if plain then tail, format = plain_tail(match, player) end
  end
  local is_plain = plain and only[player] ~= 0 and records[n] and tick_plain(n, tail, format, numbers[n], is_delta, at)
  if not is_plain then tick_any(n, writer, match, numbers[n], is_delta, at) end
end

local keys = {
  rank = rank_key, entries = entries_key, dirty = dirty_key, meta = meta_key, levels = levels_key,
  level_counts = level_counts_key, buckets = buckets_key, hidden = hidden_key, unranked = unranked_key,
}
-- A seq that changed nothing else is kept without a mark: what it guards is not worth a row in the database.
for player in pairs(kept) do
  if not marked[player] then
    moves.records[#moves.records + 1] = player
    moves.records[#moves.records + 1] = pack_entry(entries[player])
  end
end
local previous = places_left(keys, ranking, sort_order, changed, entries, member)
for i = 1, #moved do told[5 * moved[i] - 1] = call('ZRANK', rank_key, moves.gone[i]) + 1 end
if #changed > 0 or #moved > 0 then
  local rules = { sort_order = sort_order, bucket_size = BUCKET_SIZE, wishes = wishes }
  store_changed(keys, { levels = head[4], hidden = head[5] }, rules, changed, entries, member, version, since, moves)
else
  version = version - 1
  call_chunked('HSET', entries_key, moves.records)
end

local ranks = {}
for n = 1, count do
  local o, player, standing = 5 * n - 4, players[n], stood[n]
  if standing then
    local rank = call('ZRANK', rank_key, standing) + 1
    told[o + 1], told[o + 3] = rank, told[o + 3] or rank
  else
    local rank = ranks[player]
    if not rank then
      local placed = member[player]
      rank = placed and rank_of(keys, ranking, sort_order, placed, entries[player]) or 0
      ranks[player] = rank
    end
    if rank == 0 and entries[player] and entries[player].hidden then told[o] = told[o] + IS_HIDDEN end
    -- Who did not leave the place is told the present rank twice.
    told[o + 1], told[o + 3] = rank, previous[player] or rank
  end
end
local reply = {
  'ok', tonumber(head[1]), version, call('SCARD', dirty_key) + call('SCARD', claim_key),
  struct_pack('<' .. rep('d', 5 * count), unpack(told)),
}
local o = #reply
for n = 1, #shown do reply[o + n] = shown[n] end
if BUCKET_SIZE == 0 then return reply end
o = #reply
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
