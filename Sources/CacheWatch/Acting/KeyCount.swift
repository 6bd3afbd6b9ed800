internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Counts the keys of a filter on one node and what they take: the dry run of everything that walks.
struct KeyCount: Sendable {
    let session: Session
    let selection: KeySelection
    let pace: SweepPace
    let control: SweepControl

    /// Keys of one slot; outside of a cluster, of all.
    struct Part: Sendable {
        var keys = 0
        var bytes = 0
        /// By what they begin with, the separator included.
        var prefixes: [Beginning: Int] = [:]
        /// By the size of a sample; those that may be too large for a journal are measured anew.
        var large: [[UInt8]] = []

        private static let prefixesKept = 64

        mutating func note(_ beginning: Beginning) {
            let isKept = prefixes[beginning] != nil || prefixes.count < Self.prefixesKept
            let others = Beginning(prefix: Array("…".utf8), namespace: beginning.namespace)
            prefixes[isKept ? beginning : others, default: 0] += 1
            keys += 1
        }

        static func prefixes(of parts: some Sequence<Part>) -> [Beginning: Int] {
            parts.reduce(into: [:]) { $0.merge($1.prefixes) { $0 +| $1 } }
        }
    }

    struct Beginning: Hashable, Sendable {
        var prefix: [UInt8]
        /// Whose keys they are, where that is not what was asked for.
        var namespace: String?
    }

    /// For plans, most keys first.
    static func parts(_ beginnings: [Beginning: Int]) -> [FlushPlan.Part] {
        beginnings.map {
            FlushPlan.Part(
                prefix: Printable.escape($0.key.prefix, limit: 80), keys: $0.value, namespace: $0.key.namespace)
        }
        .sorted { ($1.keys, $0.prefix) < ($0.keys, $1.prefix) }
    }

    /// What five elements are about: from this size on a key may be larger than a journal takes.
    private static let suspicious = LargeKeys.largestValue / 8

    /// So few keys are all looked at whole: a sample of five misses an element that is large.
    private static let few = 100

    struct Sum: Sendable {
        var isCluster: Bool
        /// By slot, so that what has moved between nodes can be counted anew.
        var parts: [Int: Part] = [:]
        /// All of them while they are few; nil from then on.
        var names: Set<[UInt8]>? = []
        /// False where `MEMORY USAGE` is denied.
        var knowsBytes = true
        var namesakes: [[UInt8]] = []
        var isWhole = false
        /// Keys of all nodes, and those walked over on the nodes before.
        var expected = 0
        var examined = 0
        var took = Duration.zero
        var receipt = Receipt()

        var keys: Int { parts.values.reduce(0) { $0 +| $1.keys } }
        var bytes: Int? { knowsBytes ? parts.values.reduce(0) { $0 +| $1.bytes } : nil }
        var prefixes: [Beginning: Int] { Part.prefixes(of: parts.values) }

        /// Keys that may be too large for a journal.
        var suspects: [[UInt8]] {
            if let names, knowsBytes { return Array(names) }
            return parts.values.flatMap(\.large)
        }

        func slot(of key: [UInt8]) -> Int { isCluster ? KeySlot.of(key) : 0 }

        mutating func note(_ key: [UInt8], of selection: KeySelection) {
            parts[slot(of: key), default: Part()].note(Beginning(key, of: selection))
            names?.insert(key)
            if let names, names.count > few { self.names = nil }
        }

        /// What is counted anew.
        mutating func forget(_ slots: Set<Int>) {
            for slot in slots { parts[slot] = nil }
            names = names?.filter { !slots.contains(slot(of: $0)) }
        }

        mutating func note(bytes: Int64, of key: [UInt8]) {
            parts[slot(of: key), default: Part()].bytes +|= Int(max(0, min(Int64(KeyFacts.largest), bytes)))
            if bytes > Int64(suspicious) { parts[slot(of: key), default: Part()].large.append(key) }
        }
    }

    /// - Parameter sum: what was counted on other nodes; what is counted now is added.
    /// - Throws: ``CacheError``; nothing was changed.
    func run(
        _ opened: Session.Opened, into sum: inout Sum, isolation: isolated (any Actor)? = #isolation,
        tell: @Sendable (OperationProgress) -> Void
    ) async throws(CacheError) {
        var course = OperationCourse(pace: pace, control: control, line: session.line)
        try await course.calibrate(on: session)
        var scan = MatchingScan(selection.filter, within: ScanBound(keys: opened.keys))
        if await session.line.denied().contains(.memoryUsage) { sum.knowsBytes = false }
        var found: [[UInt8]] = []
        var sizes = KeyQuestions()
        (sizes.type, sizes.lifetime, sizes.idle) = (false, false, false)
        while !control.isCancelled, !scan.isDone || !found.isEmpty {
            var flight = FlightBuffer()
            let asked = sum.knowsBytes ? found : []
            for key in asked { flight.ask(sizes, of: key[...]) }
            flight.countAsked(sizes, times: asked.count)
            found = []
            let scans = !scan.isDone
            scan.append(to: &flight, count: course.governor.count)
            if flight.isEmpty { break }
            let replies = try await course.fly(flight, on: session)
            var position = 0
            for key in asked { try await size(of: key, replies, &position, &sum) }
            if scans {
                found = try scan.receive(replies, at: &position)
                for key in found { sum.note(key, of: selection) }
            }
            if course.isTimeToTell() { tell(progress(sum, scan, course)) }
            await course.rest()
        }
        sum.isWhole = scan.isDone && !control.isCancelled
        tell(progress(sum, scan, course))
        sum.namesakes += scan.namesakes
        sum.examined +|= scan.examined
        (sum.took, sum.receipt) = (sum.took + course.elapsed, sum.receipt + course.receipt)
    }

