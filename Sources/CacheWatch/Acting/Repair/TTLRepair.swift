internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Finds the keys of a namespace that break its contract, and gives them a time to live, their old one journalled.
struct TTLRepair {
    let session: Session
    let filter: KeyFilter
    let measure: RepairMeasure
    let control: SweepControl
    let pace: SweepPace

    /// How a time to live is given only where it mends something.
    enum Way: Sendable {
        /// `PEXPIREAT key time NX|LT`, since Redis 7.0.
        case flags
        /// The same by a script, on servers that know no flags.
        case script
    }

    /// What it takes to mend something.
    struct Means {
        let way: Way
        let journal: JournalWriter
        let permit: WritePermit
    }

    /// KEYS: one key. ARGV: Unix milliseconds, the flag, and how long that is from now.
    private static let script = """
        local ttl = redis.call('PTTL', KEYS[1])
        if ttl == -2 then return 0 end
        if ARGV[2] == 'NX' and ttl ~= -1 then return 0 end
        if ARGV[2] == 'LT' and ttl ~= -1 and ttl <= tonumber(ARGV[3]) then return 0 end
        return redis.call('PEXPIREAT', KEYS[1], ARGV[1])
        """

    private struct Breach {
        var key: [UInt8]
        /// Milliseconds; nil for never.
        var lifetime: Int64?
        /// What it is to get, in milliseconds from now, and when that ends by the server's clock.
        var given: Int64
        var expiry: Int64
    }

    struct Sum {
        /// Keys without a time to live, and keys with too long a one, by slot; outside of a cluster in one.
        private var breaches: [Int: (without: Int, above: Int)] = [:]
        /// The same by what they begin with.
        private var parts: [Int: KeyCount.Part] = [:]
        var isCluster = false
        /// Slots with keys that their node gave away.
        var strays: Set<Int> = []
        var examples: [NotedKey] = []
        /// Keys of all nodes, and those walked over.
        var expected = 0
        var examined = 0
        var given = 0
        var shortened = 0
        var unchanged = 0
        var isWhole = false
        var took = Duration.zero

        var withoutTTL: Int { breaches.values.reduce(0) { $0 + $1.without } }
        var above: Int { breaches.values.reduce(0) { $0 + $1.above } }

        func slot(of key: [UInt8]) -> Int { isCluster ? KeySlot.of(key) : 0 }

        var beginnings: [KeyCount.Beginning: Int] { KeyCount.Part.prefixes(of: parts.values) }

        mutating func note(_ key: [UInt8], isWithout: Bool, of selection: KeySelection) {
            var (without, above) = breaches[slot(of: key)] ?? (0, 0)
            if isWithout { without += 1 } else { above += 1 }
            breaches[slot(of: key)] = (without, above)
            parts[slot(of: key), default: KeyCount.Part()].note(KeyCount.Beginning(key, of: selection))
        }

        /// What is counted anew.
        mutating func forget(_ slots: Set<Int>) { for slot in slots { (breaches[slot], parts[slot]) = (nil, nil) } }
    }

    /// Tries which way the server knows, on a key that nobody has.
    func way(probe key: ProbeKey) async throws(CacheError) -> Way {
        let probe = Probe("PEXPIREAT", key, Array("4102444800000".utf8), Array("NX".utf8))
        let reply = try await Guard.ask([probe], on: session)[0]
        guard case .error(let words) = reply else { return .flags }
        if Printable.escape(words).hasPrefix("ERR") { return .script }
        throw reply.cacheError ?? .protocolError("PEXPIREAT")
    }

