import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Sweeps while the keyspace changes under them.
@Suite struct ChangingKeysTests {
    /// Keeps a server busy from a thread of its own until it is told to stop.
    private func churn(
        _ server: RedisServer, _ script: String, while body: () async throws -> NamespaceReport
    ) async throws -> NamespaceReport {
        let line = Line(
            endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()),
            purpose: .serve, allowsWrites: true)
        let worker = Task {
            var round = 0
            while !Task.isCancelled {
                let reply = try? await line.pipeline(
                    [Command("EVAL", script, "0", String(round))], deadline: .seconds(5))
                if let reply, reply[0] == .null { round += 1 }
            }
            return round
        }
        let report = try await body()
        worker.cancel()
        #expect(await worker.value > 0, "something has changed meanwhile")
        await line.close()
        return report
    }

    private func sweep(_ server: RedisServer, _ pace: SweepPace, engine: SweepEngineChoice = .pipeline) async throws
        -> NamespaceReport
    {
        let (surveyor, collector) = try surveyor(server.socketURL)
        let report = await surveyor.sweep(SweepOptions(full: true, pace: pace, engine: engine), control: SweepControl())
        await collector.close()
        return report
    }

    private static let stay = """
        for i = 1, 20000 do redis.call('SET', 'cart:stay:' .. i, 'x', 'EX', 3600) end
        """

    /// Writes, deletes and expiry of other keys.
    @Test(arguments: [SweepEngineChoice.pipeline, .script]) func staying(engine: SweepEngineChoice) async throws {
        let server = try RedisServer()
        try server.cli("EVAL", Self.stay, "0")
        let change = """
            for i = 1, 200 do
              redis.call('SET', 'session:' .. ARGV[1] .. ':' .. i, 'x', 'PX', 20)
              redis.call('SET', 'product:' .. i, ARGV[1])
              redis.call('DEL', 'product:' .. (i * 7 % 200))
            end
            """
        let report = try await churn(server, change) { try await sweep(server, .fast, engine: engine) }
        #expect(report.complete && report.refusal == nil)
        #expect(report["cart"]?.keys == Estimated(exactly: 20_000))
        #expect(report["cart"]?.withoutTTL == Estimated(exactly: 0))
    }

    /// The table grows fourfold and more while it is walked: it is rehashed twice.
    @Test func growing() async throws {
        let server = try RedisServer()
        try server.cli("EVAL", Self.stay, "0")
        let grow = """
            if tonumber(ARGV[1]) > 200 then return end
            for i = 1, 2000 do redis.call('SET', 'product:' .. ARGV[1] .. ':' .. i, 'x') end
            """
        let report = try await churn(server, grow) { try await sweep(server, .fast) }
        let after = Int(try server.cli("DBSIZE").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        #expect(after > 40_000, "the table had to grow: \(after)")
        #expect(report.complete)
        #expect(report["cart"]?.keys == Estimated(exactly: 20_000))
    }

    /// The table shrinks while it is walked: SCAN then returns keys twice, and they are counted once.
    @Test func shrinking() async throws {
        let server = try RedisServer(["--hz", "100"])
        try server.cli("EVAL", Self.stay, "0")
        try server.cli("EVAL", "for i = 1, 300000 do redis.call('SET', 'product:' .. i, 'x') end", "0")
        let shrink = """
            local from = tonumber(ARGV[1]) * 3000
            for i = from + 1, from + 3000 do redis.call('UNLINK', 'product:' .. i) end
            """
        for _ in 0..<2 {
            let report = try await churn(server, shrink) { try await sweep(server, .fast) }
            #expect(report.complete)
            #expect(report["cart"]?.keys == Estimated(exactly: 20_000))
        }
    }

    @Test func killedServerLeavesAPartWithItsReason() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 60_000)
        let (surveyor, collector) = try surveyor(server.socketURL)
        let report = await surveyor.sweep(SweepOptions(full: true), control: SweepControl()) { report in
            if report.examined > 1000 { server.signal(SIGKILL) }
        }
        #expect(!report.complete)
        #expect(report.examined > 1000)
        #expect(report.refusal?.kind == .closed, "\(String(describing: report.refusal))")
        let next = await surveyor.sweep(SweepOptions(), control: SweepControl())
        #expect(next.refusal != nil && next.examined == 0)
        try server.restart()
        #expect(await surveyor.estimate(sample: 100).refusal == nil, "it comes back without help")
        await collector.close()
    }

    @Test func hungServerEndsTheSweepAfterTheDeadline() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 60_000)
        let line = Line(
            endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()),
            purpose: .serve, allowsWrites: true)
        let sweep = NodeSweep(
            line: line, classifier: KeyClassifier(), options: SweepOptions(full: true), control: SweepControl(),
            deadline: .milliseconds(300))
        let walk = await sweep.run { walk in
            if walk.tally.keys > 1000 { server.signal(SIGSTOP) }
        }
        #expect(!walk.complete && walk.tally.keys > 1000)
        #expect(walk.refusal?.kind == .hung)
        server.signal(SIGCONT)
        await line.close()
    }

    @Test func pollsGoOnWhileASweepRuns() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 40_000)
        let (surveyor, collector) = try surveyor(server.socketURL)
        let polls = Task {
            var polls = 0
            while !Task.isCancelled {
                if await collector.collect().nodes[0].reachable { polls += 1 }
            }
            return polls
        }
        let report = await surveyor.sweep(SweepOptions(full: true, pace: .fast), control: SweepControl())
        polls.cancel()
        #expect(report.complete)
        #expect(await polls.value > 3)
        await collector.close()
    }

    @Test func brokenAnswersEndTheSweepWithTheirReason() async throws {
        let greeting = Array("+OK\r\n-ERR unknown subcommand\r\n-ERR unknown subcommand\r\n".utf8)
        let nonsense = [
            "*2\r\n$1\r\n0\r\n", "+OK\r\n", ":12\r\n", "$-1\r\n", "*2\r\n*0\r\n*0\r\n", "*3\r\n:1\r\n:2\r\n:3\r\n",
        ]
        for reply in nonsense {
            let server = try ScriptedServer(
                .answer(greeting), .answer(Array(":1\r\n".utf8)),
                .answer(Array(":1\r\n$0\r\n\r\n$0\r\n\r\n+none\r\n:-2\r\n$-1\r\n$-1\r\n".utf8)),
                .answer(Array(reply.utf8)),
                .hangUp)
            let (surveyor, collector) = try surveyor(server.url)
            let report = await surveyor.sweep(SweepOptions(pace: .fast), control: SweepControl())
            #expect(!report.complete && report.refusal != nil, "\(reply)")
            await collector.close()
        }
    }
}