    private func size(
        of key: [UInt8], _ replies: ReplyArena, _ position: inout Int, _ sum: inout Sum,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(CacheError) {
        if case .error(let words) = replies.nodes[position] {
            position += 1
            // Its slot is on its way, and is counted anew.
            if RoutePlan.verdict(words: replies.bytes[words], movesKeys: sum.isCluster).isElsewhere { return }
            await session.line.note(.memoryUsage, errorAboutKey: Array(replies.bytes[words]))
            sum.knowsBytes = false
            return
        }
        sum.note(bytes: try replies.integer(at: &position) ?? 0, of: key)
    }

    private func progress(_ sum: Sum, _ scan: MatchingScan, _ course: OperationCourse) -> OperationProgress {
        var progress = OperationProgress()
        progress.examined = sum.examined +| scan.examined
        progress.expected = max(sum.expected, 1)
        (progress.matched, progress.bytes) = (sum.keys, sum.bytes ?? 0)
        progress.elapsed = sum.took + course.elapsed
        return progress
    }
}

extension KeyCount.Beginning {
    init(_ key: [UInt8], of selection: KeySelection) {
        let (prefix, namespace) = selection.part(of: key)
        self.init(prefix: prefix, namespace: namespace)
    }
}

extension CacheOperations {
    /// Counts on all nodes, each key once, wherever it moves meanwhile.
    func count(
        _ selection: KeySelection, on targets: [Target], _ pace: SweepPace, _ control: SweepControl,
        tell: @Sendable (OperationProgress) -> Void
    ) async throws(CacheError) -> KeyCount.Sum {
        let layout = try await deployment.layout()
        var sum = KeyCount.Sum(isCluster: layout != nil)
        sum.expected = targets.reduce(0) { $0 +| $1.opened.keys }
        for target in targets {
            try await KeyCount(session: target.session, selection: selection, pace: pace, control: control)
                .run(target.opened, into: &sum, tell: tell)
            guard sum.isWhole else { return sum }
        }
        if let layout { try await recount(selection, &sum, since: layout, pace, control) }
        return sum
    }

    /// How often slots that moved are counted anew until nobody goes after them any more.
    private static let recounts = 50
    private static let sizesAtOnce = 1000

    private func recount(
        _ selection: KeySelection, _ sum: inout KeyCount.Sum, since layout: SlotLayout, _ pace: SweepPace,
        _ control: SweepControl
    ) async throws(CacheError) {
        guard var after = try await deployment.layout() else { return }
        var before = layout
        var slots = after.touched(since: before)
        for _ in 0..<Self.recounts {
            if slots.isEmpty { return }
            sum.forget(slots)
            var seen: Set<[UInt8]> = []
            for step in after.steps(for: slots, since: before) {
                let target = try await target(named: step.node)
                for part in step.slots.parts(of: SlotKeys.slotsAtOnce) {
                    guard !control.isCancelled else { return sum.isWhole = false }
                    let keys = try await SlotKeys.list(part, on: target.session).filter {
                        selection.filter.keeps($0) && seen.insert($0).inserted
                    }
                    for key in keys { sum.note(key, of: selection) }
                    try await measure(keys, &sum)
                    if pace == .gentle { await control.rest(for: ClusterFlush.pause / 20) }
                }
            }
            guard let now = try await deployment.layout() else { return }
            slots = now.escaped(among: slots, since: after)
            (before, after) = (after, now)
        }
        throw .refused(Refusal(.slotsMoving, detail: "nothing exact can be said"))
    }

    /// Those that no journal can hold: what a sample calls large is looked at whole.
    func largeKeys(of sum: KeyCount.Sum, _ control: SweepControl) async throws(CacheError) -> LargeKeys {
        var large = LargeKeys()
        let router = await router()
        for key in sum.suspects {
            guard !control.isCancelled else { throw .cancelled }
            // One after the other: each takes the server as long as it has elements.
            let reply = try await router.ask(KeyedCommand(key, KeyMeasure.command(key)))
            guard let bytes = try? reply.integer, bytes > Int64(LargeKeys.largestValue) else { continue }
            large.add(LargeKeys.Item(key: key, bytes: Int(min(Int64(KeyFacts.largest), bytes))))
        }
        return large
    }

    private func measure(_ keys: [[UInt8]], _ sum: inout KeyCount.Sum) async throws(CacheError) {
        guard sum.knowsBytes else { return }
        let router = await router()
        for part in keys.parts(of: Self.sizesAtOnce) {
            let replies = try await router.ask(
                part.map { KeyedCommand($0, Command([Array("MEMORY".utf8), Array("USAGE".utf8), $0])) }
            ).replies
            for (key, reply) in zip(part, replies) {
                // A key that is gone takes nothing; of one that may not be measured nobody knows what it takes.
                if case .error = reply { sum.knowsBytes = false }
                sum.note(bytes: (try? reply.integer) ?? 0, of: key)
            }
        }
    }
}
