/// Whether a node is worth asking: after failures nobody asks it but one who looks, until it answers again.
///
/// It decides, and its owner performs. Instants are those of ``PoolState``.
package struct BreakerState: Equatable, Sendable {
    package typealias Instant = PoolState.Instant

    /// Since when a node is not asked, and why.
    package struct Outage: Equatable, Sendable {
        package let since: Instant
        package fileprivate(set) var reason: Refusal
    }

    /// What became of a call.
    package enum Outcome: Equatable, Sendable {
        case answered
        /// No reply within the deadline.
        case timedOut
        /// An error reply that says that the server cannot now, whatever it is asked: see ``reason(of:)``.
        case cannot(Refusal)
        /// It has failed with its connection, or was given up; that says nothing more than the connection's end does.
        case lost
    }

    /// nil while calls pass.
    package private(set) var outage: Outage?
    /// When it is looked whether the node answers again; nil while calls pass.
    package private(set) var probeAt: Instant?
    private var probes = 0
    /// Since the last answer.
    private var timeouts = 0
    private var window = Window()

    /// Time-outs in a row.
    package static let mostTimeouts = 5
    /// Calls of a second, of which half are late.
    package static let fewestCalls = 20
    private static let firstRest = Duration.milliseconds(50)
    private static let longestRest = Duration.seconds(5)

    package init() {}

    // MARK: while calls pass

    /// - Parameter jitter: of the rest until it is looked again, from 0 to 1.
    /// - Returns: whether the node is not asked any more from now on.
    package mutating func note(_ outcome: Outcome, now: Instant, jitter: Double) -> Bool {
        guard outage == nil else { return false }
        switch outcome {
        case .lost: return false
        case .answered:
            timeouts = 0
            window.count(isLate: false, at: now)
            return false
        case .cannot(let refusal):
            open(refusal, now, jitter)
            return true
        case .timedOut:
            timeouts += 1
            window.count(isLate: true, at: now)
            let sum = window.sum(at: now)
            let isSlow = sum.calls >= Self.fewestCalls && 2 * sum.late >= sum.calls
            guard timeouts >= Self.mostTimeouts || isSlow else { return false }
            let words =
                timeouts >= Self.mostTimeouts ? "\(timeouts) calls in a row" : "\(sum.late) of \(sum.calls) calls"
            open(Refusal(.hung, detail: "\(words) without a reply in time"), now, jitter)
            return true
        }
    }

    /// A dial has failed, and there is no connection left.
    package mutating func dialFailed(_ refusal: Refusal, now: Instant, jitter: Double) {
        if outage == nil { open(refusal, now, jitter) } else { rest(refusal, now, jitter) }
    }

    // MARK: while they do not

    /// The node has answered.
    package mutating func close() { self = BreakerState() }

    private mutating func open(_ refusal: Refusal, _ now: Instant, _ jitter: Double) {
        outage = Outage(since: now, reason: refusal)
        rest(refusal, now, jitter)
    }

    /// Anything up to a bound that doubles, so that many servers do not come back at the same instant.
    ///
    /// Source: Brooker, "Exponential Backoff and Jitter", AWS 2015: full jitter.
    private mutating func rest(_ refusal: Refusal, _ now: Instant, _ jitter: Double) {
        outage?.reason = refusal
        probeAt = now + min(Self.longestRest, Self.firstRest * (1 << min(probes, 20))) * jitter
        probes += 1
    }

    /// What an error reply says of the server as a whole; nil for one that is an answer.
    package static func reason(of words: [UInt8]) -> Refusal? {
        // Nearly all replies that are errors begin otherwise.
        guard let first = words.first, "LMC".utf8.contains(first),
            case .later(let kind) = RoutePlan.verdict(words: words[...], movesKeys: true)
        else { return nil }
        return Refusal(kind, detail: Printable.escape(words, limit: 200))
    }
}

/// Calls of the last second, in tenths of it.
private struct Window: Equatable, Sendable {
    private struct Part: Equatable, Sendable {
        var end: Duration
        var all = 0
        var late = 0
    }

    private static let tenth = Duration.milliseconds(100)
    private static let parts = 10
    private var parts: [Part] = []

    mutating func count(isLate: Bool, at now: Duration) {
        if parts.last.map({ $0.end <= now }) ?? true {
            if parts.count == Self.parts { parts.removeFirst() }
            parts.append(Part(end: now + Self.tenth))
        }
        parts[parts.count - 1].all += 1
        if isLate { parts[parts.count - 1].late += 1 }
    }

    func sum(at now: Duration) -> (calls: Int, late: Int) {
        parts.reduce(into: (0, 0)) { sum, part in
            guard part.end + .milliseconds(900) > now else { return }
            sum.0 += part.all
            sum.1 += part.late
        }
    }
}
