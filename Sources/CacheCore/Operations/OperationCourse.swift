internal import CacheModel

/// The clock and the governor of a walk that does something.
struct OperationCourse: Sendable {
    var governor: ScanGovernor
    let control: SweepControl
    private let start = ContinuousClock.now
    private var told: ContinuousClock.Instant
    private var largestStall: Duration?
    private let link: NodeLink
    private let before: Traffic

    private static let tellingEvery = Duration.milliseconds(100)
    private static let serverReads = 16_384.0

    init(pace: SweepPace, control: SweepControl, roundTrip: Duration, link: NodeLink) {
        governor = ScanGovernor(pace: pace, roundTrip: roundTrip)
        self.control = control
        self.link = link
        before = link.traffic
        told = start
    }

    var elapsed: Duration { ContinuousClock.now - start }

    /// Sends a flight and learns from what it took.
    mutating func fly(_ flight: FlightBuffer, on node: OperationNode) async throws(CacheError) -> ReplyArena {
        try await land(try launch(flight, on: node))
    }

    /// A flight under way.
    struct UnderWay: Sendable {
        fileprivate let flight: Flight
        fileprivate let bytes: Int
        fileprivate let sent: ContinuousClock.Instant
    }

    func launch(_ flight: FlightBuffer, on node: OperationNode) throws(CacheError) -> UnderWay {
        UnderWay(
            flight: try node.connection.launch(flight, deadline: node.deadline), bytes: flight.bytes.count,
            sent: .now)
    }

    /// Waits for a flight, and learns from what it took.
    mutating func land(_ underWay: UnderWay) async throws(CacheError) -> ReplyArena {
        let replies = try await underWay.flight.replies()
        let wall = replies.arrivedAt - underWay.sent
        governor.isStrained = control.isStrained
        governor.note(ScanGovernor.Cost(keys: governor.count, wall: wall))
        let part = min(1, Self.serverReads / Double(max(1, underWay.bytes)))
        largestStall = max(largestStall ?? .zero, max(.zero, wall - governor.roundTrip) * part)
        return replies
    }

    func rest() async { await control.rest(for: governor.pause) }

    /// True now and then.
    mutating func isTimeToTell() -> Bool {
        guard ContinuousClock.now - told > Self.tellingEvery else { return false }
        told = .now
        return true
    }

    var receipt: Receipt {
        var receipt = Receipt(from: before, to: link.traffic)
        receipt.largestStall = largestStall
        return receipt
    }
}
