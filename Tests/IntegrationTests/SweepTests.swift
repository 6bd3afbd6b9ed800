import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// A surveyor for a server of a test's own.
func surveyor(
    _ url: String, timeout: Duration = .seconds(2), _ change: (inout Settings) -> Void = { _ in }
) throws -> (surveyor: KeyspaceSurveyor, collector: SnapshotCollector) {
    let collector = SnapshotCollector(settings: try settings(url, timeout: timeout, change))
    return (collector.surveyor, collector)
}

/// Figures of `INFO stats`, by name.
func stats(_ server: RedisServer) throws -> [String: Int] {
    var stats: [String: Int] = [:]
    for line in try server.cli("INFO", "stats").split(whereSeparator: \.isNewline) {
        let parts = line.split(separator: ":")
        if parts.count == 2, let number = Int(parts[1]) { stats[String(parts[0])] = number }
    }
    return stats
}

@Suite struct SweepTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var software: RedisServer.Software
        var engine: SweepEngineChoice
        var full: Bool
        var testDescription: String { "\(software) \(engine) \(full ? "full" : "counts")" }
    }

    static let cases = RedisServer.Software.allCases.flatMap { software in
        [SweepEngineChoice.pipeline, .script].flatMap { engine in
            [true, false].map { Case(software: software, engine: engine, full: $0) }
        }
    }

    @Test(arguments: cases) func countsAreTheTruth(_ one: Case) async throws {
        let server = try RedisServer(software: one.software)
        let truth = try KnownKeyspace(on: server, keys: 30_000)
        let (surveyor, collector) = try surveyor(server.socketURL)
        let report = await surveyor.sweep(
            SweepOptions(full: one.full, pace: .fast, engine: one.engine), control: SweepControl())
        #expect(report.refusal == nil)
        #expect(report.complete)
        #expect(report.keys == truth.total)
        for usage in report.items + [report.rest] {
            #expect(usage.keys == Estimated(exactly: truth.keys[usage.name] ?? 0), "\(usage.name)")
        }
        // CLIENT NO-TOUCH came with 7.2, CLIENT NO-EVICT with 7.0, read-only scripts with 7.0.
        let version = try server.version()
        let unknown = version < (7, 0) ? 2 : version < (7, 2) ? 1 : 0
        #expect(report.receipt.errors == unknown + (one.software == .redis62 && one.engine == .script ? 1 : 0))
        #expect((report.receipt.serverTime ?? .zero) > .zero)
        for (name, never) in truth.withoutTTL {
            let found = try #require(report[name]?.withoutTTL)
            if one.full {
                #expect(found == Estimated(exactly: never), "\(name)")
            } else {
                #expect(abs(found.value - Double(never)) <= 2 * (found.high - found.low), "\(name) \(found)")
            }
        }
        for usage in report.items {
            let bytes = Double(try KnownKeyspace.bytes(of: usage.name, on: server))
            let found = try #require(usage.bytes, "\(usage.name)")
            if one.full {
                #expect(found == Estimated(exactly: bytes), "\(usage.name)")
            } else {
                // Twice as far as a 95 % interval: missed once in ten thousand times.
                #expect(abs(found.value - bytes) <= 2 * (found.high - found.low) + 1, "\(usage.name) \(found) \(bytes)")
            }
        }
        #expect(report["token:blacklist"]?.layout == ["blacklist:token:", "blacklist:user:", "token:blacklist:"])
        #expect(report["rate:limit"]?.layout.contains("shop:rate:limit/") == true)
        #expect(report.other.contains { $0.prefix == "sessions:" && $0.keys == Estimated(exactly: 1500) })
        await collector.close()
    }

    /// Both engines see the same, down to histograms and types.
    @Test func enginesAgree() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 10_000)
        let (surveyor, collector) = try surveyor(server.socketURL)
        func sweep(_ engine: SweepEngineChoice) async -> NamespaceReport {
            await surveyor.sweep(SweepOptions(full: true, pace: .fast, engine: engine), control: SweepControl())
        }
        let (pipeline, script) = (await sweep(.pipeline), await sweep(.script))
        for (left, right) in zip(pipeline.items + [pipeline.rest], script.items + [script.rest]) {
            // Types come from a sample: of many keys it has them all.
            if left.keys.value >= 1500 { #expect(Set(left.types.keys) == Set(right.types.keys), "\(left.name)") }
            #expect((left.biggest + right.biggest).allSatisfy { $0.type != nil })
            #expect(left.biggest.first?.type == right.biggest.first?.type)
            #expect(left.sizes == right.sizes)
            #expect(left.lifetimes.never == right.lifetimes.never)
            #expect(left.biggest.map(\.bytes) == right.biggest.map(\.bytes))
            #expect(left.layout == right.layout)
        }
        #expect(
            pipeline.other.map { "\($0.prefix) \($0.keys.value) \($0.bytes ?? -1)" }
                == script.other.map { "\($0.prefix) \($0.keys.value) \($0.bytes ?? -1)" })
        func bytes(_ report: NamespaceReport) -> Int { report.receipt.bytesSent + report.receipt.bytesReceived }
        #expect(bytes(script) < bytes(pipeline), "sums, not keys; how much less depends on how long a batch may be")
        await collector.close()
    }

    @Test(arguments: [SweepEngineChoice.pipeline, .script], [true, false]) func countersMoveAsTheReceiptSays(
        engine: SweepEngineChoice, full: Bool
    ) async throws {
        let server = try RedisServer(["--maxmemory-policy", "allkeys-lru"])
        _ = try KnownKeyspace(on: server, keys: 5000)
        // A key that nobody has touched for an hour, by the server's clock.
        try server.cli(
            "EVAL", "redis.call('RESTORE', 'cart:user:old', 0, redis.call('DUMP', 'cart:user:7'), 'IDLETIME', 4000)",
            "0")
        let before = try stats(server)
        let (surveyor, collector) = try surveyor(server.socketURL)
        let sweep = await surveyor.sweep(
            SweepOptions(full: full, pace: .fast, engine: engine), control: SweepControl())
        let estimate = await surveyor.estimate(sample: 500)
        await collector.close()
        let after = try stats(server)
        let receipt = sweep.receipt + estimate.receipt
        func moved(_ name: String) -> Int { (after[name] ?? 0) - (before[name] ?? 0) }
        #expect(moved("keyspace_hits") == receipt.hits)
        #expect(moved("keyspace_misses") == receipt.misses)
        #expect(moved("total_error_replies") == receipt.errors)
        #expect(receipt.hits > 0)
        let idle = try server.cli("OBJECT", "IDLETIME", "cart:user:old").filter(\.isNumber)
        #expect((Int(idle) ?? 0) >= 4000, "looking does not touch")
    }

    @Test func cancelSendsNothingMore() async throws {
        let server = try RedisServer()
        let truth = try KnownKeyspace(on: server, keys: 60_000)
        let (surveyor, collector) = try surveyor(server.socketURL)
        let control = SweepControl()
        let report = await surveyor.sweep(SweepOptions(full: true, pace: .gentle), control: control) { report in
            if report.examined > 1000 { control.cancel() }
        }
        #expect(!report.complete)
        #expect(report.refusal == nil)
        #expect(report.examined > 1000 && report.examined < truth.total)
        #expect(report.keys >= truth.total - 10, "what is missing is known")
        #expect(report.method == .sweepFull)
        let commands = try stats(server)["total_commands_processed"] ?? 0
        _ = try stats(server)
        #expect(try stats(server)["total_commands_processed"] == commands + 2, "only ours")
        await collector.close()
    }

    @Test func cancelEndsARestAtOnce() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 2000)
        let (surveyor, collector) = try surveyor(server.socketURL)
        let control = SweepControl()
        control.strain(true)
        control.cancel()
        let report = await surveyor.sweep(SweepOptions(), control: control)
        #expect(!report.complete && report.examined == 0)
        await collector.close()
    }

    @Test func ownLookupsDoNotFalsifyTheRates() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 3000)
        let (surveyor, collector) = try surveyor(server.socketURL)
        _ = await collector.collect()
        for engine in [SweepEngineChoice.pipeline, .script] {
            let before = collector.elapsed
            _ = await surveyor.sweep(SweepOptions(full: true, pace: .fast, engine: engine), control: SweepControl())
            // Over less than that no rates are told.
            await eventually("a tenth of a second") { () async -> Bool in
                collector.elapsed - before >= .milliseconds(100)
            }
            let rates = await collector.collect().nodes[0].rates
            #expect(rates?.hits == 0 && rates?.misses == 0)
            #expect((rates?.commands ?? 1e9) < 1000, "of many thousands")
        }
        await collector.close()
    }

    @Test func databaseOfTheURLIsTheOneThatIsSwept() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 1000)
        try server.cli("-n", "3", "SET", "cart:1", "x")
        let (surveyor, collector) = try surveyor(server.socketURL + "?db=3")
        let report = await surveyor.sweep(SweepOptions(pace: .fast), control: SweepControl())
        #expect(report.keys == 1 && report["cart"]?.keys.value == 1)
        await collector.close()
    }

    @Test func emptyDatabaseIsSweptAndEstimated() async throws {
        let server = try RedisServer()
        let (surveyor, collector) = try surveyor(server.url)
        for full in [true, false] {
            let report = await surveyor.sweep(SweepOptions(full: full, pace: .fast), control: SweepControl())
            #expect(report.complete && report.keys == 0 && report.refusal == nil)
        }
        let report = await surveyor.estimate(sample: 100)
        #expect(report.complete && report.keys == 0 && report.examined == 0)
        #expect(report.items.allSatisfy { $0.keys == Estimated(exactly: 0) })
        await collector.close()
    }
}
