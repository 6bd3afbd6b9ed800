extension Alert.ID {
    /// What is asked when it is raised, in this order; empty for what is somebody's by itself, or nobody's.
    var asks: [CulpritQuestion] {
        switch self {
        case .memoryHigh, .evicting, .refusingWrites:
            [.component, .growth(.bytes), .group(.bytesIn), .command(.writes)]
        case .clientsHigh, .clientsRejected: [.group(.newConnections), .group(.idle)]
        // Connections that stay are not those that come and go.
        case .connectionChurn: [.group(.closedConnections)]
        case .slowQueries: [.slowQuery, .command(.any), .group(.commands)]
        case .hitRatioLow: [.misses, .shrinking, .events, .command(.reads)]
        case .clientsBlocked: [.group(.blocked), .command(.blocking)]
        case .namespaceVanished: [.shrinking, .command(.removals), .group(.commands)]
        case .ttlContractBroken: [.growth(.lasting), .breaches, .command(.writes), .group(.commands)]
        case .fragmentation, .persistenceFailing: [.shrinking, .fork, .settings]
        case .unreachable, .revocationsEvictable, .prefixNeverExpires, .replicationBroken, .sentinelQuorum,
            .primaryChanged, .clusterDegraded, .restarted, .datasetLost, .accessDenied, .noPassword, .revocationLost:
            []
        }
    }
}
