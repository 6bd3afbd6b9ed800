public import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing

/// A redis-server of a test's own: in a temporary folder, on loopback or a Unix socket, ended by its pid.
public final class RedisServer: @unchecked Sendable {
    public enum Software: String, CaseIterable, Sendable {
        case redis62 = "Redis 6.2"
        /// Of the system's package: Redis 7.0 on Debian 12 and Ubuntu 24.04, 8.0 on Debian 13.
        case installed = "redis-server"
        case valkey9 = "Valkey 9"

        /// nil where this machine has none.
        public var program: String? {
            let environment = ProcessInfo.processInfo.environment
            return switch self {
            case .redis62: environment["CACHEWATCH_REDIS_62"] ?? Fetched.program("redis-6.2/redis-server")
            case .installed: "redis-server"
            case .valkey9: environment["CACHEWATCH_VALKEY_9"] ?? Fetched.program("valkey-9/valkey-server")
            }
        }

        /// Its program; the test is skipped where this machine has none.
        func found() throws -> String {
            if let program { return program }
            try Missing.skip("\(rawValue) is not on this machine; scripts/test fetches it where it can be had")
        }
    }

    public let folder: TemporaryFolder
    public let port: Int
    public let arguments: [String]
    private let program: String
    private var child: Child

    public var socket: String { folder.path + "/redis.sock" }
    public var url: String { "redis://127.0.0.1:\(port)" }
    public var socketURL: String { "unix://\(socket)" }
    public var pid: pid_t { child.pid }

    /// Arguments that allow `DEBUG`, which older servers allow anyway.
    public static func debugging(_ software: Software) -> [String] {
        software == .redis62 ? [] : ["--enable-debug-command", "yes"]
    }

    /// Returns once the server answers on its socket. A test whose server is missing is skipped.
    public convenience init(
        _ arguments: [String] = [], software: Software = .installed, tls: Certificates? = nil
    ) throws {
        try self.init(starting: arguments, software: software, tls: tls)
        try waitUntilUp()
    }

    /// Returns at once: ``waitUntilUp()`` is for whoever takes it.
    init(starting arguments: [String], software: Software = .installed, tls: Certificates? = nil) throws {
        program = try software.found()
        folder = try TemporaryFolder()
        port = FreePort.next()
        let ports = tls == nil ? ["--port", String(port)] : ["--port", "0", "--tls-port", String(port)]
        self.arguments =
            ports + ["--bind", "127.0.0.1", "--unixsocket", folder.path + "/redis.sock"]
            + ["--dir", folder.path, "--save", "", "--daemonize", "no"] + (tls?.serverArguments ?? []) + arguments
        child = try Child([program] + self.arguments, output: folder.path + "/redis.log")
    }

    deinit { child.end() }

    /// Kills the server; ``restart()`` brings it back at the same place.
    public func stop() { child.end() }

    /// - Parameter more: arguments in addition.
    public func restart(_ more: [String] = []) throws {
        child = try Child([program] + arguments + more, output: folder.path + "/redis.log")
        try waitUntilUp()
    }

    public func signal(_ number: Int32) { child.signal(number) }

    /// Runs a command through redis-cli on the Unix socket.
    @discardableResult
    public func cli(_ words: String...) throws -> String { try cli(words) }

    @discardableResult
    public func cli(_ words: [String]) throws -> String {
        let output = try Program.run(["redis-cli", "-s", socket, "--no-auth-warning"] + words).output
        // Two refusals are equal, and keys that were never made are not missed.
        if words.first == "DEBUG", output.hasPrefix("ERR") { throw DebugIsRefused(words: words, answer: output) }
        return output
    }

    private struct DebugIsRefused: Error {
        let words: [String]
        let answer: String
    }

    /// Major and minor, of the Redis that it is compatible with: Valkey says 7.2.
    public func version() throws -> (Int, Int) {
        let line = try cli("INFO", "server").split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") }
        let numbers = (line ?? "").drop { $0 != ":" }.dropFirst().split(separator: ".").compactMap { Int($0) }
        return (numbers.first ?? 0, numbers.dropFirst().first ?? 0)
    }

    func waitUntilUp() throws {
        try eventually("redis-server answers") {
            let answer = try Program.run(["redis-cli", "-s", socket, "PING"]).output
            return answer.contains("PONG") || answer.contains("NOAUTH") || answer.contains("LOADING")
        }
    }
}

/// Ports that nobody listens on, below those that the system gives to outgoing connections: none of these can take one
/// before its server is up.
public enum FreePort {
    private static let given = NIOLockedValueBox<Set<Int>>([])
    /// So many are given before the first ones are given again.
    private static let most = 1000
    /// Processes of tests run beside each other and find the same ports free: each has a part of its own.
    private static let ports: Range<Int> = {
        let size = 1250
        for part in 0..<8 where isMine(part) { return (12_000 + part * size)..<(12_000 + (part + 1) * size) }
        return 12_000..<22_000
    }()

    /// Claims a part until this process ends.
    private static func isMine(_ part: Int) -> Bool {
        // No program that is started inherits it.
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A name without a file, which is gone with the process.
        let name = "\0cachewatch-tests-ports-\(part)"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
        }
        if !isBound { close(descriptor) }
        return isBound
    }

    /// Its neighbour ten thousand higher is free as well: a cluster's nodes talk over that one.
    public static func next() -> Int {
        while true {
            let port = Int.random(in: ports)
            let isNew = given.withLockedValue { given in
                if given.count >= most { given = [] }
                return given.insert(port).inserted
            }
            if isNew, isFree(port), isFree(port + 10_000) { return port }
        }
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
