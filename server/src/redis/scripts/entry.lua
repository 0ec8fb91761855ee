-- Stands before every script: the packed entry, and the arithmetic of shared/src/domain/entry.ts and columns.ts. A contract
-- test holds them together.
--
-- An entry is a table: rev, finals, score, at, confirmed, confirmed_at, provisional, provisional_at, match, ended, seqs;
-- `was` is the score as it was read.
-- `at` and its like are stamps: eight bytes in time order. Marks that are absent are nil.
-- Where its board has them also: columns, confirmed_columns, provisional_columns; metadata, confirmed_metadata,
-- provisional_metadata; bucket; hidden. Else they are nil.

-- Names kept as locals: a global is looked up in a hash at every use, and the tick script is the hot path.
local call = redis.call
local struct_pack, struct_unpack, band = struct.pack, struct.unpack, bit.band
local find, sub, byte, char = string.find, string.sub, string.byte, string.char
local gsub, gmatch, format, rep, concat = string.gsub, string.gmatch, string.format, string.rep, table.concat
local tonumber, unpack, min, floor = tonumber, unpack, math.min, math.floor

local SCORE_MAX = 9007199254740991
local WRITERS_MAX = 64

-- entry-record.ts reads and writes the same bytes.
local LAYOUT, LAYOUT_END = 64, 127
local CONFIRMED, PROVISIONAL, ENDED, SHOWS_CONFIRMED, SHOWS_PROVISIONAL, HIDDEN, HAS_MATCH = 1, 2, 4, 8, 16, 32, 64
local HAS_COLUMNS, CONFIRMED_METADATA, PROVISIONAL_METADATA = 1, 2, 4
local SHOWS_PROVISIONAL_METADATA, SHOWS_CONFIRMED_METADATA, HAS_BUCKET = 8, 16, 32
local STAMP_WIDTH = 8

-- Bulk commands are given at most this many arguments at once: Lua's stack holds some 8,000.
local CHUNK = 4000

-- What most boards have none of. `next` is where it begins. @returns where it ends
local function unpack_extras(e, packed, extras, flags, next)
  if band(extras, HAS_COLUMNS) ~= 0 then
    if e.confirmed then e.confirmed_columns, next = struct_unpack('Bc0', packed, next) end
    if e.provisional then e.provisional_columns, next = struct_unpack('Bc0', packed, next) end
    if band(flags, SHOWS_PROVISIONAL) ~= 0 then
      e.columns = e.provisional_columns
    elseif band(flags, SHOWS_CONFIRMED) ~= 0 then
      e.columns = e.confirmed_columns
    else
      e.columns, next = struct_unpack('Bc0', packed, next)
    end
  end
  if band(extras, CONFIRMED_METADATA) ~= 0 then e.confirmed_metadata, next = struct_unpack('<Hc0', packed, next) end
  if band(extras, PROVISIONAL_METADATA) ~= 0 then
    e.provisional_metadata, next = struct_unpack('<Hc0', packed, next)
  end
  if band(extras, SHOWS_PROVISIONAL_METADATA) ~= 0 then
    e.metadata = e.provisional_metadata
  elseif band(extras, SHOWS_CONFIRMED_METADATA) ~= 0 then
    e.metadata = e.confirmed_metadata
  end
  if band(extras, HAS_BUCKET) ~= 0 then e.bucket, next = struct_unpack('Bc0', packed, next) end
  return next
end

