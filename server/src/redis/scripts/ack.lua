-- Forgets committed players of a claim. Names the claim, because an ack can come late:
--
--   1. flusher A writes a page, commits, and stalls
--   2. flusher B takes the claim over, finishes it, and its last ack ends it
--   3. a player of that page scores again, and B claims anew
--   4. A's ack arrives                            <- here it would wipe the mark of a score that nobody has written
--
-- KEYS     claim_key meta_key
-- ARGV     epoch flush_no done players
--          done: 1 with the last page, else 0; players: with a newline between
-- returns  the players that are left in the claim, -1 when the claim is over or the epoch another: nothing was done
-- crash    before the reply: some rows are written once more

local head = call('HMGET', meta_key, 'epoch', 'flushNo')
if head[1] ~= epoch or head[2] ~= flush_no then return -1 end
local acked, n = {}, 0
for player in gmatch(players, '[^\n]+') do
  n = n + 1
  acked[n] = player
end
call_chunked('SREM', claim_key, acked)
local left = call('SCARD', claim_key)
if done == '1' and left == 0 then call('HDEL', meta_key, 'claimSince', 'claimVersion') end
return left
