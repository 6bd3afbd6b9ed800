internal import RedisValues

/// What an operator can paste into a shell to carry out what an alert's remedies say, or to look closer. It is words: this
/// program changes no setting of a server.
public struct RemedyCommand {
    let alert: Alert
    let snapshot: Snapshot
    let invocation: Invocation

    /// The commands for an alert, each a whole line, the one that helps most first; empty where there is none to be told.
    ///
    /// - Parameters:
    ///   - snapshot: for the names and figures of the servers.
    ///   - invocation: how this program was called.
    public static func lines(
        for alert: Alert, in snapshot: Snapshot, _ invocation: Invocation = Invocation()
    ) -> [String] {
        RemedyCommand(alert: alert, snapshot: snapshot, invocation: invocation).lines
    }

    private var lines: [String] {
        switch alert.id {
        case .memoryHigh, .refusingWrites, .evicting: moreMemory
        case .fragmentation: redis(["CONFIG", "SET", "activedefrag", "yes"])
        case .clientsHigh, .clientsRejected: clients
        case .clientsBlocked, .connectionChurn: redis(["CLIENT", "LIST"])
        case .slowQueries: redis(["SLOWLOG", "GET", "10"])
        case .ttlContractBroken: broken.map { invocation.repair($0) + " --dry-run" }
        case .replicationBroken: redis(["INFO", "replication"])
        case .persistenceFailing: redis(["INFO", "persistence"])
        case .sentinelQuorum: quorum
        case .clusterDegraded: redis(["CLUSTER", "NODES"])
        case .accessDenied: redis(["ACL", "LOG", "10"])
        // Nothing that is pasted mends these, or the dashboard has a key for it.
        case .unreachable, .revocationsEvictable, .hitRatioLow, .namespaceVanished, .primaryChanged, .restarted,
            .datasetLost, .noPassword, .revocationLost, .prefixNeverExpires:
            []
        }
    }

    /// The node that the alert is about; of the deployment's own alerts the first one that answers.
    private var node: NodeSnapshot? {
        snapshot.dataNodes.first { $0.address == alert.node } ?? snapshot.dataNodes.first(where: \.reachable)
    }

    private func redis(_ words: [String]) -> [String] {
        guard let node, node.user?.contains("\\") != true,
            let connection = connection(to: node.address, user: node.user)
        else { return [] }
        return [(["redis-cli"] + (connection + words).map(Invocation.quoted)).joined(separator: " ")]
    }

    /// The options by which redis-cli reaches a server; nil for an address that cannot be typed.
    private func connection(to address: String, user: String?) -> [String]? {
        guard !address.hasPrefix("/") else { return ["-s", address] + login(user) }
        guard let name = try? NodeName(address), !name.host.isEmpty else { return nil }
        let tls = ["rediss:", "valkeys:"].contains { snapshot.target.hasPrefix($0) } ? ["--tls"] : []
        return ["-h", name.host, "-p", String(name.port)] + tls + login(user)
    }

    /// Passwords are typed, and stand in no command.
    private func login(_ user: String?) -> [String] {
        let named = user.flatMap { $0 == "default" ? nil : ["--user", $0] } ?? []
        return named + (named.isEmpty && !snapshot.target.contains("***") ? [] : ["--askpass"])
    }

    // MARK: memory

    private static let mebibyte = 1 << 20
    /// Of the host's memory, which forks and other processes need as well.
    private static let mostOfHost = 0.75

    /// Half as much again where the host has it, and a limit where there is none.
    private var moreMemory: [String] {
        guard let memory = node?.info?.memory, let maximum = memory.maximum?.bytes, let system = memory.system?.bytes
        else { return [] }
        let room = Int(Double(max(0, system)) * Self.mostOfHost)
        let wanted = maximum > 0 ? min(room, maximum +| maximum / 2) : room
        let megabytes = wanted / Self.mebibyte
        // Less than there is used already would begin with evicting.
        guard megabytes *| Self.mebibyte > max(maximum, memory.used?.bytes ?? .max) else { return [] }
        return redis(["CONFIG", "SET", "maxmemory", "\(megabytes)mb"])
    }

    // MARK: clients

    private static let mostClients = 100_000

    private var clients: [String] {
        guard let maximum = node?.info?.clients.maximum, maximum > 0 else { return redis(["CLIENT", "LIST"]) }
        let raised = min(Self.mostClients, maximum *| 2)
        return redis(["CLIENT", "LIST"])
            + (raised > maximum ? redis(["CONFIG", "SET", "maxclients", String(raised)]) : [])
    }

    // MARK: keys and sentinels

    /// Namespaces with keys that never expire and should, most first; a few of them.
    private var broken: [String] {
        let found = (snapshot.namespaces?.items ?? []).filter {
            $0.mustExpire && ($0.withoutTTL?.value ?? 0) > 0
        }
        return found.sorted { $0.withoutTTL?.value ?? 0 > $1.withoutTTL?.value ?? 0 }.prefix(3).map(\.name)
    }

    private var quorum: [String] {
        guard let sentinel = snapshot.topology?.sentinel,
            let asked = (sentinel.watches.first { $0.isUp } ?? sentinel.watches.first)?.address,
            // What was escaped is another name.
            !sentinel.service.contains("\\"), let connection = connection(to: asked, user: nil)
        else { return [] }
        let words = connection + ["SENTINEL", "CKQUORUM", sentinel.service]
        return [(["redis-cli"] + words.map(Invocation.quoted)).joined(separator: " ")]
    }
}
