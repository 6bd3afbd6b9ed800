internal import CacheModel

/// What has been counted on one node.
struct NodeWalk: Sendable {
    var tally: KeyspaceTally
    var receipt = Receipt()
    /// True once the cursor has come round and everything was answered.
    var complete = false
    var refusal: Refusal?
    var denied: [DeniedCommand] = []
    /// Keys of the database when the walk began.
    var expected = 0
}

/// Walks the keyspace of one node, under the governor.
struct NodeSweep: Sendable {
    let link: NodeLink
    let classifier: KeyClassifier
    let options: SweepOptions
    let control: SweepControl
    /// For each flight.
    let deadline: Duration

    /// How often what has been counted so far is told.
    private static let tellingEvery = Duration.milliseconds(200)
    /// How often the server is asked what our commands cost it.
    private static let checkingEvery = Duration.seconds(1)
    /// A server takes in so many bytes of a client at once, and serves others in between.
    private static let serverReads = 16_384.0

    /// - Parameter tell: hears now and then how far it is.
    /// - Returns: what has been counted, also where it failed or was cancelled half way.
    func run(tell: @Sendable (NodeWalk) -> Void) async -> NodeWalk {
        var walk = NodeWalk(tally: KeyspaceTally(classifier: classifier))
        let before = link.traffic
        do throws(CacheError) {
            try await run(&walk, since: before, tell)
        } catch {
            if error != .cancelled { walk.refusal = error.refusal }
            walk.receipt = receipt(since: before, walk.receipt)
            await link.close()
        }
        walk.denied = await link.denied.list
        return walk
    }

    private func run(
        _ walk: inout NodeWalk, since before: Traffic, _ tell: @Sendable (NodeWalk) -> Void
    ) async throws(CacheError) {
        try await link.connect()
        // A cursor means nothing to a server that was started anew: one connection, to the end.
        let connection = try await link.connection()
        let (opening, roundTrip) = try await open(connection)
        walk.expected = opening.keys
        var engine = try await engine(opening, connection, roundTrip: roundTrip)
        var governor = ScanGovernor(
            pace: options.pace, roundTrip: roundTrip,
            perKey: engine is ScriptEngine && options.full ? .microseconds(5) : .nanoseconds(1200))
        var costs = ScanCosts(before: opening.commands)
        var told = ContinuousClock.now
        var counted = Counted()
        var next = engine.flight(from: [UInt8(ascii: "0")], count: governor.count)
        while let flight = next, !control.isCancelled {
            let count = governor.count
            let start = ContinuousClock.now
            let underWay = connection.launch(flight.buffer, count: flight.commands, deadline: deadline)
            for (name, calls) in flight.calls { counted.calls[name, default: 0] += calls }
            engine.digest()
            if start - told > Self.tellingEvery {
                told = start
                walk.tally = engine.tally
                walk.receipt = receipt(since: before, walk.receipt)
                tell(walk)
            }
            let replies = try await underWay.replies()
            let cursor = try engine.receive(replies)
            let wall = replies.arrivedAt - start
            costs.flown(flight, keys: engine.batch)
            note(engine, flight, wall: wall, count: count, &governor, costs, &walk.receipt)
            counted.settle(engine, on: link)
            if costs.isDue(every: Self.checkingEvery) { try await check(&costs, connection) }
            governor.isStrained = control.isStrained
            await control.rest(for: governor.pause)
            next = engine.flight(from: cursor, count: governor.count)
            if next == nil {
                engine.digest()
                next = engine.flight(from: nil, count: 0)
            }
        }
        engine.digest()
        counted.settle(engine, on: link)
        walk.tally = engine.tally
        walk.complete = next == nil
        walk.receipt = receipt(since: before, walk.receipt)
        if !control.isCancelled { try await check(&costs, connection) }
        walk.receipt.serverTime = costs.serverTime(of: counted.calls)
        walk.receipt = receipt(since: before, walk.receipt)
    }

