internal import CacheModel

/// The servers of which it was asked whether they may be changed: the answer is theirs, and of that connection.
struct AskedAccess: Equatable, Sendable {
    private struct Standing: Equatable, Sendable {
        var server: ServerIdentity
        var role: ServerInfo.Role?
        var user: String?
    }

    /// By address; those that answered last.
    private var standings: [String: Standing] = [:]

    /// - Returns: true where it has to be asked anew.
    mutating func takeIn(_ snapshot: Snapshot) -> Bool {
        var now: [String: Standing] = [:]
        var isNew = false
        for node in snapshot.dataNodes where node.reachable {
            guard let info = node.info else { continue }
            let standing = Standing(server: ServerIdentity(info), role: info.replication.role, user: node.user)
            if let before = standings[node.address] {
                let isOther = standing.server.isOtherProcess(than: before.server) || standing.role != before.role
                isNew = isNew || isOther || (before.user != nil && standing.user != before.user)
            } else {
                isNew = true
            }
            now[node.address] = standing
        }
        standings = now
        return isNew
    }
}
