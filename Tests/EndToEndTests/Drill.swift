import Foundation
import Support
import Testing

/// How a drill begins and ends: an incident on a real server, and an operator at a terminal.
enum Drill {
    /// Alerts stand at once, and go a second after their cause; what is said of keys is of the last seconds.
    private static func settings(_ alerts: String) -> String {
        """
        [cachewatch]
        interval = "200ms"
        timeout = "1s"
        estimate_every = "5s"
        [cachewatch.alerts]
        hold = 0
        clear = 1
        \(alerts)

        """
    }

    /// - Parameters:
    ///   - options: as typed; nil for the server's Unix socket.
    ///   - alerts: lines in addition, of the table of alerts.
    static func open(
        _ server: RedisServer, _ options: String? = nil, alerts: String = ""
    ) throws -> TmuxSession {
        try open(options ?? "--url \(server.socketURL)", in: server.folder, alerts: alerts)
    }

    static func open(
        _ options: String, in folder: TemporaryFolder, alerts: String = ""
    ) throws -> TmuxSession {
        let file = try folder.write(settings(alerts), to: "drill.toml")
        return try TmuxSession(
            "\(Program.cachewatch) --config \(file) \(options); echo ended with $?",
            environment: ["XDG_STATE_HOME": folder.path + "/state"])
    }

    static func leave(_ session: TmuxSession) throws {
        try session.press("q")
        session.waitFor("ended with 0")
    }

    static func fill(_ server: RedisServer, _ lines: String) throws {
        try server.cli("EVAL", "for i=1,4000 do redis.call('SET', 'session:'..i, 'x', 'EX', 5000) end \(lines)", "0")
    }

    /// Sets `maxmemory` so that so much of it is used.
    static func limit(_ server: RedisServer, at share: Double) throws {
        try server.cli("CONFIG", "SET", "maxmemory", String(Int(Double(try used(server)) / share)))
    }

    private static func used(_ server: RedisServer) throws -> Int {
        let line = try server.cli("INFO", "memory").split(separator: "\r\n").first { $0.hasPrefix("used_memory:") }
        return line.flatMap { Int($0.dropFirst("used_memory:".count)) } ?? 1 << 20
    }

    /// The id of the one connection that is called so.
    static func id(of name: String, on server: RedisServer) throws -> String {
        let line = try server.cli("CLIENT", "LIST").split(separator: "\n").first { $0.contains(" name=\(name) ") }
        return line.flatMap { $0.split(separator: " ").first }.map { String($0.dropFirst("id=".count)) } ?? ""
    }
}
