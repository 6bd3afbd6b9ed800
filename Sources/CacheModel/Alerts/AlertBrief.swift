internal import RedisValues

extension Alert {
    /// The same in a few words, the figure in them: `memory 91.0 %`.
    public var brief: String {
        let words = briefWords
        return words.count > Self.longestBrief ? words.prefix(Self.longestBrief - 1) + "…" : words
    }

    private static let longestBrief = 60

    private var briefWords: String {
        let percent = Format.percent(value)
        let rate = value.map { "\(Format.rate($0))/s" } ?? Format.unknown
        let count = Format.shortCount(value?.whole)
        return switch id {
        case .memoryHigh: "memory \(percent)\(holder)"
        case .evicting: "evicting \(rate)"
        case .revocationsEvictable: "revocations may be evicted"
        case .refusingWrites: "refusing writes\(holder)"
        case .fragmentation: "fragmentation \(Format.number(value))"
        case .clientsHigh: "clients \(percent)"
        case .clientsRejected: "rejecting clients \(rate)"
        case .connectionChurn: "connection churn \(rate)"
        case .clientsBlocked: "blocked clients \(percent)"
        case .slowQueries: "slow queries"
        case .hitRatioLow: "hit ratio \(percent)"
        case .ttlContractBroken: "\(count) \(count == "1" ? "key" : "keys") without a TTL"
        case .namespaceVanished: "namespace vanished"
        case .prefixNeverExpires:
            if case .prefix(let prefix) = about { "\(prefix) never expires" } else { "a prefix never expires" }
        case .persistenceFailing: "persistence failing"
        case .datasetLost: "dataset lost"
        case .accessDenied: "access denied \(rate)"
        case .noPassword: "no password"
        case .revocationLost: value == nil ? "revocations not watched" : "revocations lost: \(count)"
        // Their messages are as short, and say which of several things it is.
        case .unreachable, .replicationBroken, .sentinelQuorum, .primaryChanged, .clusterDegraded, .restarted: inMessage
        }
    }

    /// Who holds the memory, where nobody is named for what has grown.
    private var holder: String {
        guard culprit?.brief == nil else { return "" }
        return switch about {
        case .namespace(let name), .prefix(let name), .key(let name), .clients(let name):
            " (\(name.count > 40 ? name.prefix(39) + "…" : name))"
        case nil: ""
        }
    }

    /// The message up to its first explanation, within a sentence.
    private var inMessage: String {
        let isShort = message.count <= Self.longestBrief
        let words = isShort ? message[...] : message.prefix { $0 != ":" }
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}
