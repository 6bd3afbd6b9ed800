import NIOConcurrencyHelpers
import RedisValues
import Support
import Testing

@testable import CacheCore
@testable import CacheWire

/// What servers say no to, each in its own way: which of it is an outage, and which concerns one call or one connection.
@Suite(.serialized) struct PoolRefusalTests {
    private func pool(
        _ configuration: CacheConfiguration, size: Int = 3, deadline: Duration = .seconds(10),
        log: LogLines = LogLines()
    ) throws -> CachePool {
        var settings = PoolSettings(size: size)
        settings.deadline = deadline
        var configuration = configuration
        configuration.timeout = .seconds(10)
        return try CachePool(configuration, name: "shop", settings: settings, logger: log.logger)
    }

    private func error(_ body: () async throws(CacheError) -> Void) async -> CacheError? {
        do throws(CacheError) { try await body() } catch { return error }
        return nil
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    // MARK: TLS

    @Test func authorityDecidesWhetherAServerIsTrusted() async throws {
        let certificates = try Certificates()
        let server = try RedisServer(tls: certificates)
        var configuration = CacheConfiguration(endpoint: try Endpoint(url: "rediss://localhost:\(server.port)"))
        configuration.tls.caFile = certificates.authority
        let good = try pool(configuration)
        #expect(try await good.send(.set("a", "x", for: nil)) == .status(bytes("OK")))
        await good.end()
        configuration.tls.caFile = certificates.otherAuthority
        let log = LogLines()
        let bad = try pool(configuration, log: log)
        for _ in 0..<3 {
            guard
                case .unavailable(_, let reason) = await error({ () throws(CacheError) in
                    _ = try await bad.send(.get("a"))
                })
            else {
                Issue.record("it is not trusted")
                return
            }
            #expect(reason.reason == "TLS: certificate not trusted")
        }
        #expect(
            log.lines == [
                "info Connecting to Redis at rediss://localhost:\(server.port)/0",
                "warning Failed to connect to Redis: TLS: certificate not trusted. Continuing without cache.",
            ])
        await bad.end()
    }

