internal import CacheCore
internal import CacheWire
internal import CacheModel

/// The clock and the governor of a walk that does something.
struct OperationCourse: Sendable {
    var governor: ScanGovernor
    let control: SweepControl
    private let start = ContinuousClock.now
    private var told: ContinuousClock.Instant
    private var largestStall: Duration?
    private let line: Line
    private let before: Traffic

    private static let tellingEvery = Duration.milliseconds(100)
    private static let serverReads = 16_384.0

    private var costs = ScanCosts(before: nil)
    private static let checkingEvery = Duration.seconds(1)
    /// What a server's work is of what its statistics tell.
    private static let overhead = 1.4
    private static let pings = 5

    /// - Parameter governor: what has been learned before; nil asks for ``calibrate(on:idle:)``.
    init(pace: SweepPace, control: SweepControl, line: Line, governor: ScanGovernor? = nil) {
        self.governor = governor ?? ScanGovernor(pace: pace, roundTrip: .zero)
        self.control = control
        self.line = line
        before = line.traffic
        told = start
    }

    /// Finds out what a flight takes that does nothing.
    ///
    /// Whatever takes longer is the server's work, and too large a round trip would hide it.
    ///
    /// - Parameter idle: what is in every flight beyond its load; answering a guard's questions takes the server some
    ///   8 µs, and us more. nil takes a PING.
    mutating func calibrate(on session: Session, idle: FlightBuffer? = nil) async throws(CacheError) {
        var idle = idle ?? FlightBuffer()
        if idle.isEmpty { idle.append(Command("PING"), as: "ping") }
        governor = ScanGovernor(pace: governor.pace, roundTrip: try await Self.shortest(idle, on: session))
    }

    private static func shortest(_ flight: FlightBuffer, on session: Session) async throws(CacheError) -> Duration {
        var shortest = Duration.seconds(60)
        for _ in 0..<pings {
            let sent = ContinuousClock.now
            shortest = min(shortest, max(.zero, try await session.fly(flight).arrivedAt - sent))
        }
        return shortest
    }

    var elapsed: Duration { ContinuousClock.now - start }

    /// Sends a flight and learns from what it took.
    mutating func fly(
        _ flight: FlightBuffer, on session: Session, under permit: WritePermit? = nil
    ) async throws(CacheError) -> ReplyArena {
        try await land(try launch(flight, on: session, under: permit))
    }

    /// A flight under way.
    struct UnderWay: Sendable {
        fileprivate let session: Session
        fileprivate let flight: Session.Launched
        fileprivate let sentFlight: FlightBuffer
        fileprivate let count: Int
        fileprivate let sent: ContinuousClock.Instant
    }

    func launch(
        _ flight: FlightBuffer, on session: Session, under permit: WritePermit? = nil
    ) throws(CacheError) -> UnderWay {
        // The answer may be there before this returns.
        let sent = ContinuousClock.now
        return UnderWay(
            session: session, flight: try session.launch(flight, under: permit), sentFlight: flight,
            count: governor.count, sent: sent)
    }

    /// Waits for a flight, and learns from what it took.
    mutating func land(_ underWay: UnderWay) async throws(CacheError) -> ReplyArena {
        let replies = try await underWay.flight.replies()
        let wall = max(.zero, replies.arrivedAt - underWay.sent)
        governor.isStrained = control.isStrained
        costs.flown(underWay.sentFlight, keys: underWay.count, leavingOut: ["info"])
        let work = costs.wholePerKey.map { $0 * (Self.overhead * Double(underWay.count)) }
        governor.note(ScanGovernor.Cost(keys: underWay.count, wall: wall, held: work, server: work))
        if control.isHurried, governor.pace == .gentle {
            governor = ScanGovernor(pace: .fast, roundTrip: governor.roundTrip)
        }
        let part = min(1, Self.serverReads / Double(max(1, underWay.sentFlight.bytes.count)))
        largestStall = max(largestStall ?? .zero, max(.zero, wall - governor.roundTrip) * part)
        if costs.isDue(every: Self.checkingEvery) { try await check(underWay.session) }
        return replies
    }

    /// Learns from the server's own statistics: on a busy machine the clock tells more of others than of us.
    private mutating func check(_ session: Session) async throws(CacheError) {
        guard !(await line.denied().contains(.commandStats)) else { return costs.note(nil) }
        let reply = try await session.ask([Question.commandStats.command])[0]
        costs.note((try? reply.bytes).map(InfoParser.commandStats))
    }

    func rest() async { await control.rest(for: governor.pause) }

    /// True now and then.
    mutating func isTimeToTell() -> Bool {
        guard ContinuousClock.now - told > Self.tellingEvery else { return false }
        told = .now
        return true
    }

    var receipt: Receipt {
        var receipt = Receipt(from: before, to: line.traffic)
        receipt.largestStall = largestStall
        return receipt
    }
}
