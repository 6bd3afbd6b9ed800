import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// An incident on a real server, watched by a made clock: what the server says is real, that a minute has passed is not.
@Suite struct CulpritTests {
    private func connection(_ name: String, to server: RedisServer) async throws -> Connection {
        let dialler = Dialler(tls: TLSSettings(), timeout: .seconds(2), courtesies: [])
        let connection = try await dialler.dial(
            try Endpoint(url: server.url), traffic: TrafficCounter(), allowsWrites: true
        ).connection
        _ = try await connection.pipeline([Command("CLIENT", "SETNAME", name)], deadline: .seconds(5))
        return connection
    }

    private func write(_ keys: Range<Int>, of namespace: String, _ size: Int, by client: Connection) async throws {
        let value = String(repeating: "x", count: size)
        _ = try await client.pipeline(
            keys.map { Command("SET", "\(namespace):\($0)", value, "EX", "3600") }, deadline: .seconds(10))
    }

    @Test func memoryThatOneClientFillsNamesItAndItsNamespace() async throws {
        let server = try RedisServer()
        let shop = try await connection("shop-1", to: server)
        let loader = try await connection("loader-7", to: server)
        try await write(0..<4000, of: "session", 40, by: shop)
        let collector = SnapshotCollector(settings: try settings(server.socketURL))
        let used = try #require(await collector.collect().nodes[0].info?.memory.used?.bytes)
        try server.cli("CONFIG", "SET", "maxmemory", String((used + 6_000_000) * 4 / 3))
        var engine = AlertEngine()
        var report: NamespaceReport?
        var wished = 0
        for second in 0..<130 {
            if second % 10 == 5 {
                _ = try await shop.pipeline((0..<50).map { Command("GET", "session:\($0)") }, deadline: .seconds(5))
                let step = second / 10
                if (6..<10).contains(step) {
                    try await write(step * 1200..<(step + 1) * 1200, of: "product", 2000, by: loader)
                }
            }
            var snapshot = await collector.collect()
            snapshot.elapsed = .seconds(second)
            snapshot.takenAt = WallTime(seconds: Sample.takenAt.seconds + Int64(second))
            snapshot.nodes[0].answeredAt = snapshot.elapsed
            if second % 10 == 9 {
                snapshot.clients = await collector.clients.look()
                snapshot.clients?.elapsed = .seconds(second)
            }
            if second == 1 || engine.wantsLook {
                wished += 1
                report = await collector.surveyor.estimate(sample: 1000)
                report?.elapsed = .seconds(second)
            }
            snapshot.namespaces = report
            _ = engine.evaluate(snapshot)
        }
        await collector.close()
        let alert = try #require(engine.raised.first { $0.id == .memoryHigh }, "\(engine.raised.map(\.message))")
        let culprit = try #require(alert.culprit, "\(alert.evidence)")
        #expect(culprit.kind == .namespace && culprit.name == "product")
        #expect(culprit.words.hasPrefix("product is it: +"), "\(culprit.words)")
        #expect(culprit.words.hasSuffix("; SET from loader-* (1 of 2 connections)"), "\(culprit.words)")
        #expect(wished == 2, "one look at the beginning, and one that the alert has wished for")
        print("culprit on a real server: \(culprit.words)")
        shop.close()
        loader.close()
    }
}
