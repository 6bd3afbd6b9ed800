internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Whether this user may change anything.
public enum WriteAccess: Equatable, Sendable {
    case allowed
    /// `--read-only` or `read_only`.
    case switchedOff
    /// The server is a replica.
    case replica
    /// The server is one node of a cluster, and is watched alone.
    case clusterNode
    /// The ACL user may not; the words say what is missing.
    case denied(String)

    public var isAllowed: Bool { self == .allowed }

    /// Why not; empty where it is allowed.
    public var words: String {
        switch self {
        case .allowed: ""
        case .switchedOff: "read-only: switched on by --read-only or read_only"
        case .replica: "read-only: the server is a replica"
        case .clusterNode: "read-only: one node of a cluster is watched alone; --cluster reaches all of them"
        case .denied(let needs): "read-only: this user may not write (needs \(needs))"
        }
    }

    /// - Parameter seesClusters: whether all nodes of a cluster are watched.
    static func find(
        on session: Session, keyPrefix: [UInt8], seesClusters: Bool
    ) async throws(CacheError) -> WriteAccess {
        let opened = try await session.identity()
        guard opened.identity.isPrimary else { return .replica }
        guard seesClusters || !opened.isCluster else { return .clusterNode }
        let key = ProbeKey(in: keyPrefix)
        let probes = [
            Probe("UNLINK", key), Probe("SET", key, Array("x".utf8), Array("XX".utf8)),
            Probe("EXPIRE", key, Array("1".utf8)),
        ]
        // One after the other: whoever may do the first thing is not asked for more.
        for probe in probes {
            let reply = try await Guard.ask([probe], on: session)[0]
            if WriteDemand.lastingObjection(in: reply, to: probe) == nil { return .allowed }
        }
        return .denied("+unlink +set +expire +restore")
    }
}
