internal import CacheCore
internal import CacheWire
internal import CacheModel

/// SCAN, and with the next SCAN the questions about the keys of a batch before: one round trip a batch.
struct PipelinedEngine: SweepEngine {
    /// One for each part of the slots; outside of a cluster one alone.
    private(set) var tallies: [KeyspaceTally]
    /// Keys of all parts, by namespace: counted, and asked about.
    private var totals: [(keys: Int, examined: Int)]
    private(set) var answers = KeyAnswers()
    let innerCommands = 0
    private(set) var batch = 0

    private let full: Bool
    private let questions: KeyQuestions
    private let quota: SampleQuota
    private var recent = RecentKeys()
    /// Keys whose questions have been prepared, are under way, and have been answered.
    private var prepared: Selection?
    private var asked: Selection?
    private var answered: (selection: Selection?, types: [UnnamedKey], replies: ReplyArena, position: Int)?
    /// The keys that came last, not counted yet.
    private var arrived: (replies: ReplyArena, keys: Range<Int>)?
    private var askedTypes: [UnnamedKey] = []
    private var scanIsUnderWay = false

    /// In a full sweep, of how many keys one is asked for its type and its idle time as well. The type is two thirds of
    /// what the size costs, and tells little that a sample does not.
    static let wholeEvery = 8
    /// The biggest keys, whose types are asked for when they are known to be that.
    private var unnamed: [UnnamedKey] = []

    /// - Parameters:
    ///   - expected: keys of the whole keyspace.
    ///   - parts: tallies to be kept apart, by ``SlotParts``.
    init(classifier: KeyClassifier, full: Bool, questions: KeyQuestions, expected: Int, parts: Int = 1) {
        tallies = Array(repeating: KeyspaceTally(classifier: classifier), count: parts)
        totals = Array(repeating: (0, 0), count: classifier.rules.count + 1)
        self.full = full
        self.questions = questions
        quota = SampleQuota(expected: expected)
    }

    var tally: KeyspaceTally {
        tallies.dropFirst().reduce(into: tallies[0]) { $0.merge($1) }
    }

    private func part(of key: Span<UInt8>) -> Int { tallies.count == 1 ? 0 : SlotParts.part(of: KeySlot.of(key)) }

    func expectedCost(full: Bool) -> Duration { .nanoseconds(1200) }

    mutating func flight(from cursor: [UInt8]?, count: Int) -> FlightBuffer? {
        guard cursor != nil || prepared != nil || !unnamed.isEmpty else { return nil }
        var flight = FlightBuffer()
        scanIsUnderWay = cursor != nil
        if let cursor {
            flight.append(
                Command([Array("SCAN".utf8), cursor, Array("COUNT".utf8), Array(String(count).utf8)]), as: "scan")
        }
        if let prepared { flight.append(prepared.commands) }
        asked = prepared
        prepared = nil
        let types = questions.onlyType
        for key in unnamed { flight.ask(types, of: key.bytes[...]) }
        flight.countAsked(types, times: unnamed.count)
        (askedTypes, unnamed) = (unnamed, [])
        return flight
    }

    mutating func receive(_ replies: ReplyArena) throws(CacheError) -> [UInt8]? {
        var position = 0
        var next: [UInt8]?
        batch = 0
        if scanIsUnderWay {
            let page = try ScanPage(replies)
            next = page.cursor
            position = page.keys.upperBound
            arrived = (replies, page.keys)
            batch = page.keys.count
        }
        if asked != nil || !askedTypes.isEmpty { answered = (asked, askedTypes, replies, position) }
        (asked, askedTypes) = (nil, [])
        return next
    }

    mutating func digest() {
        if let answered {
            var position = answered.position
            if let selection = answered.selection { note(selection, answered.replies, &position) }
            note(answered.types, answered.replies, &position)
        }
        answered = nil
        if let arrived { prepared = select(arrived.replies, arrived.keys) }
        arrived = nil
    }

    private mutating func note(_ selection: Selection, _ replies: ReplyArena, _ position: inout Int) {
        let bytes = selection.bytes.span
        let essential = questions.essential
        for pick in selection.picks {
            let asked = pick.whole ? questions : essential
            guard let facts = answers.facts(asked, in: replies, at: &position) else { continue }
            if facts.type == nil, questions.type, let size = facts.bytes,
                size >= tallies[pick.part].namespaces[pick.namespace].biggestThreshold
            {
                unnamed.append(
                    UnnamedKey(bytes: Array(selection.bytes[pick.key]), namespace: pick.namespace, part: pick.part))
            }
            totals[pick.namespace].examined +|= 1
            tallies[pick.part].note(facts, key: bytes.extracting(pick.key), namespace: pick.namespace)
        }
    }

    private mutating func note(_ types: [UnnamedKey], _ replies: ReplyArena, _ position: inout Int) {
        for key in types {
            guard let type = answers.facts(questions.onlyType, in: replies, at: &position)?.type else { continue }
            tallies[key.part].name(key.bytes, type, namespace: key.namespace)
        }
    }

    /// Counts a batch of keys, and chooses those that are asked about.
    private mutating func select(_ replies: ReplyArena, _ keys: Range<Int>) -> Selection? {
        let bytes = replies.bytes.span
        var picks: [Selection.Pick] = []
        if full { picks.reserveCapacity(keys.count) }
        var inBatch: [[Selection.Pick]] = full ? [] : Array(repeating: [], count: totals.count)
        for index in keys {
            guard case .string(let range) = replies.nodes[index] else { continue }
            let key = bytes.extracting(range)
            guard recent.insert(key) else { continue }
            let part = part(of: key)
            let namespace = tallies[part].count(key)
            totals[namespace].keys +|= 1
            let isWhole = !full || picks.count % Self.wholeEvery == 0
            let pick = Selection.Pick(key: range, namespace: namespace, part: part, whole: isWhole)
            if full { picks.append(pick) } else { inBatch[namespace].append(pick) }
        }
        if !full { picks = sample(inBatch) }
        guard questions.count > 0, !picks.isEmpty else { return nil }
        return Selection(replies.bytes, picks, questions)
    }

    private func sample(_ inBatch: [[Selection.Pick]]) -> [Selection.Pick] {
        let seen = totals.reduce(0) { $0 +| $1.keys }
        return inBatch.indices.flatMap { namespace -> ArraySlice<Selection.Pick> in
            let counts = totals[namespace]
            let under = asked?.picks.count { $0.namespace == namespace } ?? 0
            let wanted = quota.quota(
                inBatch: inBatch[namespace].count, counted: counts.keys, examined: counts.examined +| under, seen: seen)
            return inBatch[namespace].prefix(wanted)
        }
    }
}

/// Keys that are asked about, and the commands for it.
private struct Selection: Sendable {
    struct Pick: Sendable {
        var key: Range<Int>
        var namespace: Int
        var part: Int
        /// Asked for everything.
        var whole: Bool
    }

    let bytes: [UInt8]
    let picks: [Pick]
    let commands: FlightBuffer

    init(_ bytes: [UInt8], _ picks: [Pick], _ questions: KeyQuestions) {
        self.bytes = bytes
        self.picks = picks
        let essential = questions.essential
        var commands = FlightBuffer()
        for pick in picks { commands.ask(pick.whole ? questions : essential, of: bytes[pick.key]) }
        let whole = picks.count { $0.whole }
        commands.countAsked(questions, times: whole)
        commands.countAsked(essential, times: picks.count - whole)
        self.commands = commands
    }
}

/// One of the biggest keys, whose type is not known yet.
private struct UnnamedKey: Sendable {
    var bytes: [UInt8]
    var namespace: Int
    var part: Int
}
