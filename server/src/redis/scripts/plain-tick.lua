-- Stands before tick.lua: the short way of a tick on a plain entry, which is what nearly all ticks are. A plain entry has a provisional
-- mark and nothing else, and seqs of one writer: its record is read and written by one call each, and no table is made of it
-- (`redis.ticks`: without it a tick costs Redis about twice as much). Whatever is not plain goes the long way; a contract test holds both
-- to shared/src/domain/entry.ts.

local PLAIN, PLAIN_IN_MATCH = PROVISIONAL + SHOWS_PROVISIONAL, PROVISIONAL + SHOWS_PROVISIONAL + HAS_MATCH
local STAMP_END = 24

-- What stands between stamp and seq in the record of a plain entry, and how such a record is read.
local function plain_tail(match, writer)
  local tail = ';' .. writer .. '='
  if match ~= '' then tail = char(#match) .. match .. tail end
  return tail, '<BBI6dc8c' .. #tail
end

-- @returns score, stamp, rev and last seq of a plain entry with that tail; nil when the record is none
local function read_plain(record, flags, tail, format)
  if #record < STAMP_END + #tail then return nil end
  local layout, its_flags, rev, score, at, its_tail, next = struct_unpack(format, record)
  if layout ~= LAYOUT or its_flags ~= flags or its_tail ~= tail then return nil end
  -- No number where another writer follows.
  return score, at, rev, tonumber(sub(record, next, -2))
end
