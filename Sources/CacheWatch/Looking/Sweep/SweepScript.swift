internal import CacheModel

/// The read-only script that walks a batch on the server and returns sums.
///
/// It is called with the cursor, COUNT, the letters of what is asked of keys (`t` TYPE, `l` PTTL, `b` MEMORY USAGE,
/// `i` OBJECT IDLETIME), the most segments of a known prefix, the prefix of all keys, the number of groups; for each
/// group its quota (-1: all), the smallest size that is among its biggest, whether it wants examples, its longest TTL
/// in milliseconds (0: none) and whether its keys must expire; for each known prefix its bytes, its group, and whether
/// it follows the first segment. A group is a namespace, counted from 1; the last one is for keys of none.
///
/// It returns the next cursor, the number of commands it called, the number of keys, a row for each group that has
/// keys, laid out as ``SweepRow`` names it, and last the heads of keys of no namespace: each with what ``SweepHead``
/// names.
///
/// `classify` repeats `KeyClassifier`: a prefix that a separator or the key's end follows is one of the key's heads at
/// a separator, the longest known one wins. `sizeBin` repeats `SizeHistogram.bin(of:)`, `lifetimeBin` repeats
/// `LifetimeHistogram.bin(of:)`. `head` is a coarse `DiscoveredPrefix.length(of:)`, which cuts what arrives once more.
enum SweepScript {
    static let text = """
        -- A row: group, keys, examined, bytes, timed, never, aboveContract, watched, idle, watchedBytes, idleBytes,
        -- hits, misses, sizes, lifetimes, types, layouts, biggest, breaches.
        local cursor, count, asks, segments = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
        local keyPrefix, groups = ARGV[5], tonumber(ARGV[6])
        local quotas, thresholds, wantsExamples, longestTTL, mustExpire = {}, {}, {}, {}, {}
        local argument = 7
        for group = 1, groups do
          quotas[group], thresholds[group] = tonumber(ARGV[argument]), tonumber(ARGV[argument + 1])
          wantsExamples[group], longestTTL[group] = ARGV[argument + 2] == '1', tonumber(ARGV[argument + 3])
          mustExpire[group] = ARGV[argument + 4] == '1'
          argument = argument + 5
        end
        local direct, afterSegment, anyAfterSegment = {}, {}, false
        while argument < #ARGV do
          if ARGV[argument + 2] == '1' then
            afterSegment[ARGV[argument]] = tonumber(ARGV[argument + 1])
            anyAfterSegment = true
          else
            direct[ARGV[argument]] = tonumber(ARGV[argument + 1])
          end
          argument = argument + 3
        end
        local find, sub = string.find, string.sub
        local function longestKnown(key, from, known)
          local best, length, start = nil, 0, from
          for segment = 1, segments do
            local separator = find(key, '[:/]', start)
            local group = known[separator and sub(key, from, separator - 1) or sub(key, from)]
            if group then best, length = group, separator or #key end
            if not separator then break end
            start = separator + 1
          end
          return best, length
        end
        local function classify(key)
          local group, length = longestKnown(key, 1, direct)
          if group or not anyAfterSegment then return group, length end
          if sub(key, 1, #keyPrefix) ~= keyPrefix then return nil end
          local separator = find(key, '[:/]', #keyPrefix + 1)
          if not separator or separator == #keyPrefix + 1 then return nil end
          return longestKnown(key, separator + 1, afterSegment)
        end
        local function head(key)
          local first = find(key, '[:/]')
          if not first or first == 1 or first > \(DiscoveredPrefix.longest) then return '' end
          if not find(sub(key, 1, first - 1), '%D') then return '' end
          local second = find(key, '[:/]', first + 1)
          if not second or second == first + 1 or second > \(DiscoveredPrefix.longest) then
            return sub(key, 1, first)
          end
          local segment = sub(key, first + 1, second - 1)
          if not find(segment, '%D') then return sub(key, 1, first) end
          if #segment >= 8 and find(segment, '%d') and not find(segment, '[^%x-]') then return sub(key, 1, first) end
          return sub(key, 1, second)
        end
        local function lifetimeBin(milliseconds)
          local seconds = math.floor(milliseconds / 1000)
          if seconds < \(LifetimeHistogram.minutes * 60) then return math.floor(seconds / 60) end
          \(laterBins)
          return \(LifetimeHistogram.count - 1)
        end
        local function sizeBin(size)
          if size < 8 then size = 8 end
          local fraction, exponent = math.frexp(size)
          local bin = (exponent - 4) * \(SizeHistogram.steps) + math.floor((fraction * 2 - 1) * \(SizeHistogram.steps))
          if bin > \(SizeHistogram.count - 1) then bin = \(SizeHistogram.count - 1) end
          return bin
        end
        local rows, heads, called = {}, {}, 1
        local function newRow(group)
          local row = {keys=0, examined=0, bytes=0, timed=0, never=0, aboveContract=0, watched=0, idle=0,
            watchedBytes=0, idleBytes=0, hits=0, misses=0, sizes={}, lifetimes={}, types={}, layouts={}, biggest={},
            breaches={}}
          rows[group] = row
          return row
        end
        local function noteBreach(row, group, index, seconds)
          local breaches = row.breaches
          if wantsExamples[group] and #breaches < \(NamespaceTally.examplesKept) then
            breaches[#breaches + 1] = {index, seconds}
          end
        end
        local typeNumbers = {\(typeNumbers)}
        local askType, askLifetime = find(asks, 't') ~= nil, find(asks, 'l') ~= nil
        local askBytes, askIdle = find(asks, 'b') ~= nil, find(asks, 'i') ~= nil
        local page = redis.call('SCAN', cursor, 'COUNT', count)
        for index, key in ipairs(page[2]) do
          local group, length = classify(key)
          local headSums
          if not group then
            group = groups
            local name = head(key)
            headSums = heads[name]
            if not headSums then
              headSums = {0, 0, 0, 0, 0, 0, 0}
              heads[name] = headSums
            end
            headSums[1] = headSums[1] + 1
          end
          local row = rows[group] or newRow(group)
          row.keys = row.keys + 1
          if group < groups then
            local layout = sub(key, 1, length)
            if not row.layouts[layout] then row.layouts[layout] = true end
          end
          local quota = quotas[group]
          if quota < 0 or row.examined < quota then
            local size, typeNumber, isGone = nil, 0, false
            row.examined = row.examined + 1
            if askBytes then
              called = called + 1
              size = redis.call('MEMORY', 'USAGE', key)
              if size then
                row.bytes = row.bytes + size
                if headSums then headSums[2], headSums[3] = headSums[2] + size, headSums[3] + 1 end
                local bin = sizeBin(size)
                row.sizes[bin] = (row.sizes[bin] or 0) + 1
              else
                isGone = true
              end
            end
            local isBig = size and size >= thresholds[group]
            if askType and (quota >= 0 or index % \(PipelinedEngine.wholeEvery) == 1 or isBig) then
              called = called + 1
              local name = redis.call('TYPE', key).ok
              if name == 'none' then
                isGone = true
                row.misses = row.misses + 1
              else
                row.hits = row.hits + 1
                typeNumber = typeNumbers[name] or typeNumbers.module
                row.types[typeNumber] = (row.types[typeNumber] or 0) + 1
              end
            end
            if askLifetime then
              called = called + 1
              local milliseconds = redis.call('PTTL', key)
              if milliseconds == -2 then
                isGone = true
                row.misses = row.misses + 1
              else
                row.hits = row.hits + 1
                row.timed = row.timed + 1
                if headSums then headSums[4] = headSums[4] + 1 end
                if milliseconds == -1 then
                  row.never = row.never + 1
                  if headSums then
                    headSums[5] = headSums[5] + 1
                    if size then headSums[6], headSums[7] = headSums[6] + 1, headSums[7] + size end
                  end
                  if mustExpire[group] then noteBreach(row, group, index, -1) end
                else
                  local bin = lifetimeBin(milliseconds)
                  row.lifetimes[bin] = (row.lifetimes[bin] or 0) + 1
                  if longestTTL[group] > 0 and milliseconds > longestTTL[group] then
                    row.aboveContract = row.aboveContract + 1
                    noteBreach(row, group, index, math.floor(milliseconds / 1000))
                  end
                end
              end
            end
            if isBig then row.biggest[#row.biggest + 1] = {index, size, typeNumber} end
            if askIdle and (quota >= 0 or index % \(PipelinedEngine.wholeEvery) == 1) and not isGone then
              called = called + 1
              local seconds = redis.call('OBJECT', 'IDLETIME', key)
              if seconds then
                row.hits = row.hits + 1
                row.watched = row.watched + 1
                row.watchedBytes = row.watchedBytes + (size or 0)
                if seconds >= \(NamespaceTally.idleAfter) then
                  row.idle = row.idle + 1
                  row.idleBytes = row.idleBytes + (size or 0)
                end
              end
            end
            if isGone then row.examined = row.examined - 1 end
          end
        end
        local function flat(counts)
          local list = {}
          for bin, count in pairs(counts) do
            list[#list + 1] = bin
            list[#list + 1] = count
          end
          return list
        end
        local answer = {page[1], called, #page[2]}
        for group, row in pairs(rows) do
          local layouts, biggest, breaches = {}, {}, {}
          for layout in pairs(row.layouts) do layouts[#layouts + 1] = layout end
          table.sort(row.biggest, function(left, right) return left[2] > right[2] end)
          for place = 1, math.min(\(NamespaceTally.biggestKept), #row.biggest) do
            local noted = row.biggest[place]
            biggest[#biggest + 1] = page[2][noted[1]]
            biggest[#biggest + 1] = noted[2]
            biggest[#biggest + 1] = noted[3]
          end
          for place = 1, #row.breaches do
            local noted = row.breaches[place]
            breaches[#breaches + 1] = page[2][noted[1]]
            breaches[#breaches + 1] = noted[2]
          end
          row.group, row.sizes, row.lifetimes, row.types = group, flat(row.sizes), flat(row.lifetimes), flat(row.types)
          row.layouts, row.biggest, row.breaches = layouts, biggest, breaches
          answer[#answer + 1] = {
            row.group, row.keys, row.examined, row.bytes, row.timed, row.never, row.aboveContract, row.watched,
            row.idle, row.watchedBytes, row.idleBytes, row.hits, row.misses, row.sizes, row.lifetimes, row.types,
            row.layouts, row.biggest, row.breaches}
        end
        local list = {}
        for name, sums in pairs(heads) do list[#list + 1] = {name, unpack(sums)} end
        answer[#answer + 1] = list
        return answer
        """

    private static var laterBins: String {
        LifetimeHistogram.later.enumerated().map { index, end in
            "if seconds < \(end) then return \(LifetimeHistogram.minutes + index) end"
        }.joined(separator: "\n  ")
    }

    /// Types count from 1: 0 is for a key that nobody asked.
    private static var typeNumbers: String {
        KeyType.allCases.map { "\($0)=\($0.rawValue + 1)" }.joined(separator: ", ")
    }
}
