import Foundation
import Testing

/// A primary, its replicas and the sentinels that watch them, all of a test's own on loopback.
public final class SentinelFarm: @unchecked Sendable {
    public static let service = "mymaster"

    /// The first one begins as primary.
    public let servers: [RedisServer]
    public let folder: TemporaryFolder
    public let sentinelPorts: [Int]
    private var sentinels: [Child] = []
    private let password: String?
    private let clientArguments: [String]

    /// Returns once all sentinels know of each other and of all replicas.
    ///
    /// - Parameters:
    ///   - arguments: of every server.
    ///   - password: of the sentinels themselves.
    ///   - serverPassword: of the servers, for sentinels and replicas too.
    public init(
        replicas: Int = 2, sentinels: Int = 3, arguments: [String] = [], password: String? = nil,
        serverPassword: String? = nil, tls: Certificates? = nil
    ) throws {
        clientArguments = tls?.clientArguments ?? []
        folder = try TemporaryFolder()
        self.password = password
        let authentication = serverPassword.map { ["--requirepass", $0, "--masterauth", $0] } ?? []
        // Fail-overs are to be quick, and full copies without a rest.
        let common =
            ["--repl-diskless-sync-delay", "0", "--repl-timeout", "10"] + authentication
            + (tls?.mutualArguments.dropLast(2) ?? []) + arguments
        let primary = try RedisServer(common, tls: tls)
        servers =
            try [primary]
            + (0..<replicas).map { _ in
                try RedisServer(common + ["--replicaof", "127.0.0.1", String(primary.port)], tls: tls)
            }
        sentinelPorts = (0..<sentinels).map { _ in FreePort.next() }
        for (index, port) in sentinelPorts.enumerated() {
            var lines = [
                tls == nil ? "port \(port)" : "port 0\ntls-port \(port)", "bind 127.0.0.1", "dir \(folder.path)",
                "sentinel monitor \(Self.service) 127.0.0.1 \(primary.port) \(sentinels / 2 + 1)",
                "sentinel down-after-milliseconds \(Self.service) 10000",
                "sentinel failover-timeout \(Self.service) 3000",
            ]
            if let serverPassword { lines.append("sentinel auth-pass \(Self.service) \(serverPassword)") }
            if let tls { lines += tls.sentinelLines }
            if let password { lines += ["requirepass \(password)", "sentinel sentinel-pass \(password)"] }
            let path = try folder.write(lines.joined(separator: "\n") + "\n", to: "sentinel-\(index).conf")
            self.sentinels.append(
                try Child(["redis-server", path, "--sentinel"], output: folder.path + "/sentinel-\(index).log"))
        }
        // Until they know each other they talk ten times as often, where they can be told so (from Redis 7.0 on).
        for index in sentinelPorts.indices {
            try eventually("sentinel \(index) answers") { try self.ask(index, "MYID").count > 40 }
            try ask(index, "DEBUG", "INFO-PERIOD", "1000", "PUBLISH-PERIOD", "200")
        }
        for index in sentinelPorts.indices {
            try eventually("sentinel \(index) knows all: \((try? self.ask(index, "MASTER", Self.service)) ?? "")") {
                let text = try self.ask(index, "MASTER", Self.service)
                return Self.field("num-slaves", text) == String(replicas)
                    && Self.field("num-other-sentinels", text) == String(sentinels - 1)
            }
        }
        for index in sentinelPorts.indices {
            try ask(index, "DEBUG", "INFO-PERIOD", "10000", "PUBLISH-PERIOD", "2000")
        }
    }

    deinit { for sentinel in sentinels { sentinel.end() } }

    /// `host:port` of all sentinels.
    public var addresses: [String] { sentinelPorts.map { "127.0.0.1:\($0)" } }

    @discardableResult
    public func ask(_ sentinel: Int, _ words: String...) throws -> String {
        try Program.run(
            ["redis-cli", "-p", String(sentinelPorts[sentinel]), "--no-auth-warning"] + clientArguments
                + (password.map { ["-a", $0] } ?? []) + ["SENTINEL"] + words
        ).output
    }

    /// From now on the sentinels take one for dead that is silent for 700 ms: a busy machine lets a healthy one wait as long.
    public func expectsFailOver() throws {
        for index in sentinelPorts.indices { try ask(index, "SET", Self.service, "down-after-milliseconds", "700") }
    }

    public func signal(sentinel: Int, _ number: Int32) { sentinels[sentinel].signal(number) }
    public func stop(sentinel: Int) { sentinels[sentinel].end() }

    /// The server that the sentinels take for the primary.
    public func primary() throws -> RedisServer? {
        let port = try ask(sentinelPorts.count - 1, "GET-MASTER-ADDR-BY-NAME", Self.service)
            .split(separator: "\n").last.flatMap { Int($0) }
        return servers.first { $0.port == port }
    }

    private static func field(_ name: String, _ text: String) -> String? {
        let lines = text.split(separator: "\n").map(String.init)
        return lines.firstIndex(of: name).flatMap { lines.indices.contains($0 + 1) ? lines[$0 + 1] : nil }
    }
}
