import Glibc
import NIOConcurrencyHelpers

/// Nodes of clusters that tests are going to make, empty and without slots or friends.
///
/// A node says for its first two seconds that its cluster is down, whatever it knows. Those that are started while other
/// tests run have that behind them.
enum SpareNodes {
    /// Of a node that is silent, in ms; a new cluster is up after it.
    static let timeout = "1500"

    /// What the nodes of a ``ClusterFarm`` are started with.
    static let arguments = [
        "--cluster-enabled", "yes", "--cluster-node-timeout", timeout, "--cluster-config-file", "nodes.conf",
        "--repl-diskless-sync-delay", "0",
    ]

    /// Of a farm that has replicas.
    private static let most = 6

    private struct Shelf {
        var servers: [RedisServer] = []
        var endsThem = false
    }

    private static let shelf = NIOLockedValueBox(Shelf())

    /// Takes so many, and starts others for whoever comes next.
    static func take(_ count: Int) throws -> [RedisServer] {
        let taken = try shelf.withLockedValue { shelf in
            if !shelf.endsThem {
                // Nobody may come any more.
                atexit { SpareNodes.end() }
                shelf.endsThem = true
            }
            while shelf.servers.count < count + most { shelf.servers.append(try RedisServer(starting: arguments)) }
            let taken = Array(shelf.servers.prefix(count))
            shelf.servers.removeFirst(count)
            return taken
        }
        for server in taken { try server.waitUntilUp() }
        return taken
    }

    private static func end() { shelf.withLockedValue { $0.servers = [] } }
}