    /// What the engine has caused on the server and what has been told of it.
    private struct Counted {
        var calls: [String: Int] = [:]
        private var hits = 0
        private var misses = 0
        private var inner = 0

        mutating func settle(_ engine: any SweepEngine, on link: NodeLink) {
            let answers = engine.answers
            link.caused(
                hits: answers.hits - hits, misses: answers.misses - misses, commands: engine.innerCommands - inner)
            (hits, misses, inner) = (answers.hits, answers.misses, engine.innerCommands)
        }
    }

    private func open(_ connection: Connection) async throws(CacheError) -> (Opening, roundTrip: Duration) {
        let start = ContinuousClock.now
        _ = try await connection.pipeline([Question.size.command], deadline: deadline)
        let roundTrip = ContinuousClock.now - start
        let asked = Opening.questions(without: await link.denied, probing: !(await link.knowsKeyCommands))
        let replies = try await connection.pipeline(asked.map(\.command), deadline: deadline)
        return (try await Opening(replies, to: asked, on: link), roundTrip)
    }

    private func note(
        _ engine: any SweepEngine, _ flight: FlightBuffer, wall: Duration, count: Int, _ governor: inout ScanGovernor,
        _ costs: ScanCosts, _ receipt: inout Receipt
    ) {
        let busy = max(.zero, wall - governor.roundTrip)
        let isOne = engine is ScriptEngine || flight.commands == 1
        // Many small commands let others in between.
        let share = isOne ? 1 : min(1, Self.serverReads / Double(max(1, flight.bytes.count)))
        let scan = costs.scanPerKey.map { $0 * Double(count) }
        let server = costs.wholePerKey.map { $0 * Double(max(engine.batch, 1)) }
        let stall = max(busy * share, isOne ? .zero : scan ?? .zero)
        receipt.largestStall = max(receipt.largestStall ?? .zero, stall)
        // On a loopback a gentle flight is to be short as a whole; elsewhere only the SCAN is to be.
        let isWhole = isOne || (options.pace == .gentle && governor.roundTrip < .milliseconds(2))
        guard isWhole || scan != nil else { return }
        governor.note(
            ScanGovernor.Cost(keys: engine.batch, wall: wall, held: isWhole ? server : scan, server: server))
    }

    private func check(_ costs: inout ScanCosts, _ connection: Connection) async throws(CacheError) {
        guard !(await link.denied.contains(.commandStats)) else { return costs.note(nil) }
        let reply = try await connection.pipeline([Question.commandStats.command], deadline: deadline).first
        costs.note(reply.flatMap { try? $0.bytes }.map(InfoParser.commandStats))
    }

    private func receipt(since before: Traffic, _ known: Receipt) -> Receipt {
        let now = link.traffic
        var receipt = known
        receipt.commands = now.commands - before.commands
        receipt.bytesSent = now.bytesSent - before.bytesSent
        receipt.bytesReceived = now.bytesReceived - before.bytesReceived
        receipt.errors = now.errors - before.errors
        receipt.hits = now.hits - before.hits
        receipt.misses = now.misses - before.misses
        return receipt
    }
}

// Which engine.
extension NodeSweep {
    private func engine(
        _ opening: Opening, _ connection: Connection, roundTrip: Duration
    ) async throws(CacheError) -> any SweepEngine {
        let pipelined = PipelinedEngine(
            classifier: classifier, full: options.full, questions: opening.questions, expected: opening.keys)
        guard try await prefersScript(opening, connection, roundTrip), let digest = try await loadScript(connection)
        else {
            return pipelined
        }
        return ScriptEngine(
            classifier: classifier, full: options.full, questions: opening.questions, expected: opening.keys,
            digest: digest)
    }

    private func prefersScript(
        _ opening: Opening, _ connection: Connection, _ roundTrip: Duration
    ) async throws(CacheError) -> Bool {
        switch options.engine {
        case .pipeline: return false
        case .script: return true
        case .auto:
            guard roundTrip > .milliseconds(1) else { return false }
            let asked =
                options.full ? 1 : min(1, Double(SampleQuota.target * 8) / Double(max(1, opening.keys)))
            return SweepEngineChoice.scriptIsFaster(
                roundTrip: roundTrip / .seconds(1), bandwidth: try await bandwidth(connection, roundTrip),
                keysAsked: asked)
        }
    }

