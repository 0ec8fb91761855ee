-- Stands between entry.lua and every script: which rankings an entry stands in, how it enters and leaves them, and what number is
-- shown for it there.
--
--   rank          ZSET of all who are not hidden
--   rank:BUCKET   the same of one bucket, on boards with buckets. Its key is made here, on the season's hash tag as all others
--   levels        ZSET of each different score and columns in `rank`, once, while the season keeps levels (meta has `levels`):
--                 a dense rank is the rank of a level
--   level_counts  HASH: level -> how many stand on it
--   buckets       HASH: bucket -> players that have a place in it, hidden ones too; '>' and a prefix -> number of its newest bucket
--   hidden        SET of all players who are hidden on the board, with or without an entry (meta has `hidden` where there is one)
--   unranked      SET of those of them that have an entry, and of all whose entry is vacant: entries = members of rank + unranked
--
-- `keys` in these functions is a table of these keys by name; `keeps` tells what the season keeps: levels, hidden.

-- Not the hidden, and not the vacant: who has neither a confirmed nor a provisional score, because an abandoned match took the only one.
local function is_scored(e)
  return (e.confirmed or e.provisional) and true or false
end

local function stands(e)
  return not e.hidden and is_scored(e)
end

local function bucket_key(rank_key, bucket)
  return rank_key .. ':' .. bucket
end

-- Levels are told apart by their text, and sorted by their score and then by their columns.
local function level_of(columns, placed)
  return (columns or '') .. integer(placed)
end

