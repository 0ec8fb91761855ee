-- Marks entries dirty that have not changed, so that the next flush writes them again.
--
-- KEYS     entries_key dirty_key meta_key
-- ARGV     now
--          now: stamp; then players
-- returns  {'cold'} | {'ok', how many have an entry and are dirty now}
-- crash    before the reply: some rows are written once more

if call('HEXISTS', meta_key, 'epoch') == 0 then return { 'cold' } end
local marked = {}
for i = rest, #ARGV do
  if call('HEXISTS', entries_key, ARGV[i]) == 1 then marked[#marked + 1] = ARGV[i] end
end
if #marked > 0 then
  call_chunked('SADD', dirty_key, marked)
  call('HSETNX', meta_key, 'dirtySince', now)
end
return { 'ok', #marked }
