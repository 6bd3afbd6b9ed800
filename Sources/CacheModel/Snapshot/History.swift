internal import RedisValues

/// What a node's charts show: one series a figure, an hour at a poll a second.
public struct History: Equatable, Sendable {
    public enum Figure: Int, CaseIterable, Sendable {
        case memory, rss, clients, blocked, operations, hitRatio, input, output, evicted, expired, connections,
            roundTrip
    }

    public static let capacity = 3600

    private var series = Figure.allCases.map { _ in Series(capacity: History.capacity) }

    public init() {}

    public subscript(figure: Figure) -> Series { series[figure.rawValue] }

    public mutating func record(_ node: NodeSnapshot, at elapsed: Duration) {
        for figure in Figure.allCases { series[figure.rawValue].append(Self.value(of: figure, in: node), at: elapsed) }
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
