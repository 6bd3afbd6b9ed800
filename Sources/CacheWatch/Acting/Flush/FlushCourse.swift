internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import DequeModule

/// A flush under way: what to send next, and what came of it.
///
/// A key goes through it in steps, one a flight: found by SCAN, measured, dumped, journalled, removed. The steps of
/// different keys share a flight, and while one is under way the one before is summed up and journalled. No key is
/// removed before ``journalled(in:)`` has been called for its dump, every removal follows a flight whose answer has
/// shown the node to be the one that was planned for, and the server removes only what is still as it was dumped, with
/// the expiry that it had: whatever was written meanwhile is dumped and journalled anew.
struct FlushCourse: Sendable {
    private(set) var scan: MatchingScan
    private let journals: Bool
    private let guardian: NodeGuard
    private let limits: Limits
    private let measures: Bool
    private let compares: Bool
    /// nil where the server notes nothing.
    private let marks: RemovalMarks?
    /// Flights that removed something.
    private var removals = 0
    private var toMeasure: [Candidate] = []
    private var toDump = Deque<Candidate>()
    private var toJournal: [Candidate] = []
    private var toRemove: [Candidate] = []
    private var flying = Load()
    private var landed: Landed?

    private(set) var matched = 0
    private(set) var removed = 0
    private(set) var vanished = 0
    /// Keys that stay.
    var stays: Stays
    /// Keys that go though no journal can hold them, and those that went.
    private let forGood: Set<[UInt8]>
    private(set) var forGoodRemoved: [LargeKeys.Item] = []
    /// Slots with keys that this node gave away before they could be removed.
    private(set) var strays: Set<Int> = []

    /// - Parameters:
    ///   - measures: whether `MEMORY USAGE` is allowed.
    ///   - compares: whether scripts are allowed, by which only what is as it was dumped is removed.
    ///   - marks: where the server notes what it has removed; nil for nowhere.
    ///   - forGood: keys that go though no journal can hold them.
    ///   - keys: these, and no walk over all there are.
    ///   - expected: all keys of the node; nil where nobody tells.
    init(
        _ filter: KeyFilter, journals: Bool, planned: NodeIdentity, limits: Limits, measures: Bool,
        compares: Bool, marks: RemovalMarks? = nil, stays: Stays = Stays(),
        forGood: Set<[UInt8]> = [], keys: [[UInt8]]? = nil, expected: Int? = nil
    ) {
        scan = MatchingScan(filter, within: ScanBound(keys: expected))
        self.stays = stays
        self.forGood = forGood
        self.journals = journals
        guardian = NodeGuard(planned: planned)
        self.limits = limits
        self.measures = measures
        self.compares = compares && journals
        self.marks = marks
        if let keys {
            scan.end()
            take(keys)
        }
    }

