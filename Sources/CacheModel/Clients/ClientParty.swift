public import RedisValues

/// On whose behalf a connection is there: an application's clients are told apart from all others.
public enum ClientParty: String, CaseIterable, Codable, Comparable, Sendable {
    case client, own, replica, primary, sentinel, slotMover = "slot-mover"

    public init(of client: ClientEntry) {
        guard !client.isOwn else {
            self = .own
            return
        }
        switch client.kind {
        case .client, .subscriber, .monitor: self = .client
        case .replica: self = .replica
        case .primary: self = .primary
        case .sentinel: self = .sentinel
        case .slotMover: self = .slotMover
        }
    }

    /// What is said of others than clients; nil for clients.
    public var words: String? {
        switch self {
        case .client: nil
        case .own: "cachewatch"
        case .replica: "replica"
        case .primary: "primary"
        case .sentinel: "sentinel"
        case .slotMover: "slot mover"
        }
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: ClientParty, right: ClientParty) -> Bool { left.rank < right.rank }
}
