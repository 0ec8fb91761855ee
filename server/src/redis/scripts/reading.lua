-- Stands between standing.lua and every script: what reads of a ranking have in common.

local function columns_in(member, width)
  if width == 0 then return nil end
  return sub(member, 1, width)
end

-- Adds the entries of a page, as ZRANGE WITHSCORES gives it: member, ranked score, and metadata ('' for none) where it is asked for.
local function add_entries(reply, page, width, entries_key, with_metadata)
  local entries = {}
  if with_metadata then
    local players = {}
    for i = 1, #page, 2 do players[#players + 1] = sub(page[i], width + STAMP_WIDTH + 1) end
    entries = read_entries(entries_key, players)
  end
  for i = 1, #page, 2 do
    reply[#reply + 1] = page[i]
    reply[#reply + 1] = page[i + 1]
    if with_metadata then
      local e = entries[sub(page[i], width + STAMP_WIDTH + 1)]
      reply[#reply + 1] = e and e.metadata or ''
    end
  end
end
