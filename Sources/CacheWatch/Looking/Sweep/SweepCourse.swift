internal import CacheCore
internal import CacheWire
internal import CacheModel

/// A sweep under way: what was counted, what it costs, what comes next.
struct SweepCourse: Sendable {
    var engine: any SweepEngine
    var governor = ScanGovernor(pace: .gentle, roundTrip: .zero)
    var costs = ScanCosts(before: nil)
    /// Keys of the database when it began.
    private(set) var expected = 0
    var budget: Double?
    var isComplete = false
    var refusal: Refusal?

    private var bound = ScanBound(keys: nil)
    private let line: Line
    private let before: Traffic
    private var largestStall: Duration?
    /// Our calls, by the names of `commandstats`.
    private var calls: [String: Int] = [:]
    /// What has been told to the line of what the engine has caused.
    private var settled = KeyAnswers()
    private var settledInner = 0

    /// A server takes in so many bytes of a client at once, and serves others in between.
    private static let serverReads = 16_384.0

    init(classifier: KeyClassifier, line: Line) {
        self.line = line
        before = line.traffic
        engine = PipelinedEngine(classifier: classifier, full: false, questions: KeyQuestions(), expected: 0)
    }

    /// - Parameter keys: of the database; nil where nobody tells.
    mutating func expect(_ keys: Int?) { (expected, bound) = (keys ?? 0, ScanBound(keys: keys)) }

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
    /// - Throws: ``CacheError`` where the server refuses, or answers something else, and where the walk comes to no end.
    mutating func received(
        _ replies: ReplyArena, of flight: FlightBuffer, after wall: Duration
    ) throws(CacheError) -> [UInt8]? {
        let asked = governor.count
        let cursor = try engine.receive(replies)
        costs.flown(flight, keys: engine.batch)
        note(flight, wall: wall)
        settle()
        if let cursor, let refusal = bound.note(cursor, places: asked, found: engine.batch, at: replies.arrivedAt) {
            throw .refused(refusal)
        }
        return cursor
    }

    /// What has been counted until now.
    var soFar: NodeWalk {
        NodeWalk(
            tally: engine.tally, receipt: receipt, complete: isComplete, refusal: refusal, expected: expected,
            budget: budget)
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
        let server = costs.wholePerKey.map { $0 * (Receipt.overhead * Double(max(engine.batch, 1))) }
        largestStall = max(largestStall ?? .zero, busy * share, isOne ? .zero : scan ?? .zero)
        // On a loopback a gentle flight is to be short as a whole; elsewhere only the SCAN is to be.
        let isWhole = isOne || (governor.pace == .gentle && governor.roundTrip < .milliseconds(2))
        guard isWhole || scan != nil else { return }
        governor.note(
            ScanGovernor.Cost(keys: engine.batch, wall: wall, held: isWhole ? server : scan, server: server))
    }

    private mutating func settle() {
        let (answers, inner) = (engine.answers, engine.innerCommands)
        line.caused(
            hits: answers.hits -| settled.hits, misses: answers.misses -| settled.misses,
            commands: inner -| settledInner)
        (settled, settledInner) = (answers, inner)
    }

    private var receipt: Receipt {
        var receipt = Receipt(from: before, to: line.traffic)
        receipt.largestStall = largestStall
        receipt.serverTime = costs.serverTime(of: calls)
        return receipt
    }
}