-- `deltas`: level -> by how many more entries have it; `placed`: level -> its score in the ZSET.
local function shift_levels(keys, deltas, placed)
  local levels = {}
  for level, delta in pairs(deltas) do
    if delta ~= 0 then levels[#levels + 1] = level end
  end
  local news, gone, counts, emptied = {}, {}, {}, {}
  for first = 1, #levels, CHUNK do
    local last = min(first + CHUNK - 1, #levels)
    local before = call('HMGET', keys.level_counts, unpack(levels, first, last))
    for i = first, last do
      local level, had = levels[i], tonumber(before[i - first + 1]) or 0
      local now = had + deltas[level]
      if now > 0 then
        counts[#counts + 1], counts[#counts + 2] = level, integer(now)
        if had == 0 then news[#news + 1], news[#news + 2] = integer(placed[level]), level end
      else
        emptied[#emptied + 1] = level
        gone[#gone + 1] = level
      end
    end
  end
  call_chunked('HSET', keys.level_counts, counts)
  call_chunked('HDEL', keys.level_counts, emptied)
  call_chunked('ZADD', keys.levels, news)
  call_chunked('ZREM', keys.levels, gone)
end

-- Levels follow what the ranking really holds: `stood` lists members that may leave it or change their score, `placed` is as ZADD takes
-- it. Before the ranking changes.
local function relevel(keys, stood, stood_by, placed, placed_by)
  local deltas, scores = {}, {}
  local function shift(member, player, score, by)
    local level = level_of(sub(member, 1, #member - #player - STAMP_WIDTH), score)
    deltas[level], scores[level] = (deltas[level] or 0) + by, score
  end
  for first = 1, #stood, CHUNK do
    local last = min(first + CHUNK - 1, #stood)
    local before = call('ZMSCORE', keys.rank, unpack(stood, first, last))
    for i = first, last do
      local score = before[i - first + 1]
      if score then shift(stood[i], stood_by[i], tonumber(score), -1) end
    end
  end
  for n = 1, #placed_by do shift(placed[2 * n], placed_by[n], placed[2 * n - 1], 1) end
  shift_levels(keys, deltas, scores)
end

-- Of entries that a script moved by itself, to be sent with the others: changed players, members gone and placed, records by player.
local function no_moves()
  return { changed = {}, gone = {}, placed = {}, records = {} }
end

-- Moves entries to where they stand now, or out of every ranking; those that have not left their place are not touched. `member` holds
-- the members as they stood, nil where none did, and as they stand afterwards. `moves`: none on
-- boards that keep levels.
local function take_places(keys, keeps, sort_order, players, entries, member, moves)
  moves = moves or no_moves()
  local gone, placed, placed_by, stood, stood_by, unranked, buckets = moves.gone, moves.placed, {}, {}, {}, {}, nil
  local reranked = {}
  for n = 1, #players do
    local player = players[n]
    local e, before, now, score = entries[player], member[player], nil, nil
    if not stands(e) then
      unranked[#unranked + 1] = player
    else
      now, score = member_of(e, player), ranked(sort_order, e.score)
    end
    local stays = before and before == now and e.was == e.score
    if now and not stays then
      local i = #placed
      placed_by[#placed_by + 1] = player
      placed[i + 1], placed[i + 2] = score, now
    end
    if not before and now and not e.new then reranked[#reranked + 1] = player end
    if before and not stays then
      if before ~= now then gone[#gone + 1] = before end
      if keeps.levels then stood[#stood + 1], stood_by[#stood + 1] = before, player end
    end
    if e.bucket and not stays then
      buckets = buckets or {}
      local part = buckets[e.bucket]
      if not part then
        part = { gone = {}, placed = {} }
        buckets[e.bucket] = part
      end
      if before and before ~= now then part.gone[#part.gone + 1] = before end
      if now then part.placed[#part.placed + 1], part.placed[#part.placed + 2] = score, now end
    end
    member[player] = now
  end
  if keeps.levels then relevel(keys, stood, stood_by, placed, placed_by) end
  call_chunked('ZREM', keys.rank, gone)
  call_chunked('ZADD', keys.rank, placed)
  call_chunked('SADD', keys.unranked, unranked)
  call_chunked('SREM', keys.unranked, reranked)
  if not buckets then return end
  for bucket, part in pairs(buckets) do
    call_chunked('ZREM', bucket_key(keys.rank, bucket), part.gone)
    call_chunked('ZADD', bucket_key(keys.rank, bucket), part.placed)
  end
end

-- Takes the first place that is free in the buckets of a prefix. What lies below its first open bucket is full.
local function open_bucket(keys, size, prefix)
  local first = tonumber(call('HGET', keys.buckets, '>' .. prefix)) or 1
  while true do
    local names = {}
    for n = 1, 64 do names[n] = prefix .. integer(first + n - 1) end
    local players = call('HMGET', keys.buckets, unpack(names))
    for n = 1, #names do
      if (tonumber(players[n]) or 0) < size then
        call('HSET', keys.buckets, '>' .. prefix, integer(first + n - 1))
        return names[n]
      end
    end
    first = first + #names
  end
end

-- A place in a bucket, for good. `wish`: the bucket that the player had before, where it is known; with 0 for its number, or none, any
-- of its key. One that is full is not entered: another life of the season gave its places to others.
local function bucket_for(keys, size, wish)
  local at = find(wish, '%d+$')
  local prefix = at and sub(wish, 1, at - 1) or wish
  local bucket = wish
  if not at or tonumber(sub(wish, at)) == 0 or (tonumber(call('HGET', keys.buckets, wish)) or 0) >= size then
    bucket = open_bucket(keys, size, prefix)
  end
  call('HINCRBY', keys.buckets, bucket, 1)
  return bucket
end

-- What an entry gets with its first score: no place in the rankings for the hidden, and a place in a bucket.
local function begin_entries(keys, keeps, bucket_size, players, entries, wishes)
  local new = {}
  for n = 1, #players do
    if entries[players[n]].new then new[#new + 1] = players[n] end
  end
  if keeps.hidden then
    for first = 1, #new, CHUNK do
      local last = min(first + CHUNK - 1, #new)
      local is_hidden = call('SMISMEMBER', keys.hidden, unpack(new, first, last))
      for i = first, last do
        if is_hidden[i - first + 1] == 1 then entries[new[i]].hidden = true end
      end
    end
  end
  if bucket_size == 0 then return end
  for n = 1, #players do
    local e = entries[players[n]]
    if not e.bucket then
      -- One that had its place in the other rankings is new to this one.
      e.bucket, e.was = bucket_for(keys, bucket_size, wishes and wishes[players[n]] or ''), nil
    end
  end
end

-- Redis has no rollback, so the dirty mark comes before the score: a false mark costs one row written for nothing, a missing one costs
-- the score at the next loss of memory. `member` holds the members as they stood, nil for one that stood nowhere, and as they stand now
-- afterwards; new entries have `new`. `moves` as `take_places` has it.
local function store_changed(keys, keeps, rules, changed, entries, member, version, since, moves)
  moves = moves or no_moves()
  local marked = moves.changed
  for n = 1, #changed do marked[#marked + 1] = changed[n] end
  call_chunked('SADD', keys.dirty, marked)
  call('HSETNX', keys.meta, 'dirtySince', since)
  call('HSET', keys.meta, 'version', integer(version))
  if keeps.hidden or rules.bucket_size > 0 then
    begin_entries(keys, keeps, rules.bucket_size, changed, entries, rules.wishes)
  end
  local records = moves.records
  for n = 1, #changed do
    local player = changed[n]
    local e = entries[player]
    e.rev = version
    records[#records + 1] = player
    records[#records + 1] = pack_entry(e)
  end
  take_places(keys, keeps, rules.sort_order, changed, entries, member, moves)
  call_chunked('HSET', keys.entries, records)
end

-- The members under which entries stand now: none for the hidden and the vacant.
local function members_of(entries)
  local member = {}
  for player, e in pairs(entries) do
    if stands(e) then member[player] = member_of(e, player) end
  end
  return member
end

-- Takes the rankings of all buckets away, with their counts.
local function drop_buckets(rank_key, buckets_key)
  if call('EXISTS', buckets_key) == 0 then return end
  for _, bucket in ipairs(call('HKEYS', buckets_key)) do
    if byte(bucket) ~= 62 then call('UNLINK', bucket_key(rank_key, bucket)) end
  end
  call('UNLINK', buckets_key)
end

-- Entries that stand above a score and the beginning of a member. Members of one score are in byte order, so the place among them is
-- found by halving: twenty looks in a million equal scores.
local function entries_above(rank_key, placed, member)
  local low = call('ZCOUNT', rank_key, '-inf', '(' .. integer(placed))
  if member == '' then return low end
  local high = call('ZCOUNT', rank_key, '-inf', integer(placed))
  while low < high do
    local middle = floor((low + high) / 2)
    if precedes(call('ZRANGE', rank_key, middle, middle)[1], member) then low = middle + 1 else high = middle end
  end
  return low
end

-- Entries whose score, or columns at the same score, are better.
local function entries_better(rank_key, placed, columns)
  return entries_above(rank_key, placed, columns or '')
end

-- Different results among the first entries, by walking: where no levels are kept.
local function results_until(rank_key, place, width)
  local results, score, columns = 0, nil, nil
  for first = 0, place - 1, CHUNK / 2 do
    local page = call('ZRANGE', rank_key, first, min(first + CHUNK / 2, place) - 1, 'WITHSCORES')
    for i = 1, #page, 2 do
      local its_columns = sub(page[i], 1, width)
      if page[i + 1] ~= score or its_columns ~= columns then
        results, score, columns = results + 1, page[i + 1], its_columns
      end
    end
  end
  return results
end

-- The rank that is shown, in the board's style, of what stands at a place (1-based) in `rank`: its score there and its columns, nil on
-- boards without. In a bucket `levels` is a key that is not there.
local function rank_at(keys, ranking, place, placed, columns)
  if ranking == 'ordinal' then return place end
  if ranking == 'competition' then return entries_better(keys.rank, placed, columns) + 1 end
  local level = call('ZRANK', keys.levels, level_of(columns, placed))
  return level and level + 1 or results_until(keys.rank, place, columns and #columns or 0)
end

-- Of an entry that stands there.
local function rank_of(keys, ranking, sort_order, member, e)
  local place = call('ZRANK', keys.rank, member) + 1
  if ranking == 'ordinal' then return place end
  return rank_at(keys, ranking, place, ranked(sort_order, e.score), e.columns)
end

-- The ranks of those that are about to leave their place, as they still are: player -> rank, 0 where they stand nowhere. `member` holds
-- where they stand.
local function places_left(keys, ranking, sort_order, players, entries, member)
  local ranks = {}
  for n = 1, #players do
    local player = players[n]
    local e, before = entries[player], member[player]
    if not before then
      ranks[player] = 0
    elseif e.was ~= e.score or member_of(e, player) ~= before then
      local place = call('ZRANK', keys.rank, before)
      if place and ranking ~= 'ordinal' then
        local columns = e.columns and sub(before, 1, #e.columns)
        place = rank_at(keys, ranking, place + 1, ranked(sort_order, e.was), columns) - 1
      end
      if place then ranks[player] = place + 1 end
    end
  end
  return ranks
end

-- The same in its bucket.
local function rank_in_bucket(keys, ranking, sort_order, member, e)
  local key = bucket_key(keys.rank, e.bucket)
  return rank_of({ rank = key, levels = bucket_key(key, 'levels') }, ranking, sort_order, member, e)
end
