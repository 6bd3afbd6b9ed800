internal import CacheModel

/// A sweep under way: what was counted, what it costs, what comes next.
struct SweepCourse: Sendable {
    var engine: any SweepEngine
    var governor = ScanGovernor(pace: .gentle, roundTrip: .zero)
    var costs = ScanCosts(before: nil)
    /// Keys of the database when it began.
    var expected = 0
    var isComplete = false
    var refusal: Refusal?

    private let link: NodeLink
    private let before: Traffic
    private var largestStall: Duration?
    /// Our calls, by the names of `commandstats`.
    private var calls: [String: Int] = [:]
    /// What has been told to the link of what the engine has caused.
    private var settled = KeyAnswers()
    private var settledInner = 0

    /// A server takes in so many bytes of a client at once, and serves others in between.
    private static let serverReads = 16_384.0
    /// What a server's work is of what its statistics tell.
    private static let overhead = 1.4

    init(classifier: KeyClassifier, link: NodeLink) {
        self.link = link
        before = link.traffic
        engine = PipelinedEngine(classifier: classifier, full: false, questions: KeyQuestions(), expected: 0)
    }

    /// - Returns: nil where everything has been asked and answered.
    mutating func next(from cursor: [UInt8]?) -> FlightBuffer? {
        if let flight = engine.flight(from: cursor, count: governor.count) { return flight }
        engine.digest()
        return engine.flight(from: nil, count: 0)
    }

    /// Sums up what came before, while the server works.
    mutating func sent(_ flight: FlightBuffer) {
        for (name, count) in flight.calls { calls[name, default: 0] += count }
        engine.digest()
    }

    /// - Returns: where SCAN goes on; nil at its end.
    mutating func received(
        _ replies: ReplyArena, of flight: FlightBuffer, after wall: Duration
    ) throws(CacheError) -> [UInt8]? {
        let cursor = try engine.receive(replies)
        costs.flown(flight, keys: engine.batch)
        note(flight, wall: wall)
        settle()
        return cursor
    }

    /// What has been counted until now.
    var soFar: NodeWalk {
        NodeWalk(
            tally: engine.tally, receipt: receipt, complete: isComplete, refusal: refusal, expected: expected)
    }

    /// Sums up the rest.
    mutating func end(denied: [DeniedCommand]) -> NodeWalk {
        engine.digest()
        settle()
        var walk = soFar
        walk.denied = denied
        if let engine = engine as? PipelinedEngine, engine.tallies.count > 1 { walk.parts = engine.tallies }
        return walk
    }

    private mutating func note(_ flight: FlightBuffer, wall: Duration) {
        let busy = max(.zero, wall - governor.roundTrip)
        let isOne = flight.commands == 1
        // Many small commands let others in between.
        let share = isOne ? 1 : min(1, Self.serverReads / Double(max(1, flight.bytes.count)))
        let scan = costs.scanPerKey.map { $0 * Double(governor.count) }
        // Reading commands and writing replies is not in the statistics.
        let server = costs.wholePerKey.map { $0 * (Self.overhead * Double(max(engine.batch, 1))) }
        largestStall = max(largestStall ?? .zero, busy * share, isOne ? .zero : scan ?? .zero)
        // On a loopback a gentle flight is to be short as a whole; elsewhere only the SCAN is to be.
        let isWhole = isOne || (governor.pace == .gentle && governor.roundTrip < .milliseconds(2))
        guard isWhole || scan != nil else { return }
        governor.note(
            ScanGovernor.Cost(keys: engine.batch, wall: wall, held: isWhole ? server : scan, server: server))
    }

    private mutating func settle() {
        let (answers, inner) = (engine.answers, engine.innerCommands)
        link.caused(
            hits: answers.hits &- settled.hits, misses: answers.misses &- settled.misses,
            commands: inner &- settledInner)
        (settled, settledInner) = (answers, inner)
    }

    private var receipt: Receipt {
        var receipt = Receipt(from: before, to: link.traffic)
        receipt.largestStall = largestStall
        receipt.serverTime = costs.serverTime(of: calls)
        return receipt
    }
}

extension Receipt {
    /// What a link has moved in between.
    init(from before: Traffic, to now: Traffic) {
        self.init()
        commands = now.commands &- before.commands
        bytesSent = now.bytesSent - before.bytesSent
        bytesReceived = now.bytesReceived - before.bytesReceived
        errors = now.errors - before.errors
        hits = now.hits &- before.hits
        misses = now.misses &- before.misses
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

    /// - Parameter leavingOut: what a flight has however many keys it asks for.
    mutating func flown(_ flight: FlightBuffer, keys: Int, leavingOut: Set<String> = []) {
        self.keys += keys
        for (name, count) in flight.calls where !leavingOut.contains(name) { calls[name, default: 0] += count }
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
