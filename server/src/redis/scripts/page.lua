-- Records of some claimed players. A record read here is of now, not of the claim: newer is as good, for a change after
-- the claim has marked its player dirty again.
--
-- KEYS     entries_key claim_key meta_key
-- ARGV     cursor count
-- returns  {'cold'} | {'ok', cursor, players with a newline between, then for each the length of its packed record (u32) and the record}: two
--          long strings, because a reply of thousands costs who sends it and who takes it apart several times as much (flush.rows).
--          A player may be in it twice
--          cold: the memory that the claim was in is lost; an empty page would pass for the end of it
-- crash    before the reply: the claim is as it was

if call('HEXISTS', meta_key, 'epoch') == 0 then return { 'cold' } end

local scan = call('SSCAN', claim_key, cursor, 'COUNT', count)
local players, found, packed, missing, length_of = scan[2], {}, {}, {}, {}
local n = 0
for first = 1, #players, CHUNK do
  local last = min(first + CHUNK - 1, #players)
  local records = call('HMGET', entries_key, unpack(players, first, last))
  for i = first, last do
    local record = records[i - first + 1]
    if record then
      local length = #record
      local head = length_of[length]
      if not head then
        head = struct_pack('<I4', length)
        length_of[length] = head
      end
      n = n + 1
      found[n], packed[2 * n - 1], packed[2 * n] = players[i], head, record
    else
      missing[#missing + 1] = players[i]
    end
  end
end
-- A mark without an entry has nothing to write, and would keep the claim from ever being done.
call_chunked('SREM', claim_key, missing)
return { 'ok', scan[1], concat(found, '\n'), concat(packed) }
