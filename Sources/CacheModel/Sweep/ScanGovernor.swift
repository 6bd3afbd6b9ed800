internal import RedisValues

/// How hard a sweep may lean on the server.
public enum SweepPace: String, Codable, CaseIterable, Sendable {
    /// For a server with users: a call is to hold it for 0.15 ms, never for 0.25, and the sweep takes a fourteenth of its
    /// time. That keeps another client's p99 within twice of a quiet server's.
    case gentle
    /// For a quiet server or a replica: up to 2 ms a call, without pauses.
    case fast

    /// How long one call is to hold the server.
    public var hold: Duration { self == .gentle ? .microseconds(150) : .milliseconds(2) }
    /// Of the server's time that the sweep may take.
    var duty: Double { self == .gentle ? 0.07 : 1 }
}

/// Decides how much to ask for next and how long to rest before, from what the requests so far have cost.
public struct ScanGovernor: Equatable, Sendable {
    /// What one flight of commands has cost.
    public struct Cost: Equatable, Sendable {
        /// Keys that the SCAN in it returned.
        public var keys: Int
        /// From sending to the last reply.
        public var wall: Duration
        /// Server time of what must not take long, the SCAN alone or the whole flight, where the server's own statistics
        /// tell it: others do not count in it as they do in the wall.
        public var held: Duration?
        /// Server time of the whole flight, by the same source.
        public var server: Duration?

        public init(keys: Int, wall: Duration, held: Duration? = nil, server: Duration? = nil) {
            self.keys = keys
            self.wall = wall
            self.held = held
            self.server = server
        }
    }

    public let pace: SweepPace
    /// The smallest round trip that was seen: what a request costs that asks for nothing.
    public private(set) var roundTrip: Duration
    /// `COUNT` of the next SCAN.
    public private(set) var count: Int
    /// To rest before the next flight.
    public private(set) var pause = Duration.zero
    /// True while an alert or the latency says that the server suffers.
    public var isStrained = false

    /// Seconds of server time a key, smoothed.
    private var perKey: Double?
    private var typicalFlight: Double?
    private let bounds: ClosedRange<Int>

    /// - Parameters:
    ///   - roundTrip: of a PING or the like.
    ///   - perKey: an expected cost of a key in one call, that the first flights correct.
    public init(pace: SweepPace, roundTrip: Duration, perKey: Duration = .nanoseconds(1200)) {
        self.pace = pace
        self.roundTrip = roundTrip
        bounds = pace == .gentle ? 10...500 : 50...4000
        count = 10
        count = fitting(perKey / .seconds(1))
    }

    public mutating func note(_ cost: Cost) {
        roundTrip = max(.zero, min(roundTrip, cost.wall))
        let busy = max(0, (cost.wall - roundTrip) / .seconds(1))
        if cost.keys > 0 {
            let seconds = (cost.held.map { $0 / .seconds(1) } ?? busy) / Double(max(cost.keys, count))
            // A call that took unusually long waited for others; it says little about ours.
            let known = perKey ?? seconds
            perKey = known * 0.8 + min(seconds, known * 4) * 0.2
            count = fitting(perKey ?? seconds)
        }
        let typical = typicalFlight ?? busy
        typicalFlight = typical * 0.9 + min(busy, typical * 2) * 0.1
        guard let server = cost.server.map({ $0 / .seconds(1) }), server > 0 else {
            return rest(busy: busy, slow: busy > 4 * typical && busy > 0.002)
        }
        // What it took beyond our own work is the work of others: a reason to be a little slower, or much.
        rest(busy: max(server, min(busy, 2 * server)), slow: busy > 4 * max(server, typical) && busy > 0.002)
    }

    private mutating func rest(busy: Double, slow: Bool) {
        guard pace == .gentle || isStrained else {
            pause = .zero
            return
        }
        var seconds = busy * (1 / min(pace.duty, SweepPace.gentle.duty) - 1)
        if slow || isStrained { seconds = max(seconds * 4, 0.02) }
        pause = .seconds(min(seconds, 1))
    }

    private func fitting(_ seconds: Double) -> Int {
        let wanted = Int(min(1e6, pace.hold / .seconds(1) / max(seconds, 1e-8)))
        // At most doubling or halving, so that one odd measurement does not throw it.
        let near = max(count / 2, min(count == 10 ? wanted : count * 2, wanted))
        return max(bounds.lowerBound, min(bounds.upperBound, near))
    }
}