    /// Bytes a second, by sending some there and back; nil where PING is denied.
    private func bandwidth(_ connection: Connection, _ roundTrip: Duration) async throws(CacheError) -> Double? {
        let ballast = [UInt8](repeating: UInt8(ascii: "."), count: 64 << 10)
        let start = ContinuousClock.now
        let reply = try await connection.pipeline([Command([Array("PING".utf8), ballast])], deadline: deadline)
        let wall = ContinuousClock.now - start - roundTrip
        guard case .string? = reply.first else { return nil }
        return Double(2 * ballast.count) / max(1e-6, wall / .seconds(1))
    }

    /// - Returns: the script's digest; nil where scripts are denied, or the server knows no read-only ones.
    private func loadScript(_ connection: Connection) async throws(CacheError) -> [UInt8]? {
        for question in [Question.loadScript, .runScript] where await link.denied.contains(question) { return nil }
        guard let loaded = try await connection.pipeline([Question.loadScript.command], deadline: deadline).first else {
            return nil
        }
        if case .error(let words) = loaded {
            await link.note(.loadScript, error: words)
            return nil
        }
        guard let digest = try? loaded.bytes else { return nil }
        // Asks for a batch of one key, to see whether it runs.
        var probe = ScriptEngine(
            classifier: classifier, full: false, questions: KeyQuestions(without: await link.denied, policy: "-lfu"),
            expected: 1, digest: digest)
        guard let flight = probe.flight(from: [UInt8(ascii: "0")], count: 1) else { return nil }
        let replies = try await connection.launch(flight.buffer, count: 1, deadline: deadline).replies()
        if case .error(let words)? = replies.nodes.first {
            await link.note(.runScript, error: Array(replies.bytes[words]))
            return nil
        }
        _ = try? probe.receive(replies)
        probe.digest()
        link.caused(hits: probe.answers.hits, misses: probe.answers.misses, commands: probe.innerCommands)
        return digest
    }
}

/// What the server's own statistics say of what our commands cost.
struct ScanCosts {
    private let before: [String: CommandStats]?
    private var latest: [String: CommandStats]?
    private var checkedAt = ContinuousClock.now - .milliseconds(900)
    /// Of ours, since the last look.
    private var keys = 0
    private var calls: [String: Int] = [:]
    /// Server time of one key in a SCAN, and of all that is asked of one; nil before they are known.
    private(set) var scanPerKey: Duration?
    private(set) var wholePerKey: Duration?

    init(before: [String: CommandStats]?) {
        self.before = before
        latest = before
    }

    mutating func flown(_ flight: FlightBuffer, keys: Int) {
        self.keys += keys
        for (name, count) in flight.calls { calls[name, default: 0] += count }
    }

    func isDue(every interval: Duration) -> Bool { ContinuousClock.now - checkedAt > interval }

    /// - Parameter stats: nil where the server does not tell.
    mutating func note(_ stats: [String: CommandStats]?) {
        checkedAt = .now
        guard let stats else { return }
        if let latest, keys > 0 {
            // Others may use the same commands: theirs are taken to cost as much.
            func perKey(_ own: [String: Int]) -> Duration? {
                Receipt.serverTime(before: latest, after: stats, own: own).map { $0 / keys }
            }
            if let scans = calls["scan"] { scanPerKey = perKey(["scan": scans]) ?? scanPerKey }
            wholePerKey = perKey(calls) ?? wholePerKey
        }
        latest = stats
        (keys, calls) = (0, [:])
    }

    func serverTime(of calls: [String: Int]) -> Duration? {
        guard let before, let latest else { return nil }
        return Receipt.serverTime(before: before, after: latest, own: calls)
    }
}
