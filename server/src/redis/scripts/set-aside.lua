-- Takes a life of the season that went back in time out of use: every script answers cold from now on, its entries and
-- dirty marks stay for the next build to merge.
--
-- KEYS     meta_key builder_key
-- ARGV     token epoch below run
--          epoch: the life that is meant, '' for whichever it is
--          below: only when the season is at a version below it, '' when the caller knows that it went back
--          run: only when the season was built in another run of Redis, '' for any
-- returns  1, or 0 when the lock was lost or it is not so (any more): nothing was done
-- crash    before the reply: the season is cold with its entries kept, or as it was

if call('GET', builder_key) ~= token then return 0 end
local head = call('HMGET', meta_key, 'epoch', 'version', 'run')
if not head[1] then return 0 end
if epoch ~= '' and head[1] ~= epoch then return 0 end
if below ~= '' and tonumber(head[2]) >= tonumber(below) then return 0 end
if run ~= '' and head[3] == run then return 0 end
call('HSET', meta_key, 'pastEpoch', head[1])
call('HDEL', meta_key, 'epoch')
return 1
