-- Takes hidden players out of the rankings, and brings those back who are shown again. Their entries stay as they are.
--
-- KEYS     rank_key entries_key meta_key levels_key level_counts_key hidden_key unranked_key
-- ARGV     sort_order list_version after hide
--          list_version: of the list of hidden players that this comes from; after: the season is told of list_version by this if it
--          was told of exactly this one; hide: how many of the players that follow are to be hidden, the others to be shown
-- returns  {'cold'} | {'ok', the version of the list that the season was told of}
--          nothing is done when the season was told of a later one: what comes late is older
-- version  of the season: goes up when an entry entered or left the rankings; no entry gets a rev, for none has changed
-- crash    before the reply: done or not; the next look compares the versions

local head = call('HMGET', meta_key, 'epoch', 'version', 'hiding', 'levels')
if not head[1] then return { 'cold' } end
local told = tonumber(head[3]) or 0
if told > tonumber(list_version) then return { 'ok', told } end

local hides, players, hidden, shown = tonumber(hide), {}, {}, {}
for i = rest, #ARGV do
  players[#players + 1] = ARGV[i]
  if #players <= hides then hidden[#hidden + 1] = ARGV[i] else shown[#shown + 1] = ARGV[i] end
end
call_chunked('SADD', hidden_key, hidden)
call_chunked('SREM', hidden_key, shown)
if call('EXISTS', hidden_key) == 1 then call('HSET', meta_key, 'hidden', '1') else call('HDEL', meta_key, 'hidden') end

local entries = read_entries(entries_key, players)
local member = members_of(entries)
local moved, packed, seen = {}, {}, {}
for n, player in ipairs(players) do
  local e, hides_it = entries[player], n <= hides
  if e and not seen[player] and (e.hidden or false) ~= hides_it then
    e.hidden = hides_it or nil
    moved[#moved + 1] = player
    packed[#packed + 1], packed[#packed + 2] = player, pack_entry(e)
  end
  seen[player] = true
end
if #moved > 0 then
  call('HSET', meta_key, 'version', integer(tonumber(head[2]) + 1))
  local keys = { rank = rank_key, levels = levels_key, level_counts = level_counts_key, unranked = unranked_key }
  take_places(keys, { levels = head[4] }, sort_order, moved, entries, member)
  call_chunked('HSET', entries_key, packed)
end
if told == tonumber(after) then
  told = tonumber(list_version)
  call('HSET', meta_key, 'hiding', list_version)
end
return { 'ok', told }
