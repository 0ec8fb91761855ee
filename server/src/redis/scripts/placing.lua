-- Stands between entry.lua and every script: where entries stand in the ranking, and which numbers they get.
-- shared/src/domain/rank.ts numbers the same way.

-- Entries that stand above a score and the beginning of a member. Members of one score are in byte order, so the place among them is
-- found by halving: twenty looks in a million equal scores.
local function entries_above(rank_key, score, member)
  local low = call('ZCOUNT', rank_key, '-inf', '(' .. score)
  if member == '' then return low end
  local high = call('ZCOUNT', rank_key, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if precedes(call('ZRANGE', rank_key, middle, middle)[1], member) then low = middle + 1 else high = middle end
  end
  return low
end

-- Different scores among the first `place` entries.
local function groups_until(rank_key, place)
  local groups, index = 0, 0
  while index < place do
    groups = groups + 1
    index = call('ZCOUNT', rank_key, '-inf', call('ZRANGE', rank_key, index, index, 'WITHSCORES')[2])
  end
  return groups
end

-- The number shown for the entry at a place.
-- `score` is the ranked score as text
local function rank_at(rank_key, ranking, place, score)
  if ranking == 'competition' then return entries_above(rank_key, score, '') + 1 end
  if ranking == 'dense' then return groups_until(rank_key, place) end
  return place
end
