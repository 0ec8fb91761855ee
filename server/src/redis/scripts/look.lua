-- Which of these players stand behind what the database had of them a moment ago.
--
-- KEYS     entries_key meta_key
-- ARGV     epoch
--          then per player: player, least rev, least count of finals
-- returns  {'cold'} | {'ok', epoch, then per player that is behind: player, 1 rev + 2 finals, packed record, '' when
--          there is no entry}; none when the epoch is another
-- crash    nothing is written

local LOOK_FIELDS = 3

local now = call('HGET', meta_key, 'epoch')
if not now then return { 'cold' } end
local reply = { 'ok', tonumber(now) }
if now ~= epoch then return reply end
local players = {}
for i = rest, #ARGV, LOOK_FIELDS do players[#players + 1] = ARGV[i] end
for first = 1, #players, CHUNK do
  local last = min(first + CHUNK - 1, #players)
  local packed = call('HMGET', entries_key, unpack(players, first, last))
  for i = first, last do
    local record = packed[i - first + 1]
    local flags = 3
    if record then
      local e = unpack_entry(record)
      local at = rest + (i - 1) * LOOK_FIELDS
      flags = (e.rev < tonumber(ARGV[at + 1]) and 1 or 0) + (e.finals < tonumber(ARGV[at + 2]) and 2 or 0)
    end
    if flags > 0 then
      reply[#reply + 1] = players[i]
      reply[#reply + 1] = flags
      reply[#reply + 1] = record or ''
    end
  end
end
return reply
