-- Tells a build which players are hidden, before it is filled.
--
-- KEYS     build_hidden_key builder_key
-- ARGV     token
--          then players
-- returns  1, 0 when the lock was lost: nothing was done
-- crash    before the reply: the build is abandoned and begun again

if call('GET', builder_key) ~= token then return 0 end
local players = {}
for i = rest, #ARGV do players[#players + 1] = ARGV[i] end
call_chunked('SADD', build_hidden_key, players)
return 1
