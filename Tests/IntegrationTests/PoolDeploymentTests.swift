import CacheCore
import Support
import Testing

@testable import CacheWire

/// A server's pool where several nodes are one cache.
@Suite(.serialized) struct PoolDeploymentTests {
    private func pool(_ configuration: CacheConfiguration, deadline: Duration = .seconds(10)) throws -> CachePool {
        var settings = PoolSettings(size: 5)
        settings.deadline = deadline
        return try CachePool(configuration, name: "shop", settings: settings, logger: LogLines().logger)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func slotsThatMoveAreFollowedInACluster() async throws {
        let farm = try ClusterFarm(primaries: 2)
        let pool = try pool(
            CacheConfiguration(endpoint: try Endpoint(url: farm.servers[0].url), kind: .cluster(nodes: farm.addresses)))
        let calls = (0..<200).map { CacheCall.set("key:\($0)", "value-\($0)", for: nil) }
        #expect(try await pool.pipeline(calls).allSatisfy { $0 == .status(bytes("OK")) })
        let gets = (0..<200).map { CacheCall.get("key:\($0)") }
        let values = (0..<200).map { RESPValue.string(Array("value-\($0)".utf8)) }
        #expect(try await pool.pipeline(gets) == values)
        #expect(pool.statistics.opened == 2)
        // A slot that is half way: some of its keys are told to ASK.
        let slot = try #require(Int(farm.servers[0].cli("CLUSTER", "KEYSLOT", "{tag}a").filter(\.isNumber)))
        let owner = slot <= 8191 ? 0 : 1
        for key in ["a", "b", "c"] { _ = try await pool.send(.set("{tag}\(key)", bytes(key), for: nil)) }
        try farm.halfMove(slot, from: owner, to: 1 - owner, keys: ["{tag}a", "{tag}b"])
        for key in ["a", "b", "c"] { #expect(try await pool.send(.get("{tag}\(key)")) == .string(bytes(key))) }
        #expect(
            try await pool.pipeline(["a", "b", "c"].map { .get("{tag}\($0)") })
                == ["a", "b", "c"].map { .string(bytes($0)) })
        // The move ends: whoever was owner answers MOVED.
        try farm.servers[owner].cli("MIGRATE", "127.0.0.1", String(farm.servers[1 - owner].port), "{tag}c", "0", "5000")
        let new = try farm.servers[1 - owner].nodeID()
        for server in [farm.servers[1 - owner], farm.servers[owner]] {
            try server.cli("CLUSTER", "SETSLOT", String(slot), "NODE", new)
        }
        for key in ["a", "b", "c"] { #expect(try await pool.send(.get("{tag}\(key)")) == .string(bytes(key))) }
        _ = try await pool.withConnection(about: bytes("{tag}a")) { connection in
            try await connection.pipeline([Command("MULTI"), Command("INCR", "{tag}n"), Command("EXEC")])
        }
        #expect(try await pool.send(.get("{tag}n")) == .string(bytes("1")))
        await pool.end()
    }

    @Test func newPrimaryIsFoundAfterAFailOver() async throws {
        let farm = try SentinelFarm(replicas: 1)
        let pool = try pool(
            CacheConfiguration(
                endpoint: try Endpoint(url: "redis://127.0.0.1:1"),
                kind: .sentinel(service: SentinelFarm.service, nodes: farm.addresses)))
        #expect(try await pool.send(.set("a", "x", for: nil)) == .status(bytes("OK")))
        try eventually("the replica has it") { try farm.servers[1].cli("GET", "a").contains("x") }
        try farm.expectsFailOver()
        farm.servers[0].stop()
        await eventually("the new primary takes writes") {
            (try? await pool.send(.set("b", "y", for: nil))) == .status(Array("OK".utf8))
        }
        #expect(try farm.servers[1].cli("MGET", "a", "b").filter { !$0.isWhitespace } == "xy")
        await eventually("nobody looks for the old one") {
            await Task.yield()
            return pool.statistics.outages.isEmpty
        }
        await pool.end()
    }

    /// Where nobody tells who is primary, a call costs a deadline once, and then nothing.
    @Test func nobodyWaitsForSentinelsThatAreAway() async throws {
        let pool = try pool(
            CacheConfiguration(
                endpoint: try Endpoint(url: "redis://127.0.0.1:1"),
                kind: .sentinel(service: "shop", nodes: ["127.0.0.1:1"])))
        for _ in 0..<2 { await #expect(throws: CacheError.self) { _ = try await pool.send(.get("a")) } }
        do throws(CacheError) { _ = try await pool.send(.get("a")) } catch {
            guard case .unavailable = error else {
                Issue.record("\(error)")
                return
            }
        }
        await pool.end()
    }
}
