-- Sets entries to what reconciling found to be right, and marks them dirty. One that changed meanwhile is left alone:
-- its change has marked it.
--
-- KEYS     rank_key entries_key dirty_key meta_key levels_key level_counts_key buckets_key hidden_key unranked_key
-- ARGV     epoch sort_order now floor bucket_size
--          now: stamp; floor: the season's version must pass it, or the database refuses what comes after it
--          then per entry: player, rev that was seen ('' for no entry), packed record; whether the player is hidden, and the bucket of one
--          that is here already, are as they are here
-- returns  entries set; -1 when the season is cold or of another epoch: nothing was done
-- crash    before the reply: set and marked, or as it was

local HEAL_FIELDS = 3

local head = call('HMGET', meta_key, 'epoch', 'version', 'levels', 'hidden')
if head[1] ~= epoch then return -1 end
local players = {}
for i = rest, #ARGV, HEAL_FIELDS do players[#players + 1] = ARGV[i] end
local now_there = read_entries(entries_key, players)
local entries, member, changed, wishes = {}, {}, {}, {}
for n, player in ipairs(players) do
  local i = rest + (n - 1) * HEAL_FIELDS
  local before = now_there[player]
  if (before and before.rev) == tonumber(ARGV[i + 1]) or (not before and ARGV[i + 1] == '') then
    local e = unpack_entry(ARGV[i + 2])
    if before then
      -- A hidden one is taken out of the rankings wherever it stands.
      member[player] = member_of(before, player)
      e.hidden, e.bucket = before.hidden, before.bucket
    else
      e.new, e.hidden, wishes[player], e.bucket = true, nil, e.bucket, nil
    end
    -- Put into its place wherever it stands.
    e.was = nil
    entries[player] = e
    changed[#changed + 1] = player
  end
end
if #changed > 0 then
  local version = math.max(tonumber(head[2]), tonumber(floor)) + 1
  local keys = {
    rank = rank_key, entries = entries_key, dirty = dirty_key, meta = meta_key, levels = levels_key,
    level_counts = level_counts_key, buckets = buckets_key, hidden = hidden_key, unranked = unranked_key,
  }
  local rules = { sort_order = sort_order, bucket_size = tonumber(bucket_size), wishes = wishes }
  store_changed(keys, { levels = head[3], hidden = head[4] }, rules, changed, entries, member, version, now)
end
return #changed
