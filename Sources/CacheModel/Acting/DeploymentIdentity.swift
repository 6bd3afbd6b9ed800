public import RedisValues

/// Who stands behind a name, as far as the servers there say who they are.
///
/// What was noted of one deployment is not true of another one that answers under its name later: behind `localhost`
/// is the other end of another tunnel.
public struct DeploymentIdentity: Equatable, Sendable {
    /// Whether its name, a URL, leads to whatever this machine puts behind it.
    private let isNobody: Bool
    public var servers: [ServerIdentity]
    /// Of a cluster, those of all its nodes, also of those that do not answer.
    public var nodeIDs: Set<String>

    /// - Parameter target: the URL without its secrets.
    public init(target: String, servers: [ServerIdentity], nodeIDs: Set<String> = []) {
        isNobody = TargetName.namesNobody(target)
        self.servers = servers
        // A node that does not know its own id has none.
        self.nodeIDs = nodeIDs.filter { !$0.isEmpty }
    }

    /// What one deployment is to another.
    public enum Verdict: Equatable, Sendable {
        case same
        case another
        /// They do not say enough.
        case unknown
    }

    /// What this deployment is to the one that `before` was: of several servers one is enough that is known again.
    public func verdict(on before: DeploymentIdentity) -> Verdict {
        if !nodeIDs.isEmpty, !before.nodeIDs.isEmpty {
            return nodeIDs.isDisjoint(with: before.nodeIDs) ? .another : .same
        }
        var relations: [ServerRelation] = []
        for server in servers {
            for old in before.servers {
                let relation = server.relation(to: old)
                if relation.sharesData || server.sharesHistory(with: old) { return .same }
                relations.append(relation)
            }
        }
        return !relations.isEmpty && relations.allSatisfy { $0 == .another } ? .another : .unknown
    }

    /// Whether what was noted for a name is meant for this deployment.
    ///
    /// The name of somebody says it by itself, whichever server stands there by now: what the one before had, this one is
    /// to have. One that is nobody's says nothing.
    ///
    /// - Parameter before: nil where nobody has noted who it was.
    public func isMeant(by before: DeploymentIdentity?) -> Verdict {
        guard isNobody else { return .same }
        return before.map(verdict) ?? .unknown
    }

    /// Whether what was found out about one deployment may be taken for true of this one.
    public func isStill(_ before: DeploymentIdentity) -> Bool {
        switch verdict(on: before) {
        case .same: true
        case .another: false
        case .unknown: !isNobody
        }
    }
}

// As a line of the ledger has it.
extension DeploymentIdentity {
    /// By which lines name it that belong to it; empty where the servers do not say who they are.
    public var key: String { servers.compactMap(\.runID).sorted().joined(separator: ",") }

    public var members: [(name: String, value: JSONValue)] {
        [("servers", .array(servers.map(\.json))), ("node_ids", JSONValue(nodeIDs.sorted()))]
    }

    /// - Returns: nil for what does not say who it is.
    public init?(target: String, json: JSONValue) {
        guard case .array(let servers)? = json["servers"] else { return nil }
        var ids: [String] = []
        if case .array(let values)? = json["node_ids"] { ids = values.compactMap(\.string) }
        self.init(target: target, servers: servers.map(ServerIdentity.init(json:)), nodeIDs: Set(ids))
    }
}
