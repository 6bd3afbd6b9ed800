internal import CacheModel
internal import DequeModule

/// A flush under way: what to send next, and what came of it.
///
/// A key goes through it in steps, one a flight: found by SCAN, measured, dumped, journalled, removed. The steps of
/// different keys share a flight, and while one is under way the one before is summed up and journalled. No key is
/// removed before ``journalled()`` has been called for its dump, and every removal follows a flight whose answer has
/// shown the node to be the one that was planned for.
struct FlushCourse: Sendable {
    /// How much goes into one flight.
    struct Limits: Sendable {
        /// Keys of one UNLINK, which the server does without a pause.
        var keysPerUnlink = 64
        /// Of values that are dumped in one flight, by `MEMORY USAGE`.
        var dumpBytes = 4 << 20
        /// A value beyond it cannot be journalled: a reply of 64 MiB ends the connection.
        var largestValue = 48 << 20
        /// Values that wait for their dump before the walk goes on.
        var waiting = 4096

        init(pace: SweepPace, isCluster: Bool) {
            if pace == .fast { (keysPerUnlink, dumpBytes) = (512, 8 << 20) }
            if isCluster { keysPerUnlink = 1 }
        }
    }

    /// What a flight carries beyond the guard.
    private struct Load: Sendable {
        var scans = false
        var removed: [[UInt8]] = []
        var measured: [[UInt8]] = []
        var dumped: [[UInt8]] = []
    }

    /// A flight that has come back and is not summed up yet.
    private struct Landed: Sendable {
        var load: Load
        var replies: ReplyArena
        /// When it came back: from then on times to live count.
        var at: WallTime
        /// Behind the guard and the page of SCAN.
        var position: Int
        var page: ScanPage?
    }

    private(set) var scan: MatchingScan
    private let journals: Bool
    private let guardian: NodeGuard
    private let limits: Limits
    private let measures: Bool
    private var toMeasure: [[UInt8]] = []
    private var toDump = Deque<(key: [UInt8], bytes: Int)>()
    private var toJournal: [[UInt8]] = []
    private var toRemove: [[UInt8]] = []
    private var flying = Load()
    private var landed: Landed?

    private(set) var matched = 0
    private(set) var removed = 0
    private(set) var vanished = 0
    private(set) var kept: [[UInt8]] = []
    private(set) var keptCount = 0

    /// - Parameter measures: whether `MEMORY USAGE` is allowed.
    init(_ filter: KeyFilter, journals: Bool, planned: NodeIdentity, limits: Limits, measures: Bool) {
        scan = MatchingScan(filter)
        self.journals = journals
        guardian = NodeGuard(planned: planned)
        self.limits = limits
        self.measures = measures
    }

    /// Keys whose removal has been sent and not been answered.
    var uncertain: Int { flying.removed.count + (landed?.load.removed.count ?? 0) }

    /// True where nothing is left to send or to sum up.
    var isDone: Bool {
        scan.isDone && landed == nil && toMeasure.isEmpty && toDump.isEmpty && toJournal.isEmpty && toRemove.isEmpty
    }

    /// - Returns: nil where nothing is to be sent before ``digest()`` has been called, or at all.
    mutating func flight(count: Int) -> FlightBuffer? {
        var flight = FlightBuffer()
        guardian.append(to: &flight)
        let before = flight.commands
        flying = Load()
        // In front, so that the next one can leave as soon as its cursor is known.
        if !scan.isDone, toDump.count < limits.waiting {
            scan.append(to: &flight, count: count)
            flying.scans = true
        }
        removals(&flight)
        for key in toMeasure {
            flight.append(Command([Array("MEMORY".utf8), Array("USAGE".utf8), key]), as: "memory|usage")
        }
        (flying.measured, toMeasure) = (toMeasure, [])
        dumps(&flight)
        return flight.commands > before ? flight : nil
    }

    private mutating func removals(_ flight: inout FlightBuffer) {
        var rest = toRemove[...]
        while !rest.isEmpty {
            flight.append(Command([Array("UNLINK".utf8)] + rest.prefix(limits.keysPerUnlink)), as: "unlink")
            rest = rest.dropFirst(limits.keysPerUnlink)
        }
        (flying.removed, toRemove) = (toRemove, [])
    }

    private mutating func dumps(_ flight: inout FlightBuffer) {
        var bytes = 0
        while let (key, size) = toDump.first, bytes == 0 || bytes + size <= limits.dumpBytes {
            flight.append(Command([Array("PTTL".utf8), key]), as: "pttl")
            flight.append(Command([Array("DUMP".utf8), key]), as: "dump")
            flying.dumped.append(key)
            bytes += max(1, size)
            toDump.removeFirst()
        }
    }

    /// Looks at what has to be known before the next flight: that the node is the one that was planned for, that it
    /// refused nothing, and where SCAN goes on.
    ///
    /// - Throws: ``CacheError``; nothing more may then be sent.
    mutating func receive(_ replies: ReplyArena, at time: WallTime) throws(CacheError) {
        var position = 0
        try guardian.check(replies, at: &position)
        let page = flying.scans ? try scan.land(replies, at: &position) : nil
        landed = Landed(load: flying, replies: replies, at: time, position: position, page: page)
        flying = Load()
        let refuses = replies.nodes[position...].contains { node in
            if case .error = node { true } else { false }
        }
        // Counts what came before the error, and throws it.
        if refuses { _ = try digest() }
    }

    /// Sums up what came back, while the next flight is under way.
    ///
    /// - Returns: what is to be journalled, and then reported with ``journalled()``.
    /// - Throws: ``CacheError``; nothing more may then be sent.
    mutating func digest() throws(CacheError) -> (entries: [JournalEntry], takenAt: WallTime) {
        guard var done = landed else { return ([], WallTime(seconds: 0)) }
        defer { landed = nil }
        while !done.load.removed.isEmpty {
            let keys = min(limits.keysPerUnlink, done.load.removed.count)
            let count = Int(try done.replies.integer(at: &done.position) ?? 0)
            done.load.removed.removeFirst(keys)
            removed += count
            vanished += keys - count
        }
        for key in done.load.measured { try measure(key, done.replies, &done.position) }
        var entries: [JournalEntry] = []
        for key in done.load.dumped {
            let lifetime = try done.replies.integer(at: &done.position) ?? -2
            guard let dump = try done.replies.string(at: &done.position), lifetime != -2 else {
                vanished += 1
                continue
            }
            entries.append(JournalEntry(key: key, lifetime: lifetime < 0 ? nil : lifetime, dump: dump))
            toJournal.append(key)
        }
        if let page = done.page { take(scan.digest(page, of: done.replies)) }
        return (entries, done.at)
    }

    /// What ``digest()`` returned last is in the journal.
    mutating func journalled() {
        toRemove += toJournal
        toJournal = []
    }

    private mutating func measure(_ key: [UInt8], _ replies: ReplyArena, _ position: inout Int) throws(CacheError) {
        guard let bytes = try replies.integer(at: &position) else {
            vanished += 1
            return
        }
        if bytes > Int64(limits.largestValue) {
            keptCount += 1
            if kept.count < 10 { kept.append(key) }
        } else {
            toDump.append((key, Int(max(0, bytes))))
        }
    }

    private mutating func take(_ keys: [[UInt8]]) {
        matched += keys.count
        if !journals {
            toRemove += keys
        } else if measures {
            toMeasure += keys
        } else {
            // Nobody says how large they are: a few at a time.
            toDump.append(contentsOf: keys.map { ($0, limits.dumpBytes / 64) })
        }
    }
}
