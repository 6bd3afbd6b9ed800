import Foundation
import Testing

/// A Redis Cluster of a test's own on loopback, with its slots dealt out evenly.
public final class ClusterFarm: @unchecked Sendable {
    /// Primaries first.
    public let servers: [RedisServer]
    public let primaries: Int
    private let clientArguments: [String]

    /// Returns once every node says that the cluster is up.
    public init(
        primaries: Int = 3, replicas: Int = 0, software: RedisServer.Software = .installed, arguments: [String] = [],
        tls: Certificates? = nil
    ) throws {
        clientArguments = tls?.clientArguments ?? []
        self.primaries = primaries
        let count = primaries * (1 + replicas)
        if software == .installed, arguments.isEmpty, tls == nil {
            servers = try SpareNodes.take(count)
        } else {
            servers = try (0..<count).map { _ in
                try RedisServer(
                    SpareNodes.arguments + (tls?.mutualArguments ?? []) + arguments, software: software, tls: tls)
            }
        }
        let first = servers[0]
        for (index, server) in servers.enumerated() {
            try server.cli("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1))
            guard index > 0 else { continue }
            try first.cli("CLUSTER", "MEET", "127.0.0.1", String(server.port))
        }
        for index in 0..<primaries {
            let range = (16_384 * index / primaries)...(16_384 * (index + 1) / primaries - 1)
            // Redis 6.2 takes no ranges.
            try servers[index].cli(["CLUSTER", "ADDSLOTS"] + range.map(String.init))
        }
        for server in servers {
            try eventually("all know each other") {
                try server.cli("CLUSTER", "INFO").contains("cluster_known_nodes:\(count)")
            }
        }
        for index in primaries..<count {
            let primary = try servers[index % primaries].nodeID()
            try eventually("it becomes a replica") {
                try self.servers[index].cli("CLUSTER", "REPLICATE", primary).contains("OK")
            }
        }
        for server in servers {
            try eventually("the cluster is up") { try server.cli("CLUSTER", "INFO").contains("cluster_state:ok") }
        }
        for server in servers {
            try eventually("replicas are known to all") {
                try server.cli("CLUSTER", "SLOTS").components(separatedBy: "127.0.0.1").count - 1 == count
            }
        }
        // One that has never had a whole copy takes nobody's place.
        for server in servers.dropFirst(primaries) {
            try eventually("it follows") {
                try server.cli("INFO", "replication").contains("master_link_status:up")
            }
        }
        try notice(after: Self.patience)
    }

    /// What a busy machine may let a node wait without that anybody takes it for dead, in ms.
    private static let patience = "15000"

    /// From now on nodes take one for dead that is silent for a second and a half.
    public func expectsFailure() throws { try notice(after: SpareNodes.timeout) }

    private func notice(after time: String) throws {
        for server in servers { try server.cli("CONFIG", "SET", "cluster-node-timeout", time) }
    }

    public var addresses: [String] { servers.map { "127.0.0.1:\($0.port)" } }

    /// Begins to move slots from one primary to another; the child ends when they have moved.
    public func reshard(slots: Int, from source: Int, to target: Int) throws -> Child {
        try Child(
            [
                "redis-cli", "--cluster", "reshard", addresses[0], "--cluster-from", servers[source].nodeID(),
                "--cluster-to", servers[target].nodeID(), "--cluster-slots", String(slots), "--cluster-yes",
            ], output: servers[0].folder.path + "/reshard-\(source)-\(target).log")
    }

    /// Opens a slot between two primaries and moves some of its keys, as a reshard does that never ends.
    public func halfMove(_ slot: Int, from source: Int, to target: Int, keys: [String]) throws {
        try servers[target].cli("CLUSTER", "SETSLOT", String(slot), "IMPORTING", servers[source].nodeID())
        try servers[source].cli("CLUSTER", "SETSLOT", String(slot), "MIGRATING", servers[target].nodeID())
        let port = String(servers[target].port)
        for key in keys { try servers[source].cli("MIGRATE", "127.0.0.1", port, key, "0", "5000") }
    }

    /// Keys of all primaries, each counted where it lives.
    public func count(_ pattern: String) throws -> Int {
        var keys: Set<Substring> = []
        for server in servers.prefix(primaries) {
            for key in try server.cli("KEYS", pattern).split(separator: "\n") { keys.insert(key) }
        }
        return keys.count
    }

    /// Runs a command wherever its key lives.
    @discardableResult
    public func cli(_ words: String...) throws -> String {
        try Program.run(["redis-cli", "-c", "-p", String(servers[0].port)] + clientArguments + words).output
    }

    /// Writes keys over a pipe, each to its node.
    public func fill(_ commands: [String]) throws {
        let path = try servers[0].folder.write(commands.joined(separator: "\n") + "\n", to: "commands")
        _ = try Program.run([
            "sh", "-c",
            "redis-cli -c -p \(servers[0].port) \(clientArguments.joined(separator: " ")) < '\(path)' > /dev/null",
        ])
    }
}

extension RedisServer {
    /// A cluster of one node, which has all slots.
    public static func wholeCluster() throws -> RedisServer {
        let server = try SpareNodes.take(1)[0]
        try server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        try eventually("the cluster is up") { try server.cli("CLUSTER", "INFO").contains("cluster_state:ok") }
        return server
    }

    public func nodeID() throws -> String { try cli("CLUSTER", "MYID").trimmingCharacters(in: .whitespacesAndNewlines) }
}