local function unpack_entry(packed)
  local layout, flags, rev, next = struct_unpack('<BBI6', packed)
  if layout < LAYOUT or layout > LAYOUT_END then
    error('an entry of another layout: flush and rebuild its season')
  end
  local finals, match, seqs = 0, '', ''
  local confirmed, confirmed_at, provisional, provisional_at, score, at
  if band(flags, CONFIRMED) ~= 0 then
    finals, confirmed, confirmed_at, next = struct_unpack('<I4dc8', packed, next)
  end
  if band(flags, PROVISIONAL) ~= 0 then provisional, provisional_at, next = struct_unpack('<dc8', packed, next) end
  if band(flags, SHOWS_PROVISIONAL) ~= 0 then
    score, at = provisional, provisional_at
  elseif band(flags, SHOWS_CONFIRMED) ~= 0 then
    score, at = confirmed, confirmed_at
  else
    score, at, next = struct_unpack('<dc8', packed, next)
  end
  if band(flags, HAS_MATCH) ~= 0 then match, next = struct_unpack('Bc0', packed, next) end
  local e = {
    rev = rev, finals = finals, score = score, was = score, at = at,
    confirmed = confirmed, confirmed_at = confirmed_at,
    provisional = provisional, provisional_at = provisional_at,
    match = match, ended = band(flags, ENDED) ~= 0, seqs = seqs,
  }
  if layout > LAYOUT then next = unpack_extras(e, packed, layout - LAYOUT, flags, next) end
  if band(flags, HIDDEN) ~= 0 then e.hidden = true end
  if next <= #packed then e.seqs = sub(packed, next) end
  return e
end