    /// Whoever has the port may write anything into a certificate.
    @Test func nothingOfAHostileCertificateIsWrittenAsItIs() async throws {
        let folder = try TemporaryFolder()
        let (key, certificate) = (folder.path + "/key.pem", folder.path + "/certificate.pem")
        let made = try Program.run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x\u{1b}[2J",
            "-addext", "subjectAltName=DNS:evil\u{1b}[2J.example", "-keyout", key, "-out", certificate,
        ])
        try #require(made.status == 0, "\(made.errors)")
        let port = FreePort.next()
        let server = try RedisServer([
            "--tls-port", String(port), "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file",
            certificate, "--tls-auth-clients", "no",
        ])
        var configuration = CacheConfiguration(endpoint: try Endpoint(url: "rediss://localhost:\(port)"))
        configuration.tls.caFile = certificate
        let log = LogLines()
        let pool = try pool(configuration, log: log)
        let failure = await error { () throws(CacheError) in _ = try await pool.send(.get("a")) }
        guard case .unavailable(_, let reason)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(reason.kind == .tlsWrongHost, "\(reason)")
        for text in log.lines + [failure?.description ?? "", reason.detail] {
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "\(Printable.escape(text))")
        }
        #expect(
            log.lines.last?.hasPrefix("warning Failed to connect to Redis: TLS: certificate is for another host.")
                == true)
        _ = server
        await pool.end()
    }

    // MARK: clusters and primaries

    @Test func clusterThatIsDownIsNotAskedUntilItIsWhole() async throws {
        let farm = try ClusterFarm()
        let pool = try pool(
            CacheConfiguration(endpoint: try Endpoint(url: farm.servers[0].url), kind: .cluster(nodes: farm.addresses)))
        // One key on each primary.
        let keys = try (0..<3).map { index in
            try #require((0..<1000).map { "key:\($0)" }.first { KeySlot.of(Array($0.utf8).span) * 3 / 16_384 == index })
        }
        for key in keys { #expect(try await pool.send(.set(key, "x", for: nil)) == .status(bytes("OK"))) }
        try farm.expectsFailure()
        farm.servers[2].stop()
        await eventually("those that are left take nothing") {
            guard
                case .unavailable(_, let reason) = await error({ () throws(CacheError) in
                    _ = try await pool.send(.get(keys[0]))
                })
            else { return false }
            return reason.kind == .clusterDown
        }
        let outages = pool.statistics.outages
        #expect(outages.contains { $0.node == farm.addresses[0] && $0.reason.kind == .clusterDown }, "\(outages)")
        try farm.servers[2].restart()
        await eventually("all of them answer") {
            for key in keys {
                if await error({ () throws(CacheError) in _ = try await pool.send(.set(key, "y", for: nil)) }) != nil {
                    return false
                }
            }
            return pool.statistics.outages.isEmpty
        }
        await pool.end()
    }

    @Test func serverThatIsMadeAReplicaTakesNoWritesAndIsReadFrom() async throws {
        let (server, other) = (try RedisServer(), try RedisServer())
        let pool = try pool(CacheConfiguration(endpoint: try Endpoint(url: server.url)))
        _ = try await pool.send(.get("a"))
        try server.cli("REPLICAOF", "127.0.0.1", String(other.port))
        let failure = await error { () throws(CacheError) in _ = try await pool.send(.set("a", "x", for: nil)) }
        guard case .refused(let refusal)? = failure, refusal.kind == .readOnly else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(try await pool.send(.get("a")) == .null)
        #expect(pool.statistics.outages.isEmpty && pool.statistics.dropped == 0)
        try server.cli("REPLICAOF", "NO", "ONE")
        #expect(try await pool.send(.set("a", "x", for: nil)) == .status(bytes("OK")))
        await pool.end()
    }

    /// Nobody announces it: the first write that is refused asks.
    @Test func whoIsPrimaryIsAskedAnewWhereAWriteIsRefused() async throws {
        let (old, new) = (try RedisServer(), try RedisServer())
        let state = NIOLockedValueBox((port: old.port, epoch: 1))
        let sentinel = try AnsweringServer { words, _ in
            let (port, epoch) = state.withLockedValue { $0 }
            switch (words[0].uppercased(), words.count > 1 ? words[1].uppercased() : "") {
            case ("SENTINEL", "MASTER"):
                let fields = [
                    "name", "shop", "ip", "127.0.0.1", "port", "\(port)", "flags", "master", "quorum", "1",
                    "config-epoch", "\(epoch)",
                ]
                return .array(fields.map { .string($0) })
            case ("SENTINEL", "GET-MASTER-ADDR-BY-NAME"): return .array([.string("127.0.0.1"), .string("\(port)")])
            case ("SENTINEL", "REPLICAS"), ("SENTINEL", "SENTINELS"): return .array([])
            case ("SUBSCRIBE", _): return .array([.string("subscribe"), .string(words[1]), .integer(1)])
            default: return .status("OK")
            }
        }
        let pool = try pool(
            CacheConfiguration(
                endpoint: try Endpoint(url: "redis://127.0.0.1:1"),
                kind: .sentinel(service: "shop", nodes: [sentinel.name])))
        #expect(try await pool.send(.set("a", "x", for: nil)) == .status(bytes("OK")))
        #expect(try old.cli("GET", "a").contains("x"))
        func surveys() -> Int { sentinel.seen.count { $0.contains("GET-MASTER-ADDR-BY-NAME") } }
        let before = surveys()
        try old.cli("REPLICAOF", "127.0.0.1", String(new.port))
        state.withLockedValue { $0 = (new.port, 2) }
        #expect(try await pool.send(.set("b", "y", for: nil)) == .status(bytes("OK")))
        #expect(try new.cli("GET", "b").contains("y"))
        #expect(surveys() > before && pool.statistics.outages.isEmpty)
        await eventually("the old one is left alone") {
            await Task.yield()
            return pool.statistics.connections == 1
        }
        await pool.end()
    }

    // MARK: what is no reply

    /// Half a reply, what is no RESP, and one that announces more than anybody takes.
    @Test(arguments: ["$100\r\nhalf", "*3\r\n$1\r\na", "!garbage", "$-7", "$537919488"])
    func whatIsNoReplyEndsItsConnectionAndNoOther(words: String) async throws {
        let server = try AnsweringServer { command, _ in
            switch command {
            case ["GET", "first"]: .status("x\r\n\(words)")
            case ["GET", "poison"]: .hangUp
            default: .string(command.last)
            }
        }
        let pool = try pool(CacheConfiguration(endpoint: try Endpoint(url: server.url)))
        try await pool.withConnection { (alone) async throws in
            #expect(try await alone.send(.get("a")) == .string(bytes("a")))
            let failure = await error { () throws(CacheError) in
                _ = try await pool.pipeline([.get("first"), .get("poison")])
            }
            #expect(failure != nil)
            #expect(try await alone.send(.get("b")) == .string(bytes("b")), "beside it others go on")
        }
        #expect(try await pool.send(.get("c")) == .string(bytes("c")))
        let statistics = pool.statistics
        #expect(statistics.outages.isEmpty && statistics.timeouts == 0, "\(statistics)")
        #expect((statistics.closed[.failed] ?? 0) >= 1 && statistics.connections >= 1, "\(statistics)")
        await pool.end()
    }
}
