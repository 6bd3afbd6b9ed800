internal import RedisValues

/// Whether a full sweep follows an estimate unasked: it finds the few large keys that no draw meets.
public enum SweepDecision: String, CaseIterable, Equatable, Sendable {
    case sweep
    /// Nothing is looked at unasked.
    case off
    /// A look is under way.
    case busy
    /// The server suffers, or its memory is nearly full.
    case alert
    /// It was no whole estimate of a server whose keys are counted, or every key has been asked already.
    case noEstimate = "no-estimate"
    /// SCAN or MEMORY USAGE is denied: a sweep would find nothing.
    case denied
    /// The server does not tell what the estimate has cost.
    case costNotKnown = "cost-not-known"
    case tooExpensive = "too-expensive"
    /// The last one is less than an hour old, and there are about as many keys.
    case recent

    /// What is known when an estimate has come.
    public struct Circumstances: Sendable {
        public var estimate: NamespaceReport
        /// False where nothing is to be looked at unasked.
        public var isWished: Bool
        /// A look is under way, an operator's own included.
        public var isBusy: Bool
        /// A node's memory is beyond the critical threshold, whether an alert says so yet or not.
        public var isMemoryFull: Bool
        /// Those that stand.
        public var alerts: [Alert]
        /// When the last full sweep ended or was stopped, on the clock of ``NamespaceReport/elapsed``, and of how many
        /// keys; nil where there was none of this server.
        public var last: (at: Duration, keys: Int)?

        public init(
            _ estimate: NamespaceReport, isWished: Bool = true, isBusy: Bool = false, isMemoryFull: Bool = false,
            alerts: [Alert] = [], last: (at: Duration, keys: Int)? = nil
        ) {
            (self.estimate, self.isWished, self.isBusy) = (estimate, isWished, isBusy)
            (self.isMemoryFull, self.alerts, self.last) = (isMemoryFull, alerts, last)
        }
    }

    /// Server time that a sweep may take, of all nodes together.
    public static let most = Duration.seconds(2)
    /// After this a sweep is old.
    static let lasts = Duration.seconds(3600)
    /// Of the keys, a change that makes it old as well.
    static let change = 0.2

    /// Alerts that say that the server is slow or short of memory; of all others, only critical ones count.
    static let ofLatencyAndMemory: Set<Alert.ID> = [.slowQueries, .refusingWrites, .clientsBlocked]

    public init(_ now: Circumstances) {
        let estimate = now.estimate
        guard now.isWished else { self = .off; return }
        guard !now.isBusy else { self = .busy; return }
        guard estimate.method == .estimate, estimate.complete, estimate.refusal == nil, estimate.countsAreKnown,
            estimate.keys > 0
        else { self = .noEstimate; return }
        let suffers = now.alerts.contains { $0.level == .critical || Self.ofLatencyAndMemory.contains($0.id) }
        guard !now.isMemoryFull, !suffers else { self = .alert; return }
        guard estimate.bytesAreKnown, !estimate.denied.contains(where: { Self.needed.contains($0.command) }) else {
            self = .denied
            return
        }
        guard let cost = Self.cost(after: estimate) else { self = .costNotKnown; return }
        guard cost < Self.most else { self = .tooExpensive; return }
        if let last = now.last, estimate.elapsed - last.at < Self.lasts,
            abs(Double(estimate.keys) - Double(last.keys)) < Self.change * Double(max(1, last.keys))
        {
            self = .recent
            return
        }
        self = .sweep
    }

    private static let needed: Set = ["SCAN", "MEMORY USAGE", "PTTL"]

    /// What a full sweep would take of the server: of each key as much as a draw took, which was asked for more; and what
    /// reading commands and writing replies takes, which no statistics tell.
    static func cost(after estimate: NamespaceReport) -> Duration? {
        guard let time = estimate.receipt.serverTime, let draws = estimate.draws, draws > 0 else { return nil }
        let seconds = time / .seconds(1) / Double(draws) * Double(estimate.keys) * Receipt.overhead
        return seconds.isFinite && seconds > 0 ? .limited(seconds: seconds) : nil
    }
}
