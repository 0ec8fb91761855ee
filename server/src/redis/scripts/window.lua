-- What a loss of Redis could cost now.
--
-- KEYS     rank_key dirty_key claim_key meta_key
-- ARGV     (none)
-- returns  {'cold'} | {'ok', epoch, version, state, total, dirty, stamp since when, '' when nothing is dirty}
--          dirty: changed plus claimed; an entry that changed again while claimed counts twice, as two rows will be written
-- crash    nothing is written

local head = call('HMGET', meta_key, 'epoch', 'version', 'state', 'dirtySince', 'claimSince', 'pastEpoch')
-- What was set aside is cold to all others, and still not in the database.
head[1] = head[1] or head[6]
if not head[1] then return { 'cold' } end
local dirty = call('SCARD', dirty_key) + call('SCARD', claim_key)
local since = head[4] or head[5] or ''
if head[4] and head[5] and precedes(head[5], head[4]) then since = head[5] end
if dirty == 0 then since = '' end
return { 'ok', tonumber(head[1]), tonumber(head[2]), head[3], call('ZCARD', rank_key), dirty, since }
