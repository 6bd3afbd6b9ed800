import CacheModel
import Support

/// The states that every report is tried on.
let reportSamples: [(name: String, snapshot: Snapshot)] = [
    ("healthy", Sample.healthy), ("busy", Sample.busy), ("full", Sample.full), ("unreachable", Sample.unreachable),
    ("replica", Sample.replica), ("denied", Sample.denied), ("surveyed", Sample.surveyed), ("counted", Sample.counted),
    ("swept", Sample.swept),
    ("giants", giants), ("troubled", Sample.troubled),
    ("hostile", Sample.hostile), ("hostile-keys", hostileKeys), ("hostile-cluster", Sample.hostileCluster),
    ("hostile-sentinels", Sample.hostileSentinels),
]

private var giants: Snapshot {
    var snapshot = Sample.busy
    snapshot.namespaces = Sample.giants
    snapshot.nodes[0].slowlog?[4].script = 1_728
    return snapshot
}

private var hostileKeys: Snapshot {
    var snapshot = Sample.hostile
    snapshot.namespaces = Sample.hostileEstimate
    snapshot.namespaces?.items[1].keysDoubt = .stillGrowing
    return snapshot
}

/// Nothing that could move a cursor or reorder a line.
func isHarmless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0 == "\n" || Printable.isPrintable($0) }
}
