internal import RedisValues

/// The verdict on a whole snapshot, in the convention of monitoring plug-ins.
public enum HealthStatus: String, Codable, CaseIterable, Sendable {
    case ok, warning, critical, unknown

    public var exitStatus: Int32 {
        switch self {
        case .ok: 0
        case .warning: 1
        case .critical: 2
        case .unknown: 3
        }
    }

    /// Unknown where nothing is raised, but not all could be seen either: a node that does not tell how it is, or a
    /// cluster of which nobody knows the members.
    public init(_ snapshot: Snapshot, alerts: [Alert]) {
        switch alerts.map(\.level).max() {
        case .critical: self = .critical
        case .warning: self = .warning
        default:
            let isSeen = snapshot.deployment != .cluster || snapshot.topology?.cluster != nil
            self =
                isSeen && !snapshot.dataNodes.isEmpty
                    && snapshot.dataNodes.allSatisfy { $0.tellsItsHealth && !$0.isLate }
                ? .ok : .unknown
        }
    }
}
