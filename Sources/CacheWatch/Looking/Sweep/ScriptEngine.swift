internal import CacheCore
internal import CacheWire
internal import CacheModel

/// A read-only script a batch, which returns sums: hundreds of times fewer bytes than a command for every key.
struct ScriptEngine: SweepEngine {
    private(set) var tally: KeyspaceTally
    private(set) var answers = KeyAnswers()
    private(set) var innerCommands = 0
    private(set) var batch = 0

    private let digestOfScript: [UInt8]
    private let full: Bool
    private let questions: KeyQuestions
    private let quota: SampleQuota
    /// What stays the same in every call.
    private let prefixes: [[UInt8]]
    private let segments: Int
    private var arrived: ReplyArena?
    /// More than a batch can have.
    private static let most: Int64 = 1 << 30

    /// - Parameter digest: what `SCRIPT LOAD` answered.
    init(classifier: KeyClassifier, full: Bool, questions: KeyQuestions, expected: Int, digest: [UInt8]) {
        tally = KeyspaceTally(classifier: classifier)
        self.full = full
        self.questions = questions
        quota = SampleQuota(expected: expected)
        digestOfScript = digest
        let all = classifier.prefixes
        prefixes = all.flatMap { prefix in
            [prefix.bytes, Array(String(prefix.namespace + 1).utf8), Array(prefix.afterSegment ? "1".utf8 : "0".utf8)]
        }
        segments = all.map { $0.bytes.count { KeyClassifier.isSeparator($0) } + 1 }.max() ?? 1
    }

    func expectedCost(full: Bool) -> Duration { full ? .microseconds(6) : .microseconds(4) }

    mutating func flight(from cursor: [UInt8]?, count: Int) -> FlightBuffer? {
        guard let cursor else { return nil }
        let classifier = tally.classifier
        let asks = [
            questions.type ? "t" : "", questions.lifetime ? "l" : "", questions.bytes ? "b" : "",
            questions.idle ? "i" : "",
        ].joined()
        var arguments: [[UInt8]] = [
            Array("EVALSHA_RO".utf8), digestOfScript, Array("0".utf8), cursor, Self.bytes(count), Array(asks.utf8),
            Self.bytes(segments), classifier.keyPrefix, Self.bytes(tally.namespaces.count),
        ]
        for (index, counts) in tally.namespaces.enumerated() {
            let rule = index < classifier.rules.count ? classifier.rules[index] : nil
            let maximum = rule?.maximumTTL.map { Int($0.wholeMilliseconds) } ?? 0
            arguments += [
                Self.bytes(full ? -1 : likelyQuota(counts, batch: count)), Self.bytes(counts.biggestThreshold),
                Self.bytes(counts.wantsExamples ? 1 : 0), Self.bytes(maximum),
                Self.bytes(rule?.mustExpire == true ? 1 : 0),
            ]
        }
        var flight = FlightBuffer()
        flight.append(Command(arguments + prefixes), as: "evalsha_ro")
        return flight
    }

    /// What the next batch may bring of a namespace is not known yet: as much as a batch has brought so far, and all of
    /// one that is rare or unknown.
    private func likelyQuota(_ counts: NamespaceTally, batch: Int) -> Int {
        let seen = tally.keys
        guard seen > 0, counts.keys > 0 else { return batch }
        let share = Double(counts.keys) / Double(seen)
        let inBatch = Int((share * Double(batch)).rounded(.up))
        let wanted = quota.quota(
            inBatch: inBatch, counted: counts.keys +| inBatch, examined: counts.examined, seen: seen +| batch)
        return counts.keys < SampleQuota.target / 4 ? batch : wanted
    }

    private static func bytes(_ number: Int) -> [UInt8] { Array(String(number).utf8) }

    mutating func receive(_ replies: ReplyArena) throws(CacheError) -> [UInt8]? {
        if case .error(let words)? = replies.nodes.first {
            throw RESPValue.error(Array(replies.bytes[words])).cacheError ?? .protocolError("the script failed")
        }
        guard replies.nodes.count > 4, case .array = replies.nodes[0], case .string(let cursor) = replies.nodes[1],
            case .integer(let inner) = replies.nodes[2], case .integer(let keys) = replies.nodes[3]
        else { throw .protocolError("the sweep's script answers something else") }
        innerCommands +|= Int(max(0, min(Self.most, inner)))
        batch = Int(max(0, min(Self.most, keys)))
        arrived = replies
        return try ScanPage.next(replies.bytes[cursor])
    }

