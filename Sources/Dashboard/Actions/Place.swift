internal import CacheModel

/// The servers that held the keys when something was shown: what is confirmed of them is not done to others.
public struct Place: Equatable, Sendable {
    /// The URL without its secrets.
    public var target: String
    public var database: Int
    /// By address: the process that answered there last.
    public var runIDs: [String: String]

    public init(target: String, database: Int, runIDs: [String: String]) {
        self.target = target
        self.database = database
        self.runIDs = runIDs
    }

    /// - Parameter before: tells of a node that is silent what it was.
    init?(_ snapshot: Snapshot, before: Place?) {
        self.init(target: snapshot.target, database: snapshot.database, runIDs: [:])
        let alone = snapshot.dataNodes.count == 1
        for node in snapshot.dataNodes {
            guard let info = node.info else {
                runIDs[node.address] = before?.runIDs[node.address]
                continue
            }
            guard alone || info.replication.role != .replica else { continue }
            runIDs[node.address] = info.server.runID ?? ""
        }
        if runIDs.isEmpty { return nil }
    }
}
