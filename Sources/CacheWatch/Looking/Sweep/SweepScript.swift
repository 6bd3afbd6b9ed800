internal import CacheCore
internal import CacheWire
internal import CacheModel

/// The read-only script that walks a batch on the server and returns sums.
///
/// It classifies as ``KeyClassifier`` does: a prefix that a separator or the key's end follows is one of the key's
/// heads at a separator, the longest known one wins. What it returns is described where it is read, in `ScriptRow`.
enum SweepScript {
    static let text = """
        local cursor, count, asks, maxseg = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
        local base, groups = ARGV[5], tonumber(ARGV[6])
        local quota, floor, wants, maxttl, must = {}, {}, {}, {}, {}
        local at = 7
        for g = 1, groups do
          quota[g], floor[g], wants[g] = tonumber(ARGV[at]), tonumber(ARGV[at+1]), ARGV[at+2] == '1'
          maxttl[g], must[g] = tonumber(ARGV[at+3]), ARGV[at+4] == '1'
          at = at + 5
        end
        local direct, wild, anywild = {}, {}, false
        while at < #ARGV do
          if ARGV[at+2] == '1' then wild[ARGV[at]] = tonumber(ARGV[at+1]) anywild = true
          else direct[ARGV[at]] = tonumber(ARGV[at+1]) end
          at = at + 3
        end
        local find, sub = string.find, string.sub
        local function longest(key, from, known)
          local best, length, seek = nil, 0, from
          for seg = 1, maxseg do
            local s = find(key, '[:/]', seek)
            local g = known[s and sub(key, from, s - 1) or sub(key, from)]
            if g then best, length = g, s or #key end
            if not s then break end
            seek = s + 1
          end
          return best, length
        end
        local function classify(key)
          local g, length = longest(key, 1, direct)
          if g or not anywild then return g, length end
          if sub(key, 1, #base) ~= base then return nil end
          local s = find(key, '[:/]', #base + 1)
          if not s or s == #base + 1 then return nil end
          return longest(key, s + 1, wild)
        end
        local page = redis.call('SCAN', cursor, 'COUNT', count)
        local askType, askTTL = find(asks, 't') ~= nil, find(asks, 'l') ~= nil
        local askBytes, askIdle = find(asks, 'b') ~= nil, find(asks, 'i') ~= nil
        local rows, loose, inner = {}, {}, 1
        local types = {string=1, hash=2, list=3, set=4, zset=5, stream=6}
        local function head(key)
          local s = find(key, '[:/]')
          if not s or s == 1 or s > 64 then return '' end
          if not find(sub(key, 1, s - 1), '%D') then return '' end
          local e = find(key, '[:/]', s + 1)
          if not e or e == s + 1 or e > 64 then return sub(key, 1, s) end
          local second = sub(key, s + 1, e - 1)
          if not find(second, '%D') then return sub(key, 1, s) end
          if #second >= 8 and find(second, '%d') and not find(second, '[^%x-]') then return sub(key, 1, s) end
          return sub(key, 1, e)
        end
        local function row(g)
          local r = rows[g]
          if not r then
            r = {keys=0, looked=0, bytes=0, timed=0, never=0, above=0, watched=0, idle=0, wbytes=0, ibytes=0,
                 hits=0, misses=0, sizes={}, lives={}, kinds={}, layouts={}, big={}, bad={}}
            rows[g] = r
          end
          return r
        end
        local function life(ms)
          local s = math.floor(ms / 1000)
          if s < 3600 then return math.floor(s / 60) end
          if s < 7200 then return 60 elseif s < 21600 then return 61 elseif s < 86400 then return 62
          elseif s < 604800 then return 63 elseif s < 2592000 then return 64 end
          return 65
        end
        local function bin(size)
          if size < 8 then size = 8 end
          local m, e = math.frexp(size)
          local b = (e - 4) * 8 + math.floor((m * 2 - 1) * 8)
          if b > 327 then b = 327 end
          return b
        end
        for index, key in ipairs(page[2]) do
          local g, length = classify(key)
          if not g then
            g = groups
            at = head(key)
            local l = loose[at]
            if not l then
              l = {0, 0, 0}
              loose[at] = l
            end
            l[1] = l[1] + 1
          end
          local r = row(g)
          r.keys = r.keys + 1
          if g < groups then
            local l = sub(key, 1, length)
            if not r.layouts[l] then r.layouts[l] = true end
          end
          if quota[g] < 0 or r.looked < quota[g] then
            local size, kind, gone = nil, 0, false
            r.looked = r.looked + 1
            if askBytes then
              inner = inner + 1
              size = redis.call('MEMORY', 'USAGE', key)
              if size then
                r.bytes = r.bytes + size
                if g == groups then
                  local l = loose[at]
                  l[2], l[3] = l[2] + size, l[3] + 1
                end
                local b = bin(size)
                r.sizes[b] = (r.sizes[b] or 0) + 1
              else gone = true end
            end
            if askType and (quota[g] >= 0 or index % 8 == 1 or (size and size >= floor[g])) then
              inner = inner + 1
              local t = redis.call('TYPE', key).ok
              if t == 'none' then gone = true r.misses = r.misses + 1
              else r.hits = r.hits + 1 kind = types[t] or 7 r.kinds[kind] = (r.kinds[kind] or 0) + 1 end
            end
            if askTTL then
              inner = inner + 1
              local ms = redis.call('PTTL', key)
              if ms == -2 then gone = true r.misses = r.misses + 1
              else
                r.hits = r.hits + 1
                r.timed = r.timed + 1
                if ms == -1 then
                  r.never = r.never + 1
                  if must[g] and wants[g] and #r.bad < 5 then r.bad[#r.bad+1] = {index, -1} end
                else
                  local b = life(ms)
                  r.lives[b] = (r.lives[b] or 0) + 1
                  if maxttl[g] > 0 and ms > maxttl[g] then
                    r.above = r.above + 1
                    if wants[g] and #r.bad < 5 then r.bad[#r.bad+1] = {index, math.floor(ms / 1000)} end
                  end
                end
              end
            end
            if size and size >= floor[g] then r.big[#r.big+1] = {index, size, kind} end
            if askIdle and (quota[g] >= 0 or index % 8 == 1) and not gone then
              inner = inner + 1
              local t = redis.call('OBJECT', 'IDLETIME', key)
              if t then
                r.hits = r.hits + 1
                r.watched = r.watched + 1
                r.wbytes = r.wbytes + (size or 0)
                if t >= 3600 then r.idle = r.idle + 1 r.ibytes = r.ibytes + (size or 0) end
              end
            end
            if gone then r.looked = r.looked - 1 end
          end
        end
        local function pairsOf(t)
          local list = {}
          for k, v in pairs(t) do list[#list+1] = k list[#list+1] = v end
          return list
        end
        local out = {page[1], inner, #page[2]}
        for g, r in pairs(rows) do
          local layouts, big, bad = {}, {}, {}
          for l in pairs(r.layouts) do layouts[#layouts+1] = l end
          table.sort(r.big, function(a, b) return a[2] > b[2] end)
          for i = 1, math.min(10, #r.big) do
            big[#big+1] = page[2][r.big[i][1]] big[#big+1] = r.big[i][2] big[#big+1] = r.big[i][3]
          end
          for i = 1, #r.bad do bad[#bad+1] = page[2][r.bad[i][1]] bad[#bad+1] = r.bad[i][2] end
          out[#out+1] = {g, r.keys, r.looked, r.bytes, r.timed, r.never, r.above, r.watched, r.idle, r.wbytes,
            r.ibytes, r.hits, r.misses, pairsOf(r.sizes), pairsOf(r.lives), pairsOf(r.kinds), layouts, big, bad}
        end
        local heads = {}
        for h, l in pairs(loose) do heads[#heads+1] = {h, l[1], l[2], l[3]} end
        out[#out+1] = heads
        return out
        """
}
