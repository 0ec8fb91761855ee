-- Entries in the total order: from its beginning, or from a place in it, within a range of scores; with the position that they are of.
--
-- KEYS     rank_key levels_key entries_key meta_key
-- ARGV     ranking columns_width with_metadata limit side key_score key_member first_score last_score
--          with_metadata: 1 or 0; side: after or before the entry that key_score and key_member (its ranked score and member) name,
--          whether or not it stands there; '' without one. first_score, last_score: ranked scores that the range begins and ends with,
--          '' where open
-- returns  {'cold'} | {'ok', epoch, version, state, total, entries in the range, entries of it above the page, place and rank of the
--          first entry that follows, then per entry: member, ranked score as text, metadata if asked for}; zeros where none follows
-- crash    nothing is written

local head = call('HMGET', meta_key, 'epoch', 'version', 'state')
if not head[1] then return { 'cold' } end
local total, width, count = call('ZCARD', rank_key), tonumber(columns_width), tonumber(limit)
local range_first, range_after = 0, total
if first_score ~= '' then range_first = call('ZCOUNT', rank_key, '-inf', '(' .. first_score) end
if last_score ~= '' then range_after = call('ZCOUNT', rank_key, '-inf', last_score) end
local first, after = range_first, range_after
if side == 'after' then
  -- The least text past the member itself.
  first = math.max(first, entries_above(rank_key, tonumber(key_score), key_member .. '\0'))
elseif side == 'before' then
  after = min(after, entries_above(rank_key, tonumber(key_score), key_member))
  first = math.max(first, after - count)
end
after = min(after, first + count)
local reply = { 'ok', tonumber(head[1]), tonumber(head[2]), head[3], total, math.max(0, range_after - range_first), 0, 0, 0 }
if after <= first then return reply end
local page = call('ZRANGE', rank_key, first, after - 1, 'WITHSCORES')
reply[7], reply[8] = first - range_first, first + 1
reply[9] = rank_at({ rank = rank_key, levels = levels_key }, ranking, first + 1, tonumber(page[2]), columns_in(page[1], width))
add_entries(reply, page, width, entries_key, with_metadata == '1')
return reply
