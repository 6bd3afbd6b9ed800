import CacheModel
import Support

/// Feeds an engine one node's snapshots at chosen seconds.
struct AlertScript {
    var engine: AlertEngine
    private(set) var changes: [AlertChange] = []

    init(immediate: Bool = false, thresholds: AlertThresholds = AlertThresholds()) {
        engine = AlertEngine(thresholds: thresholds, immediate: immediate)
    }

    /// - Returns: what changed.
    @discardableResult
    mutating func at(_ seconds: Int, _ node: NodeSnapshot = Sample.node()) -> [AlertChange] {
        at(seconds, nodes: [node])
    }

    @discardableResult
    mutating func at(_ seconds: Int, nodes: [NodeSnapshot]) -> [AlertChange] {
        let new = engine.evaluate(
            Snapshot(
                takenAt: WallTime(seconds: Sample.takenAt.seconds + Int64(seconds)), elapsed: .seconds(seconds),
                target: "redis://cache-1:6379/0", nodes: nodes))
        changes += new
        return new
    }

    func raised(_ id: Alert.ID) -> Alert? { engine.raised.first { $0.id == id } }
}

/// A healthy node with something changed.
func changed(_ change: (inout NodeSnapshot) -> Void) -> NodeSnapshot {
    var node = Sample.node()
    change(&node)
    return node
}

/// A healthy node with used memory of maxmemory at the given share.
func filled(_ share: Double) -> NodeSnapshot {
    changed {
        $0.info?.memory.maximum = 1_000_000
        $0.info?.memory.used = ByteCount(Int(share * 1_000_000))
    }
}
