import Foundation
import Testing

/// What happens to servers.
public enum ServerFault: String, CaseIterable, Sendable {
    case killed, stopped, restarted, replica, loading, maxclients, password, full

    /// A server on which every fault can be begun. Loading takes its time there, and answers meanwhile.
    public static func server(keys: Int) throws -> RedisServer {
        let server = try RedisServer([
            "--key-load-delay", "2000", "--loading-process-events-interval-bytes", "1024",
        ])
        try server.cli(
            "EVAL", "for i=1,\(keys) do redis.call('SET','session:'..i,string.rep('x',30),'EX',5000) end", "0")
        return server
    }

    /// - Returns: whoever takes the last place of a server that has one; to be ended before the fault is.
    public func begin(on server: RedisServer) throws -> Child? {
        switch self {
        case .killed: server.stop()
        case .stopped: server.signal(SIGSTOP)
        case .restarted:
            try server.cli("CONFIG", "SET", "key-load-delay", "0")
            try server.cli("SAVE")
            server.stop()
            try server.restart(["--key-load-delay", "0"])
            try eventually("it has loaded") { try server.cli("PING").contains("PONG") }
        case .replica: try server.cli("REPLICAOF", "127.0.0.1", "1")
        case .loading:
            try server.cli("SAVE")
            server.stop()
            try server.restart()
            try eventually("it loads") { try server.cli("PING").contains("LOADING") }
        case .maxclients: return try fill(server)
        case .password:
            try server.cli("CONFIG", "SET", "requirepass", "new")
            try server.cli("-a", "new", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        case .full:
            try server.cli("CONFIG", "SET", "maxmemory-policy", "noeviction")
            try server.cli("CONFIG", "SET", "maxmemory", "1000000")
        }
        return nil
    }

    /// Whoever is there already is dropped, and finds no place any more.
    private func fill(_ server: RedisServer) throws -> Child {
        let squatter = try Child(["redis-cli", "-s", server.socket, "SUBSCRIBE", "x"])
        try eventually("somebody has the place") { try server.cli("PUBSUB", "CHANNELS").contains("x") }
        let commands = "CONFIG SET maxclients 1\\nCLIENT KILL TYPE normal SKIPME yes\\n"
        _ = try Program.run(["sh", "-c", "printf '\(commands)' | redis-cli -s '\(server.socket)'"])
        return squatter
    }

    public func end(on server: RedisServer) throws {
        switch self {
        case .killed: try server.restart(["--key-load-delay", "0"])
        case .stopped: server.signal(SIGCONT)
        case .restarted: break
        case .replica: try server.cli("REPLICAOF", "NO", "ONE")
        case .loading:
            try server.cli("CONFIG", "SET", "key-load-delay", "0")
            try eventually("it has loaded") { try server.cli("PING").contains("PONG") }
        case .maxclients:
            try eventually("there is room") {
                try server.cli("CONFIG", "SET", "maxclients", "100").contains("OK")
            }
        case .password: try server.cli("-a", "new", "CONFIG", "SET", "requirepass", "")
        case .full: try server.cli("CONFIG", "SET", "maxmemory", "0")
        }
    }
}
