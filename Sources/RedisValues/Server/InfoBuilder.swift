/// Gathers the fields of one `INFO` reply.
struct InfoBuilder {
    /// Entries of one kind that are kept; an honest server sends far fewer.
    static let limit = 1024

    private var info: ServerInfo
    private var valkeyVersion: String?
    private var serverName: String?
    /// Clients that copy the dataset and are no replicas.
    private var copiers = 0

    init() {
        info = ServerInfo()
        info.unknown.reserveCapacity(200)
    }

    /// A heading: a section that is there without a field tells something, too.
    mutating func begin(section name: Substring) { if name == "Keyspace" { info.tellsKeyspace = true } }

    mutating func set(_ name: Substring, _ value: InfoValue) {
        if let assign = Self.fields[name] {
            assign(&info, value)
        } else if !setSpecial(name, value) {
            guard info.unknown.count < Self.limit else { return }
            info.unknown[Printable.escape(name, limit: 128)] = value.text
        }
    }

    func finished() -> ServerInfo {
        var info = info
        if let valkeyVersion {
            info.server.version = valkeyVersion
            info.server.software = .valkey
        } else if let serverName, serverName != "redis" {
            info.server.software = serverName == "valkey" ? .valkey : .other
        } else if info.server.version != nil {
            info.server.software = .redis
        }
        if info.server.mode == "sentinel" { info.replication.role = .sentinel }
        // The server counts whoever has sent SYNC.
        if copiers > 0, let count = info.replication.connectedReplicas {
            info.replication.connectedReplicas = max(0, count -| copiers)
        }
        return info
    }

    private mutating func setSpecial(_ name: Substring, _ value: InfoValue) -> Bool {
        switch name {
        case "valkey_version": valkeyVersion = value.text
        case "server_name": serverName = value.text
        case "cluster_enabled": info.clusterEnabled = value.boolean
        case "role": info.replication.role = value.text == "master" ? .primary : value.text == "slave" ? .replica : nil
        case _ where name.hasPrefix("errorstat_"):
            if info.errors.count < Self.limit, let count = InfoValue.count(value.pairs["count"]) {
                info.errors[Printable.escape(name.dropFirst(10), limit: 64)] = count
            }
        case _ where name.hasPrefix("db"):
            guard info.keyspace.count < Self.limit, let number = Int(name.dropFirst(2)), number >= 0,
                let keyspace = Self.keyspace(value)
            else { return false }
            info.keyspace[number] = keyspace
            info.tellsKeyspace = true
        case _ where name.hasPrefix("slave"):
            guard info.replication.replicas.count < Self.limit, Int(name.dropFirst(5)) != nil,
                let replica = Self.replica(value)
            else { return false }
            guard Self.isReplica(value.pairs) else {
                copiers +|= 1
                return false
            }
            info.replication.replicas.append(replica)
        default: return false
        }
        return true
    }

    private static func keyspace(_ value: InfoValue) -> ServerInfo.Keyspace? {
        let pairs = value.pairs
        guard let keys = InfoValue.count(pairs["keys"]) else { return nil }
        return ServerInfo.Keyspace(
            keys: keys, expires: InfoValue.count(pairs["expires"]),
            // 0 is what a server says that has not measured it yet.
            averageTTL: InfoValue.count(pairs["avg_ttl"]).flatMap { $0 > 0 ? .milliseconds($0) : nil })
    }

    /// A backup, a tool that follows the stream and a slot's new owner send SYNC or PSYNC like a replica, but have no port
    /// at which they listen; the second connection over which a replica takes in its dataset is not another one.
    private static func isReplica(_ pairs: [Substring: Substring]) -> Bool {
        if let port = pairs["port"], Int(port) ?? 0 <= 0 { return false }
        if let type = pairs["type"] { return type == "replica" || type == "main-channel" }
        return true
    }

    private static func replica(_ value: InfoValue) -> ServerInfo.Replica? {
        let pairs = value.pairs
        guard let host = pairs["ip"], let port = pairs["port"] else { return nil }
        let name = Printable.escape(host, limit: 128)
        let bracketed = name.contains(":") ? "[\(name)]" : name
        return ServerInfo.Replica(
            address: "\(bracketed):\(Printable.escape(port, limit: 8))",
            state: pairs["state"].map { Printable.escape($0, limit: 32) }, offset: InfoValue.count(pairs["offset"]),
            lag: InfoValue.count(pairs["lag"]).map { .seconds($0) })
    }
}