-- @returns the bits and the bytes of what most boards have none of
local function pack_extras(e, shows_a_mark)
  local bits, packed = 0, ''
  if e.columns then
    bits = HAS_COLUMNS
    if e.confirmed then packed = struct_pack('Bc0', #e.confirmed_columns, e.confirmed_columns) end
    if e.provisional then packed = packed .. struct_pack('Bc0', #e.provisional_columns, e.provisional_columns) end
    if not shows_a_mark then packed = packed .. struct_pack('Bc0', #e.columns, e.columns) end
  end
  if e.confirmed_metadata then
    bits = bits + CONFIRMED_METADATA
    packed = packed .. struct_pack('<Hc0', #e.confirmed_metadata, e.confirmed_metadata)
  end
  if e.provisional_metadata then
    bits = bits + PROVISIONAL_METADATA
    packed = packed .. struct_pack('<Hc0', #e.provisional_metadata, e.provisional_metadata)
  end
  if e.metadata and e.metadata == e.provisional_metadata then
    bits = bits + SHOWS_PROVISIONAL_METADATA
  elseif e.metadata then
    bits = bits + SHOWS_CONFIRMED_METADATA
  end
  if e.bucket then
    bits = bits + HAS_BUCKET
    packed = packed .. struct_pack('Bc0', #e.bucket, e.bucket)
  end
  return bits, packed
end

local function pack_entry(e)
  local score, at, confirmed, provisional, match = e.score, e.at, e.confirmed, e.provisional, e.match
  local flags, layout, shown, extras = 0, LAYOUT, '', ''
  if confirmed then flags = CONFIRMED end
  if provisional then flags = flags + PROVISIONAL end
  if e.ended then flags = flags + ENDED end
  if score == provisional and at == e.provisional_at and e.columns == e.provisional_columns then
    flags = flags + SHOWS_PROVISIONAL
  elseif score == confirmed and at == e.confirmed_at and e.columns == e.confirmed_columns then
    flags = flags + SHOWS_CONFIRMED
  else
    shown = struct_pack('<dc8', score, at)
  end
  if e.hidden then flags = flags + HIDDEN end
  if match ~= '' then
    flags = flags + HAS_MATCH
    match = char(#match) .. match
  end
  if e.columns or e.confirmed_metadata or e.provisional_metadata or e.bucket then
    local bits
    bits, extras = pack_extras(e, shown == '')
    layout = layout + bits
  end
  local head
  if not confirmed then
    if provisional then
      head = struct_pack('<BBI6dc8', layout, flags, e.rev, provisional, e.provisional_at)
    else
      head = struct_pack('<BBI6', layout, flags, e.rev)
    end
  elseif provisional then
    head = struct_pack('<BBI6I4dc8dc8', layout, flags, e.rev, e.finals, confirmed, e.confirmed_at, provisional,
      e.provisional_at)
  else
    head = struct_pack('<BBI6I4dc8', layout, flags, e.rev, e.finals, confirmed, e.confirmed_at)
  end
  return head .. shown .. match .. extras .. e.seqs
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

-- Columns are absent on both sides or on none.
local function is_better(sort_order, a, a_columns, b, b_columns)
  if a == b then return a_columns ~= b_columns and precedes(a_columns, b_columns) end
  if sort_order == 'desc' then return a > b end
  return a < b
end

local COLUMN_WIDTH, COLUMN_LOW, COLUMN_HIGH_OFFSET = 9, 16777216, 536870912
local DIGITS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'

local function value_of_digits(text, first, last)
  local value = 0
  for i = first, last do
    local b = byte(text, i)
    value = value * 64 + (b >= 97 and b - 59 or b == 95 and 37 or b >= 65 and b - 54 or b >= 48 and b - 47 or 0)
  end
  return value
end

local function digits_of(value, width)
  local digits = ''
  for _ = 1, width do
    local digit = value % 64
    digits = sub(DIGITS, digit + 1, digit + 1) .. digits
    value = (value - digit) / 64
  end
  return digits
end

-- A column's number up to its sign.
local function column_at(columns, first)
  return (value_of_digits(columns, first, first + 4) - COLUMN_HIGH_OFFSET) * COLUMN_LOW
    + value_of_digits(columns, first + 5, first + COLUMN_WIDTH - 1)
end

-- nil when a sum is not a score.
local function add_columns(a, b)
  local sums = ''
  for first = 1, #a, COLUMN_WIDTH do
    local sum = column_at(a, first) + column_at(b, first)
    if not is_score(sum) then return nil end
    local high = floor(sum / COLUMN_LOW)
    sums = sums .. digits_of(high + COLUMN_HIGH_OFFSET, 5) .. digits_of(sum - high * COLUMN_LOW, 4)
  end
  return sums
end

-- The score of the ZSET, smaller is better, never -0.
local function ranked(sort_order, score)
  if score == 0 then return 0 end
  if sort_order == 'desc' then return -score end
  return score
end

-- Score, stamp and columns of the confirmed mark and this provisional one together; nil when there is neither, or when their sum is not
-- a score, false when that is so of a column.
local function combine(operator, sort_order, e, provisional, provisional_at, provisional_columns)
  local confirmed, confirmed_at, confirmed_columns = e.confirmed, e.confirmed_at, e.confirmed_columns
  if not provisional then return confirmed, confirmed_at, confirmed_columns end
  if not confirmed then return provisional, provisional_at, provisional_columns end
  local takes_provisional
  if operator == 'latest' then
    takes_provisional = not precedes(provisional_at, confirmed_at)
  elseif operator == 'sum' then
    local sum, columns = confirmed + provisional, nil
    if not is_score(sum) then return nil end
    if confirmed_columns then
      columns = add_columns(confirmed_columns, provisional_columns)
      if not columns then return false end
    end
    return sum, precedes(confirmed_at, provisional_at) and provisional_at or confirmed_at, columns
  elseif confirmed == provisional and confirmed_columns == provisional_columns then
    takes_provisional = precedes(provisional_at, confirmed_at)
  else
    takes_provisional = is_better(sort_order, provisional, provisional_columns, confirmed, confirmed_columns)
  end
  if takes_provisional then return provisional, provisional_at, provisional_columns end
  return confirmed, confirmed_at, confirmed_columns
end

-- Of an entry whose score, stamp and columns are set.
local function shown_metadata(operator, keep, e)
  if not e.provisional_metadata and not e.confirmed_metadata then return nil end
  if operator ~= 'best' or keep == 'latest' then return e.provisional_metadata or e.confirmed_metadata end
  local shows_confirmed = e.score == e.confirmed and e.at == e.confirmed_at and e.columns == e.confirmed_columns
  if shows_confirmed then return e.confirmed_metadata end
  return e.provisional_metadata
end

-- What stands in the ZSET for an entry.
local function member_of(e, player)
  if e.columns then return e.columns .. e.at .. player end
  return e.at .. player
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
