-- Sets entries to what reconciling found to be right, and marks them dirty. One that changed meanwhile is left alone:
-- its change has marked it.
--
-- KEYS     rank_key entries_key dirty_key meta_key
-- ARGV     epoch sort_order now floor
--          now: stamp; floor: the season's version must pass it, or the database refuses what comes after it
--          then per entry: player, rev that was seen ('' for no entry), packed record
-- returns  entries set; -1 when the season is cold or of another epoch: nothing was done
-- crash    before the reply: set and marked, or as it was

local HEAL_FIELDS = 3

local head = call('HMGET', meta_key, 'epoch', 'version')
if head[1] ~= epoch then return -1 end
local players = {}
for i = rest, #ARGV, HEAL_FIELDS do players[#players + 1] = ARGV[i] end
local now_there = read_entries(entries_key, players)
local entries, member, changed = {}, {}, {}
for n, player in ipairs(players) do
  local i = rest + (n - 1) * HEAL_FIELDS
  local before = now_there[player]
  if (before and before.rev) == tonumber(ARGV[i + 1]) or (not before and ARGV[i + 1] == '') then
    if before then member[player] = member_of(before, player) end
    entries[player] = unpack_entry(ARGV[i + 2])
    -- Wherever it stands, it is put into its place.
    entries[player].was = nil
    changed[#changed + 1] = player
  end
end
if #changed > 0 then
  local version = math.max(tonumber(head[2]), tonumber(floor)) + 1
  local keys = { rank = rank_key, entries = entries_key, dirty = dirty_key, meta = meta_key }
  store_changed(keys, sort_order, changed, entries, member, version, now)
end
return #changed
