-- Moves all dirty players aside for a flusher, or takes over a claim that was not acked to its end.
--
-- KEYS     dirty_key claim_key meta_key
-- ARGV     (none)
-- returns  {'cold'} | {'aside'} | {'ok', epoch, version, flushNo, players, stamp since when or ''}
--          aside: cold, with unflushed entries that wait to be merged
--          version: when the claim was taken; all changes up to it are in the claim or committed
--          flushNo: the claim's number; a claim that is taken over keeps it
-- crash    before the reply: the claim stays, and the next call takes it over

local head = call('HMGET', meta_key, 'epoch', 'version', 'flushNo', 'claimSince', 'claimVersion')
if not head[1] then return { call('HEXISTS', meta_key, 'pastEpoch') == 1 and 'aside' or 'cold' } end
local number = tonumber(head[3])
local claimed = call('SCARD', claim_key)
if claimed > 0 then
  return { 'ok', tonumber(head[1]), tonumber(head[5]), number, claimed, head[4] }
end
if call('EXISTS', dirty_key) == 0 then
  return { 'ok', tonumber(head[1]), tonumber(head[2]), number, 0, '' }
end
local since = call('HGET', meta_key, 'dirtySince')
call('HDEL', meta_key, 'dirtySince')
call('HSET', meta_key, 'flushNo', integer(number + 1), 'claimSince', since, 'claimVersion', head[2],
  'dirtyFrom', head[2])
call('RENAME', dirty_key, claim_key)
return { 'ok', tonumber(head[1]), tonumber(head[2]), number + 1, call('SCARD', claim_key), since }
