import CacheCore
import Support
import Testing

/// What a server gets that links `CacheCore` alone.
@Suite(.serialized) struct ClientTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func check(_ configuration: CacheConfiguration, nodes: Int) async throws {
        let client = CacheClient(configuration)
        let keys = (0..<300).map { bytes("session:\($0)") }
        let written = try await client.pipeline(keys.map { ($0, Command([bytes("SET"), $0, bytes("x")])) })
        #expect(written.allSatisfy { $0 == .status(bytes("OK")) })
        #expect(try await client.send(Command("GET", "session:7"), about: bytes("session:7")) == .string(bytes("x")))
        #expect(
            try await client.send(Command("LPUSH", "session:7", "y"), about: bytes("session:7"))
                == .error(bytes("WRONGTYPE Operation against a key holding the wrong kind of value")))
        let sizes = try await client.ask(.size)
        #expect(sizes.count == nodes)
        #expect(try sizes.values.reduce(0) { try $0 + $1.get() } == keys.count)
        for info in try await client.ask(.info).values { #expect(try info.get().replication.role == .primary) }
        for entries in try await client.ask(.slowlog(10)).values { #expect(try entries.get().count <= 10) }
        var found: Set<[UInt8]> = []
        try await client.scan(namespace: "session") { page in
            found.formUnion(page)
            return true
        }
        #expect(found == Set(keys))
        var pages = 0
        try await client.scan(namespace: "session", count: 10) { _ in
            pages += 1
            return false
        }
        #expect(pages == 1)
        await #expect(throws: CacheError.input("there is no namespace \"sessions\"")) {
            try await client.scan(namespace: "sessions") { _ in true }
        }
        await client.close()
    }

    @Test func oneServer() async throws {
        let server = try RedisServer()
        try await check(CacheConfiguration(endpoint: try Endpoint(url: server.url)), nodes: 1)
    }

    /// As a program's top level is: pages come there, and nowhere else.
    @MainActor @Test func pagesComeWhereTheCallerIs() async throws {
        let server = try RedisServer()
        try server.cli("MSET", "cart:1", "x", "cart:2", "y")
        let client = CacheClient(CacheConfiguration(endpoint: try Endpoint(url: server.url)))
        var names: [String] = []
        try await client.scan(namespace: "cart") { keys in
            MainActor.assertIsolated()
            names += keys.map { String(decoding: $0, as: UTF8.self) }
            return true
        }
        #expect(names.sorted() == ["cart:1", "cart:2"])
        await client.close()
    }

    @Test func cluster() async throws {
        let farm = try ClusterFarm(primaries: 3)
        let configuration = CacheConfiguration(
            endpoint: try Endpoint(url: farm.servers[0].url), kind: .cluster(nodes: farm.addresses))
        try await check(configuration, nodes: 3)
    }

    @Test func whoMayNotWriteSendsNothing() async throws {
        let server = try RedisServer()
        var configuration = CacheConfiguration(endpoint: try Endpoint(url: server.url))
        configuration.allowsWrites = false
        let client = CacheClient(configuration)
        await #expect(throws: CacheError.readOnly("SET")) {
            _ = try await client.send(Command("SET", "a", "b"), about: bytes("a"))
        }
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
        await client.close()
    }
}