    mutating func digest() {
        guard let arrived else { return }
        self.arrived = nil
        var position = 0
        guard case .array(let parts) = arrived.value(at: &position), parts.count >= 4 else { return }
        for part in parts[3..<parts.count - 1] {
            guard let row = try? ScriptRow(part), tally.namespaces.indices.contains(row.namespace) else {
                answers.errors +|= 1
                continue
            }
            tally.merge(row.tally, namespace: row.namespace)
            answers.hits +|= row.hits
            answers.misses +|= row.misses
        }
        for head in (try? parts[parts.count - 1].array) ?? [] { note(head) }
    }

    private mutating func note(_ head: RESPValue) {
        guard let parts = try? head.array, parts.count == SweepHead.allCases.count, let bytes = try? parts[0].bytes,
            let sums = try? parts[1...].map({ max(0, min(1 << 50, Int(try $0.integer))) })
        else { return }
        func sum(_ place: SweepHead) -> Int { sums[place.rawValue - 1] }
        let lasting = LastingKeys(
            timed: sum(.timed), never: sum(.never), sized: sum(.lasting), bytes: sum(.lastingBytes))
        let prefix = Array(bytes.prefix(DiscoveredPrefix.length(of: bytes.span)))
        tally.merge(prefix: prefix, keys: sum(.keys), bytes: sum(.bytes), sized: sum(.sized), lasting: lasting)
    }
}

/// What the script says of one namespace.
private struct ScriptRow {
    /// Index into the rules; their number for keys of none.
    var namespace: Int
    var tally = NamespaceTally()
    var hits: Int
    var misses: Int

    init(_ value: RESPValue) throws {
        let parts = try value.array
        guard parts.count == SweepRow.allCases.count else {
            throw RESPShapeError(expected: "\(SweepRow.allCases.count) sums", found: "\(parts.count)")
        }
        func sum(_ place: SweepRow) throws -> Int {
            max(0, min(1 << 50, Int(try parts[place.rawValue].integer)))
        }
        namespace = try sum(.group) - 1
        tally.keys = try sum(.keys)
        tally.examined = try sum(.examined)
        tally.bytes = try sum(.bytes)
        tally.timed = try sum(.timed)
        tally.lifetimes.never = try sum(.never)
        tally.aboveContract = try sum(.aboveContract)
        tally.watched = try sum(.watched)
        tally.idle = try sum(.idle)
        tally.watchedBytes = try sum(.watchedBytes)
        tally.idleBytes = try sum(.idleBytes)
        (hits, misses) = (try sum(.hits), try sum(.misses))
        func list(_ place: SweepRow) throws -> [RESPValue] { try parts[place.rawValue].array }
        for (bin, count) in try Self.pairs(list(.sizes)) { tally.sizes.add(bin: bin, count: count) }
        for (bin, count) in try Self.pairs(list(.lifetimes)) { tally.lifetimes.add(bin: bin, count: count) }
        for (type, count) in try Self.pairs(list(.types)) where tally.types.indices.contains(type &- 1) {
            tally.types[type - 1] +|= count
        }
        for layout in try list(.layouts) { tally.note(layout: try layout.bytes) }
        try readKeys(biggest: try list(.biggest), breaches: try list(.breaches))
    }

    private mutating func readKeys(biggest: [RESPValue], breaches: [RESPValue]) throws {
        for index in stride(from: 0, to: biggest.count - 2, by: 3) {
            let type = Int(try biggest[index + 2].integer)
            tally.keep(
                biggest: NotedKey(
                    key: Printable.escape(try biggest[index].bytes, limit: 200),
                    bytes: max(0, min(KeyFacts.largest, Int(try biggest[index + 1].integer))),
                    type: KeyType(rawValue: type &- 1)))
        }
        for index in stride(from: 0, to: breaches.count - 1, by: 2) {
            let seconds = Int(try breaches[index + 1].integer)
            tally.keep(
                breach: NotedKey(
                    key: Printable.escape(try breaches[index].bytes, limit: 200),
                    lifetime: seconds < 0 ? nil : seconds))
        }
    }

    private static func pairs(_ list: [RESPValue]) throws -> [(Int, Int)] {
        let items = try list.map { Int(try $0.integer) }
        return stride(from: 0, to: items.count - 1, by: 2).map { (items[$0], max(0, min(1 << 40, items[$0 + 1]))) }
    }
}