    /// Keys whose removal has been sent and not been answered; a journal has them, where there is one.
    var uncertain: Int { unanswered.count { !$0.isForGood } }
    /// The same of those that no journal can hold.
    var uncertainForGood: Set<[UInt8]> { Set(unanswered.filter(\.isForGood).map(\.key)) }
    private var unanswered: [Candidate] { flying.removed + (landed?.load.removed ?? []) }

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
        appendRemovals(&flight)
        for candidate in toMeasure { append(KeyMeasure.command(candidate.key), "memory|usage", candidate, &flight) }
        (flying.measured, toMeasure) = (toMeasure, [])
        dumps(&flight)
        return flight.commands > before ? flight : nil
    }

    private func append(_ command: Command, _ name: String, _ candidate: Candidate, _ flight: inout FlightBuffer) {
        if candidate.asks { flight.append(Command("ASKING"), as: "asking") }
        flight.append(command, as: name)
    }

    private mutating func appendRemovals(_ flight: inout FlightBuffer) {
        // What is not compared and not marked comes last: a mark begins with the first command of its flight.
        toRemove.sort { ($0.isForGood ? 1 : 0, $0.slot) < ($1.isForGood ? 1 : 0, $1.slot) }
        if toRemove.contains(where: { !$0.isForGood }) { removals += 1 }
        var rest = toRemove[...]
        while let first = rest.first {
            let chunk = chunk(rest, beginningWith: first)
            if compares, !first.isForGood {
                let mark = marks?.use(flight: removals, isFirst: flying.chunks.isEmpty)
                append(ComparedRemoval.command(chunk.map(\.copy), marking: mark), "eval", first, &flight)
            } else {
                append(Command([Array("UNLINK".utf8)] + chunk.map(\.key)), "unlink", first, &flight)
            }
            flying.chunks.append(chunk.count)
            rest = rest.dropFirst(chunk.count)
        }
        (flying.removed, toRemove) = (toRemove, [])
    }

    /// What one command removes.
    private func chunk(_ rest: ArraySlice<Candidate>, beginningWith first: Candidate) -> ArraySlice<Candidate> {
        if first.asks || first.isForGood { return rest.prefix(1) }
        // Of several keys nobody would say which of them the journal must not bring back.
        let fitting = compares ? compared(rest) : rest.prefix(journals ? 1 : limits.keysPerUnlink)
        return fitting.prefix { $0.slot == first.slot && !$0.asks && !$0.isForGood }
    }

    private func compared(_ rest: ArraySlice<Candidate>) -> ArraySlice<Candidate> {
        var bytes = 0
        let fitting = rest.prefix(limits.keysPerComparison).prefix { candidate in
            bytes +|= candidate.bytes
            return bytes <= limits.comparedBytes
        }
        return fitting.isEmpty ? rest.prefix(1) : fitting
    }

    private mutating func dumps(_ flight: inout FlightBuffer) {
        var bytes = 0
        while var next = toDump.first, bytes == 0 || bytes +| next.bytes <= limits.dumpBytes {
            // A server may do something else between the two, and what is newer than the value is compared later.
            append(Command([Array("DUMP".utf8), next.key]), "dump", next, &flight)
            append(Command([Array("PTTL".utf8), next.key]), "pttl", next, &flight)
            next.tries += 1
            flying.dumped.append(next)
            bytes +|= max(1, next.bytes)
            toDump.removeFirst()
        }
    }

    /// Looks at what has to be known before the next flight: that the node is the one that was planned for, that it
    /// refused nothing, and where SCAN goes on.
    ///
    /// - Parameters:
    ///   - time: now, by our own clock.
    ///   - took: how long the flight was under way.
    /// - Throws: ``CacheError``; nothing more may then be sent.
    mutating func receive(
        _ replies: ReplyArena, at time: WallTime, took: Duration = .zero
    ) throws(CacheError) {
        var position = 0
        let server = try guardian.check(replies, at: &position).server
        let at = JournalTime(server: server.time) ?? JournalTime(time)
        let page = flying.scans ? try scan.land(replies, at: &position) : nil
        landed = Landed(
            load: flying, replies: replies, at: at, took: took.wholeMilliseconds, position: position, page: page
        )
        flying = Load()
        let refuses = replies.nodes[position...].contains { node in
            if case .error(let words) = node { !isElsewhere(replies.bytes[words]) } else { false }
        }
        // Counts what came before the error, and throws it.
        if refuses { _ = try digest() }
    }

    /// Sums up what came back, while the next flight is under way.
    ///
    /// - Returns: what is to be journalled, and then reported with ``journalled(in:)``.
    /// - Throws: ``CacheError``; nothing more may then be sent.
    mutating func digest() throws(CacheError) -> Digest {
        guard var done = landed else { return Digest() }
        defer { landed = nil }
        var digest = Digest(takenAt: done.at)
        while let keys = done.load.chunks.first {
            let part = done.load.removed.prefix(keys)
            do throws(CacheError) {
                digest.withdrawn += try removed(part, done.replies, &done.position)
            } catch {
                countForGood(behind: keys, of: done)
                throw error
            }
            let settled = part.filter { !$0.isForGood }.map(\.place.sequence)
            digest.settled = ([digest.settled].compactMap { $0 } + settled).max()
            done.load.removed.removeFirst(keys)
            done.load.chunks.removeFirst()
        }
        for candidate in done.load.measured { try measure(candidate, done.replies, &done.position) }
        for var candidate in done.load.dumped {
            if redirected(candidate, done.replies, &done.position) {
                // Its value may have been found after all: what is not known whole is not used.
                if !redirected(candidate, done.replies, &done.position) { done.position += 1 }
                stray(candidate)
                continue
            }
            let dump = try done.replies.string(at: &done.position)
            if redirected(candidate, done.replies, &done.position) {
                stray(candidate)
                continue
            }
            let lifetime = try done.replies.integer(at: &done.position) ?? -2
            guard let dump, lifetime != -2 else {
                vanished += 1
                continue
            }
            candidate.digest = ComparedRemoval.digest(dump)
            candidate.expiry = ComparedRemoval.Expiry(lifetime: lifetime, from: done.at, slack: done.took)
            candidate.place.index = UInt32(digest.entries.count)
            digest.entries.append(
                JournalEntry(
                    key: candidate.key, lifetime: lifetime < 0 ? nil : lifetime, change: .removed(dump: dump)))
            toJournal.append(candidate)
        }
        if let page = done.page { take(scan.digest(page, of: done.replies)) }
        return digest
    }

    /// Counts what has gone for good behind an answer that is of no use: no journal has it.
    ///
    /// - Parameters:
    ///   - keys: of the answer that is of no use.
    ///   - done: read up to and with that answer.
    private mutating func countForGood(behind keys: Int, of done: Landed) {
        var (rest, position) = (done.load.removed.dropFirst(keys), done.position)
        for count in done.load.chunks.dropFirst() {
            let part = rest.prefix(count)
            rest = rest.dropFirst(count)
            guard let first = part.first else { return }
            if first.isForGood {
                _ = try? removed(part, done.replies, &position)
            } else {
                position += first.asks ? 2 : 1
            }
        }
    }

    /// Entries whose keys nobody was told to remove, and nobody will be.
    mutating func abandon() -> [JournalPlace] {
        defer { toRemove = [] }
        return journals ? toRemove.filter { !$0.isForGood }.map(\.place) : []
    }

    /// What ``digest()`` returned last is in the journal, in this block.
    mutating func journalled(in sequence: UInt32) {
        for index in toJournal.indices { toJournal[index].place.sequence = sequence }
        toRemove += toJournal
        toJournal = []
    }

    /// - Returns: entries whose keys were written to after they were dumped, or went by themselves.
    private mutating func removed(
        _ candidates: ArraySlice<Candidate>, _ replies: ReplyArena, _ position: inout Int
    ) throws(CacheError) -> [JournalPlace] {
        if let first = candidates.first, redirected(first, replies, &position) {
            for candidate in candidates { stray(candidate) }
            return journals ? candidates.filter { !$0.isForGood }.map(\.place) : []
        }
        if let first = candidates.first, first.isForGood {
            guard try replies.integer(at: &position) ?? 0 > 0 else {
                vanished += 1
                return []
            }
            removed += 1
            forGoodRemoved.append(LargeKeys.Item(key: first.key, bytes: first.bytes))
            return []
        }
        guard compares else {
            // Of so many that were sent, no more can be gone.
            let count = Int(max(0, min(Int64(candidates.count), try replies.integer(at: &position) ?? 0)))
            removed += count
            vanished += candidates.count - count
            return journals && count == 0 ? candidates.map(\.place) : []
        }
        let verdicts = ComparedRemoval.verdicts(try replies.string(at: &position) ?? [])
        guard verdicts.count == candidates.count else { throw .protocolError("a removal was answered in part") }
        var withdrawn: [JournalPlace] = []
        for (candidate, verdict) in zip(candidates, verdicts) {
            switch verdict {
            case .removed: removed += 1
            case .vanished:
                // Somebody has deleted it, or its time was over: it is not for us to bring it back.
                vanished += 1
                withdrawn.append(candidate.place)
            case .changed:
                withdrawn.append(candidate.place)
                if candidate.tries < limits.tries {
                    toDump.append(candidate)
                } else {
                    stays.busy.insert(candidate.key)
                }
            }
        }
        return withdrawn
    }

    private mutating func measure(
        _ candidate: Candidate, _ replies: ReplyArena, _ position: inout Int
    ) throws(CacheError) {
        if redirected(candidate, replies, &position) { return stray(candidate) }
        guard let bytes = try replies.integer(at: &position) else {
            vanished += 1
            return
        }
        var candidate = candidate
        candidate.bytes = Int(max(0, min(Int64(KeyFacts.largest), bytes)))
        // Measured once more where its slot moved, it may be another value by then.
        candidate.isForGood = false
        if candidate.bytes <= limits.largestValue {
            toDump.append(candidate)
        } else if forGood.contains(candidate.key) {
            candidate.isForGood = true
            toRemove.append(candidate)
        } else {
            stays.kept.insert(candidate.key)
        }
    }

    private mutating func take(_ keys: [[UInt8]]) {
        matched += keys.count
        let found = keys.map { Candidate(key: $0, slot: limits.isCluster ? KeySlot.of($0) : 0) }
        if !journals {
            toRemove += found
        } else if measures {
            toMeasure += found
        } else {
            toDump.append(contentsOf: found.map(unmeasured))
        }
    }

    /// Nobody says how large they are: a few at a time.
    private func unmeasured(_ candidate: Candidate) -> Candidate {
        var candidate = candidate
        candidate.bytes = limits.dumpBytes / 64
        return candidate
    }

    // MARK: keys that move

    private func isElsewhere(_ words: ArraySlice<UInt8>) -> Bool {
        RoutePlan.verdict(words: words, movesKeys: limits.isCluster).isElsewhere
    }

    /// Whether the node sends us elsewhere; what it said is then passed over, and what permitted to ask it in any case.
    private func redirected(_ candidate: Candidate, _ replies: ReplyArena, _ position: inout Int) -> Bool {
        if candidate.asks { position += 1 }
        guard position < replies.nodes.count, case .error(let words) = replies.nodes[position],
            isElsewhere(replies.bytes[words])
        else { return false }
        position += 1
        return true
    }

    /// A key that was found here and is not answered for here. Once more as one that is being taken in; then it is for
    /// whoever goes after what has moved.
    private mutating func stray(_ candidate: Candidate) {
        guard !candidate.asks else {
            strays.insert(candidate.slot)
            return
        }
        var candidate = candidate
        candidate.asks = true
        if !journals {
            toRemove.append(candidate)
        } else if measures {
            toMeasure.append(candidate)
        } else {
            toDump.append(unmeasured(candidate))
        }
    }
}
