internal import RedisValues

/// What a node's charts show: one series a figure, an hour however often it is polled.
public struct History: Equatable, Sendable {
    public enum Figure: Int, CaseIterable, Sendable {
        case memory, rss, clients, blocked, operations, hitRatio, input, output, evicted, expired, connections,
            roundTrip
    }

    /// Seconds: an hour, and what the first stretch of an hour's chart begins with.
    public static let capacity = 3660

    private var series = Figure.allCases.map { _ in Series(capacity: History.capacity) }

    public init() {}

    public subscript(figure: Figure) -> Series { series[figure.rawValue] }

    private var answeredAt: Duration?

    /// Takes in what a node has said; what it says again while it is late is no sample.
    ///
    /// - Parameter interval: between polls at this time.
    public mutating func record(_ node: NodeSnapshot, at elapsed: Duration, every interval: Duration = .seconds(1)) {
        if node.late != nil, node.answeredAt == nil || node.answeredAt == answeredAt { return }
        answeredAt = node.answeredAt
        // A slow answer delays the next poll.
        record(Self.values(of: node), at: elapsed, every: interval + (node.roundTrip ?? .zero))
    }

    /// Takes in what a node has said at some time, figure by figure as ``Figure`` lists them.
    ///
    /// - Parameter interval: between what came then.
    public mutating func record(_ values: [Double?], at elapsed: Duration, every interval: Duration) {
        let hold = min(max(.seconds(3), interval * 2), .seconds(600))
        for (index, value) in values.prefix(series.count).enumerated() {
            series[index].append(value, at: elapsed, hold: hold)
        }
    }

    /// What the charts show of a node, figure by figure as ``Figure`` lists them; nil for what is not known.
    public static func values(of node: NodeSnapshot) -> [Double?] {
        Figure.allCases.map { value(of: $0, in: node) }
    }

    private static func value(of figure: Figure, in node: NodeSnapshot) -> Double? {
        guard node.reachable else { return nil }
        return switch figure {
        case .memory: node.info?.memory.used.map { Double($0.bytes) }
        case .rss: node.info?.memory.rss.map { Double($0.bytes) }
        case .blocked: node.info?.clients.blocked.map(Double.init)
        case .roundTrip: node.roundTrip.map { $0 / .seconds(1) }
        case .clients: node.info?.clients.connected.map(Double.init)
        case .operations: node.rates?.commands
        case .hitRatio: node.rates?.hitRatio
        case .input: node.rates?.inputBytes
        case .output: node.rates?.outputBytes
        case .evicted: node.rates?.evicted
        case .expired: node.rates?.expired
        case .connections: node.rates?.connections
        }
    }
}
