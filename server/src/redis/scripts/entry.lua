-- Stands before every script: the packed entry, and the arithmetic of shared/src/domain/entry.ts. A contract test holds
-- the two together.
--
-- An entry is a table: rev, finals, score, at, confirmed, confirmed_at, provisional, provisional_at, match, ended, seqs.
-- `at` and its like are stamps: eight bytes in time order. Marks that are absent are nil.

-- Names kept as locals: a global is looked up in a hash at every use, and the tick script is the hot path.
local call = redis.call
local struct_pack, struct_unpack = struct.pack, struct.unpack
local find, sub, byte, gsub, format = string.find, string.sub, string.byte, string.gsub, string.format
local tonumber, unpack, min = tonumber, unpack, math.min

local SCORE_MAX = 9007199254740991
local WRITERS_MAX = 64

-- entry-record.ts reads and writes the same bytes.
local PACKED = '<BI4ddddc8c8c8Bc0Hc0'
local LAYOUT = 16
local NO_STAMP = '--------'

-- Bulk commands are given at most this many arguments at once: Lua's stack holds some 8,000.
local CHUNK = 4000

local function unpack_entry(packed)
  local flags, finals, rev, score, confirmed, provisional, at, confirmed_at, provisional_at, match, seqs =
    struct_unpack(PACKED, packed)
  flags = flags - LAYOUT
  if flags < 0 or flags > 7 then
    error('an entry of another layout: flush and rebuild its season')
  end
  local ended = flags >= 4
  if ended then flags = flags - 4 end
  if flags < 2 then provisional, provisional_at = nil, nil end
  if flags == 0 or flags == 2 then confirmed, confirmed_at = nil, nil end
  return {
    rev = rev, finals = finals, score = score, at = at,
    confirmed = confirmed, confirmed_at = confirmed_at,
    provisional = provisional, provisional_at = provisional_at,
    match = match, ended = ended, seqs = seqs,
  }
end

local function pack_entry(e)
  local flags = LAYOUT
  if e.confirmed then flags = flags + 1 end
  if e.provisional then flags = flags + 2 end
  if e.ended then flags = flags + 4 end
  return struct_pack(PACKED, flags, e.finals, e.rev, e.score, e.confirmed or 0, e.provisional or 0,
    e.at, e.confirmed_at or NO_STAMP, e.provisional_at or NO_STAMP, #e.match, e.match, #e.seqs, e.seqs)
end

-- Byte order. Lua's own `<` on strings follows the locale that Redis was started in, where it is not time order.
local function precedes(a, b)
  if a == b then return false end
  for i = 1, #a do
    local x, y = byte(a, i), byte(b, i)
    if x ~= y then return y ~= nil and x < y end
  end
  return true
end

local function is_score(n)
  return n <= SCORE_MAX and n >= -SCORE_MAX
end

local function is_better(sort_order, a, b)
  if sort_order == 'desc' then return a > b end
  return a < b
end

-- The score of the ZSET, smaller is better, never -0.
local function ranked(sort_order, score)
  if score == 0 then return 0 end
  if sort_order == 'desc' then return -score end
  return score
end

-- Score and stamp of the two marks together; nil when there is neither, or when their sum is not a score.
local function combine(operator, sort_order, confirmed, confirmed_at, provisional, provisional_at)
  if not provisional then return confirmed, confirmed_at end
  if not confirmed then return provisional, provisional_at end
  if operator == 'latest' then
    if precedes(provisional_at, confirmed_at) then return confirmed, confirmed_at end
    return provisional, provisional_at
  end
  if operator == 'sum' then
    local sum = confirmed + provisional
    if not is_score(sum) then return nil end
    if precedes(confirmed_at, provisional_at) then return sum, provisional_at end
    return sum, confirmed_at
  end
  if confirmed == provisional then
    if precedes(provisional_at, confirmed_at) then return provisional, provisional_at end
    return confirmed, confirmed_at
  end
  if is_better(sort_order, provisional, confirmed) then return provisional, provisional_at end
  return confirmed, confirmed_at
end

-- Last seq of a writer and where it stands in `seqs`; nil when the writer has none.
local function seq_of(seqs, writer)
  local _, before = find(seqs, ';' .. writer .. '=', 1, true)
  if not before then return nil end
  local after = find(seqs, ';', before + 1, true)
  return tonumber(sub(seqs, before + 1, after - 1)), before, after
end

-- `before` and `after` as `seq_of` gave them.
local function with_seq(seqs, writer, seq, before, after)
  if before then return sub(seqs, 1, before) .. seq .. sub(seqs, after) end
  if seqs == '' then seqs = ';' end
  return seqs .. writer .. '=' .. seq .. ';'
end

local function writers_of(seqs)
  local _, count = gsub(seqs, '=', '=')
  return count
end

-- HMGET of any number of players: player -> entry; players without one are left out.
local function read_entries(entries_key, players)
  local found = {}
  for first = 1, #players, CHUNK do
    local last = min(first + CHUNK - 1, #players)
    local packed = call('HMGET', entries_key, unpack(players, first, last))
    for i = first, last do
      if packed[i - first + 1] then found[players[i]] = unpack_entry(packed[i - first + 1]) end
    end
  end
  return found
end

local function call_chunked(command, key, items)
  for first = 1, #items, CHUNK do
    call(command, key, unpack(items, first, min(first + CHUNK - 1, #items)))
  end
end

local function integer(n)
  return format('%.0f', n)
end

-- A score for a reply. The client's parser rounds whole numbers within 57 of the end of the range, so those go as text.
local function reply_score(score)
  if score > SCORE_MAX - 64 or score < 64 - SCORE_MAX then return integer(score) end
  return score
end

-- Redis has no rollback, so the dirty mark comes before the score: a false mark costs one row written for nothing, a
-- missing one costs the score at the next loss of memory. `changed` lists players; `member` holds the members as they
-- stood in the ZSET, nil for a new entry, and as they stand now afterwards.
local function store_changed(keys, sort_order, changed, entries, member, version, since)
  call_chunked('SADD', keys.dirty, changed)
  call('HSETNX', keys.meta, 'dirtySince', since)
  call('HSET', keys.meta, 'version', integer(version))
  local gone, placed, packed = {}, {}, {}
  for n = 1, #changed do
    local player = changed[n]
    local e = entries[player]
    e.rev = version
    local now, before = e.at .. player, member[player]
    if before and before ~= now then gone[#gone + 1] = before end
    member[player] = now
    local i = 2 * n
    placed[i - 1], placed[i] = ranked(sort_order, e.score), now
    packed[i - 1], packed[i] = player, pack_entry(e)
  end
  call_chunked('ZREM', keys.rank, gone)
  call_chunked('ZADD', keys.rank, placed)
  call_chunked('HSET', keys.entries, packed)
end
