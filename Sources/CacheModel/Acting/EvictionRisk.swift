public import RedisValues

/// Whether a server may take a key before its time.
public enum EvictionRisk: Equatable, Sendable {
    case none
    /// It does not say.
    case unknown
    /// Once its memory is full.
    case later(policy: String)
    /// It is full, and takes keys.
    case now(policy: String, used: ByteCount, limit: ByteCount)

    /// From there on the next writes may take keys: a server stays a little below its limit by taking them.
    private static let full = 0.98

    public init(_ memory: ServerInfo.Memory) {
        guard let limit = memory.maximum else {
            self = .unknown
            return
        }
        guard limit.bytes > 0, memory.policy != "noeviction" else {
            self = .none
            return
        }
        guard let policy = memory.policy, let used = memory.used else {
            self = .unknown
            return
        }
        let counted = Double(used.bytes) - Double(memory.notCountedForEviction?.bytes ?? 0)
        self =
            counted >= Double(limit.bytes) * Self.full
            ? .now(policy: Printable.escape(policy, limit: 40), used: used, limit: limit)
            : .later(policy: Printable.escape(policy, limit: 40))
    }

    private var rank: Int {
        switch self {
        case .none: 0
        case .later: 1
        case .unknown: 2
        case .now: 3
        }
    }

    /// Of several servers that of the worst one.
    public static func worst(of risks: [EvictionRisk]) -> EvictionRisk { risks.max { $0.rank < $1.rank } ?? .unknown }

    /// nil where there is none.
    public var words: String? {
        switch self {
        case .none: nil
        case .unknown: "whether the server evicts keys is not known"
        case .later(let policy): "\(policy) may take it once the server's memory is full"
        case .now(let policy, let used, let limit):
            "will not last: \(policy) takes keys, \(Format.bytes(used)) of \(Format.bytes(limit)) are used; "
                + "noeviction, or more memory, keeps it"
        }
    }
}