    /// - Parameters:
    ///   - keys: these, and no walk over all there are; they may be on their way to or from the node.
    ///   - means: nil counts only.
    ///   - sum: what was done, also where it throws.
    /// - Throws: ``CacheError``; nothing more was sent.
    func run(
        _ opened: Session.Opened, keys: [[UInt8]]? = nil, by means: Means?, into sum: inout Sum,
        isolation: isolated (any Actor)? = #isolation,
        tell: @Sendable (OperationProgress) -> Void
    ) async throws(CacheError) {
        var course = OperationCourse(pace: pace, control: control, line: session.line)
        let guardian = NodeGuard(planned: opened.identity)
        try await course.calibrate(on: session, idle: guardian.idle)
        var scan = MatchingScan(filter, within: ScanBound(keys: opened.keys))
        if keys != nil { scan.end() }
        let (examined, took) = (sum.examined, sum.took)
        var found = keys ?? []
        var toMend: [Breach] = []
        while !control.isCancelled, !scan.isDone || !found.isEmpty || !toMend.isEmpty {
            var flight = FlightBuffer()
            guardian.append(to: &flight)
            let (mending, asked, scans) = (toMend, found, !scan.isDone)
            for breach in mending {
                append(mend(breach, means?.way ?? .flags), "pexpireat", asks: keys != nil, &flight)
            }
            for key in asked { append(Command([Array("PTTL".utf8), key]), "pttl", asks: keys != nil, &flight) }
            scan.append(to: &flight, count: course.governor.count)
            let replies = try await course.fly(flight, on: session, under: means?.permit)
            var position = 0
            let now = try guardian.check(replies, at: &position).server.time ?? .now
            for breach in mending {
                guard let reply = try number(breach.key, replies, &position, asks: keys != nil, &sum) else { continue }
                if reply != 1 {
                    sum.unchanged += 1
                } else if breach.lifetime == nil {
                    sum.given += 1
                } else {
                    sum.shortened += 1
                }
            }
            var breaches: [Breach] = []
            for key in asked {
                guard let lifetime = try number(key, replies, &position, asks: keys != nil, &sum) else { continue }
                if let found = breach(key, lifetime, at: now.milliseconds) { breaches.append(found) }
            }
            session.line.caused(hits: asked.count, misses: 0)
            note(breaches, &sum)
            if let means {
                try means.journal.append(
                    breaches.map {
                        JournalEntry(key: $0.key, lifetime: $0.lifetime, change: .expires(at: $0.expiry))
                    }, takenAt: .now)
            }
            toMend = means == nil ? [] : breaches
            found = scans ? try scan.receive(replies, at: &position) : []
            (sum.examined, sum.took) = (examined +| scan.examined, took + course.elapsed)
            if course.isTimeToTell() { tell(progress(sum)) }
            await course.rest()
        }
        sum.isWhole = scan.isDone && !control.isCancelled
        tell(progress(sum))
    }

    private func append(_ command: Command, _ name: String, asks: Bool, _ flight: inout FlightBuffer) {
        if asks { flight.append(Command("ASKING"), as: "asking") }
        flight.append(command, as: name)
    }

    /// - Returns: nil where the key is on its way elsewhere.
    private func number(
        _ key: [UInt8], _ replies: ReplyArena, _ position: inout Int, asks: Bool, _ sum: inout Sum
    ) throws(CacheError) -> Int64? {
        // A server that is no cluster knows nothing of it, and is never asked.
        if asks { position += 1 }
        if position < replies.nodes.count, case .error(let words) = replies.nodes[position],
            RoutePlan.verdict(words: replies.bytes[words], movesKeys: sum.isCluster).isElsewhere
        {
            position += 1
            sum.strays.insert(sum.slot(of: key))
            return nil
        }
        return try replies.integer(at: &position) ?? -2
    }

    private func breach(_ key: [UInt8], _ lifetime: Int64, at now: Int64) -> Breach? {
        guard let given = measure.given(to: key, with: lifetime) else { return nil }
        return Breach(key: key, lifetime: lifetime == -1 ? nil : lifetime, given: given, expiry: now +| given)
    }

    private func note(_ breaches: [Breach], _ sum: inout Sum) {
        for breach in breaches {
            sum.note(breach.key, isWithout: breach.lifetime == nil, of: measure.selection)
            let name = Printable.escape(breach.key, limit: 200)
            guard sum.examples.count < 10, !sum.examples.contains(where: { $0.key == name }) else { continue }
            sum.examples.append(NotedKey(key: name, lifetime: breach.lifetime.map { Int($0 / 1000) }))
        }
    }

    private func mend(_ breach: Breach, _ way: Way) -> Command {
        let (time, flag) = (Array(String(breach.expiry).utf8), Array((breach.lifetime == nil ? "NX" : "LT").utf8))
        switch way {
        case .flags: return Command([Array("PEXPIREAT".utf8), breach.key, time, flag])
        case .script:
            return Command([
                Array("EVAL".utf8), Array(Self.script.utf8), Array("1".utf8), breach.key, time, flag,
                Array(String(breach.given).utf8),
            ])
        }
    }

    private func progress(_ sum: Sum) -> OperationProgress {
        var progress = OperationProgress()
        (progress.examined, progress.expected) = (sum.examined, max(1, sum.expected))
        (progress.matched, progress.done) = (sum.withoutTTL + sum.above, sum.given + sum.shortened)
        progress.elapsed = sum.took
        return progress
    }
}
