/// What raises an alert.
enum AlertSource: Sendable {
    /// A rule on each node.
    case node(AlertRule)
    /// A rule on the latest look at the keyspace.
    case namespaces(NamespaceAlert)
    /// A rule on the deployment: who is primary, and who could replace it.
    case topology(TopologyAlert)
    /// ``RevocationAlert``.
    case revocations
}

extension Alert.ID {
    /// The one list of rules: a rule cannot be written without an id, and an id does not compile without its rule.
    var source: AlertSource {
        switch self {
        case .unreachable: .node(.unreachable)
        case .memoryHigh: .node(.memoryHigh)
        case .evicting: .node(.evicting)
        case .revocationsEvictable: .namespaces(.revocationsEvictable)
        case .refusingWrites: .node(.refusingWrites)
        case .fragmentation: .node(.fragmentation)
        case .clientsHigh: .node(.clientsHigh)
        case .clientsRejected: .node(.clientsRejected)
        case .connectionChurn: .node(.connectionChurn)
        case .clientsBlocked: .node(.clientsBlocked)
        case .slowQueries: .node(.slowQueries)
        case .hitRatioLow: .node(.hitRatioLow)
        case .ttlContractBroken: .namespaces(.ttlContractBroken)
        case .namespaceVanished: .namespaces(.namespaceVanished)
        case .prefixNeverExpires: .namespaces(.prefixNeverExpires)
        case .replicationBroken: .node(.replicationBroken)
        case .sentinelQuorum: .topology(.sentinelQuorum)
        case .primaryChanged: .topology(.primaryChanged)
        case .clusterDegraded: .topology(.clusterDegraded)
        case .persistenceFailing: .node(.persistenceFailing)
        case .restarted: .node(.restarted)
        case .datasetLost: .node(.datasetLost)
        case .accessDenied: .node(.accessDenied)
        case .noPassword: .node(.noPassword)
        case .revocationLost: .revocations
        }
    }
}

extension AlertRule {
    static let all = Alert.ID.allCases.compactMap { id -> AlertRule? in
        if case .node(let rule) = id.source { rule } else { nil }
    }
}

extension NamespaceAlert {
    static let all = Alert.ID.allCases.compactMap { id -> NamespaceAlert? in
        if case .namespaces(let rule) = id.source { rule } else { nil }
    }
}

extension TopologyAlert {
    static let all = Alert.ID.allCases.compactMap { id -> TopologyAlert? in
        if case .topology(let rule) = id.source { rule } else { nil }
    }
}
