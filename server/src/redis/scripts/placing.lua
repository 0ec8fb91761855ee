-- Stands between entry.lua and every script: where entries stand in a ranking, and which number is shown for them there.
-- shared/src/domain/rank.ts numbers the same way.

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

-- Different results among the first entries.
local function results_until(rank_key, place, width)
  local results, index = 0, 0
  while index < place do
    local there = call('ZRANGE', rank_key, index, index, 'WITHSCORES')
    results = results + 1
    -- No digit of a stamp is as great.
    index = entries_above(rank_key, tonumber(there[2]), sub(there[1], 1, width) .. '\127')
  end
  return results
end

-- The rank that is shown for what stands at a place (1-based): its score there and its columns, nil on boards without.
local function rank_at(keys, ranking, place, placed, columns)
  if ranking == 'competition' then return entries_better(keys.rank, placed, columns) + 1 end
  if ranking == 'dense' then return results_until(keys.rank, place, columns and #columns or 0) end
  return place
end
