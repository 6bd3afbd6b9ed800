import CacheModel
import Foundation
import Logging
import Support
import NIOConcurrencyHelpers
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct SentinelTests {
    private func settings(_ farm: SentinelFarm, _ change: (inout Settings) -> Void = { _ in }) throws -> Settings {
        var settings = Settings()
        settings.endpoint = try Endpoint(url: "redis://127.0.0.1:1")
        settings.sentinelEnabled = true
        settings.sentinelNodes = farm.addresses
        settings.timeout = .seconds(2)
        change(&settings)
        return settings
    }

    private func operations(_ farm: SentinelFarm, _ change: (inout Settings) -> Void = { _ in }) throws
        -> CacheOperations
    {
        CacheOperations(
            settings: try settings(farm, change), files: OperationFiles(directory: farm.folder.path + "/state"),
            actor: AuditLog.Actor(user: "tester"))
    }

    /// What is seen once all sentinels were heard: they are waited for a tenth of a second.
    private func whole(_ collector: SnapshotCollector) async -> Snapshot {
        var snapshot = await collector.collect()
        for _ in 0..<20 where snapshot.topology?.sentinel?.up != 3 { snapshot = await collector.collect() }
        return snapshot
    }

    @Test func everyMemberIsSeen() async throws {
        let farm = try SentinelFarm()
        try farm.servers[0].cli("SET", "session:1", "x")
        let collector = SnapshotCollector(settings: try settings(farm))
        let snapshot = await whole(collector)
        #expect(snapshot.deployment == .sentinel)
        #expect(snapshot.nodes.count == 6 && snapshot.nodes.allSatisfy(\.reachable), "\(snapshot.nodes)")
        #expect(snapshot.nodes[0].address == "127.0.0.1:\(farm.servers[0].port)")
        #expect(snapshot.nodes.map { $0.role } == [.primary, .replica, .replica, .sentinel, .sentinel, .sentinel])
        #expect(snapshot.nodes[0].keys == 1)
        let sentinel = try #require(snapshot.topology?.sentinel)
        #expect(sentinel.quorum == 2 && sentinel.up == 3 && sentinel.service == "mymaster")
        #expect(snapshot.nodes.allSatisfy { $0.denied.isEmpty }, "nothing is asked that a sentinel does not know")
        await collector.close()
    }

    /// One is enough to know them all.
    @Test func oneSentinelTellsOfTheOthers() async throws {
        let farm = try SentinelFarm(replicas: 1)
        let collector = SnapshotCollector(settings: try settings(farm) { $0.sentinelNodes = [farm.addresses[0]] })
        let snapshot = await whole(collector)
        #expect(snapshot.topology?.sentinel?.up == 3 && snapshot.nodes.count == 5)
        var engine = AlertEngine(immediate: true)
        _ = engine.evaluate(snapshot)
        #expect(!engine.raised.contains { $0.id == .sentinelQuorum })
        await collector.close()
    }

    /// Any of them may be down, or hang.
    @Test(arguments: [SIGKILL, SIGSTOP]) func anySentinelWillDo(signal: Int32) async throws {
        let farm = try SentinelFarm(replicas: 1)
        for index in 0..<2 { farm.signal(sentinel: index, signal) }
        defer { for index in 0..<2 { farm.signal(sentinel: index, SIGCONT) } }
        let operations = try operations(farm)
        try farm.servers[0].cli("SET", "session:1", "x")
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        #expect(plan.keys == 1)
        await operations.close()
    }

    @Test func whatIsWrongIsSaid() async throws {
        let farm = try SentinelFarm(replicas: 0)
        let unknown = try operations(farm) { $0.sentinelService = "other" }
        await #expect { _ = try await unknown.access() } throws: {
            ($0 as? CacheError)?.refusal.kind == .noSuchService && "\($0)".contains("other")
        }
        for index in 0..<3 { farm.stop(sentinel: index) }
        let nobody = try operations(farm)
        await #expect { _ = try await nobody.access() } throws: {
            ($0 as? CacheError)?.refusal.kind == .noPrimary && "\($0)".contains("connection refused")
        }
        let collector = SnapshotCollector(settings: try settings(farm))
        let snapshot = await collector.collect()
        #expect(!snapshot.isReachable && snapshot.nodes[0].refusal?.kind == .refused)
        await collector.close()
    }

    @Test func sentinelsHaveAPasswordOfTheirOwn() async throws {
        let farm = try SentinelFarm(replicas: 1, password: "s-secret", serverPassword: "d-secret")
        let with = try operations(farm) {
            $0.sentinelPassword = Secret("s-secret")
            $0.endpoint.password = Secret("d-secret")
        }
        #expect(try await with.access() == .allowed)
        await with.close()
        let without = try operations(farm) { $0.endpoint.password = Secret("d-secret") }
        await #expect { _ = try await without.access() } throws: { "\($0)".contains("NOAUTH") }
        await without.close()
    }

    /// The primary dies in the middle of a sweep: it is done anew on the next one, and comes out exact.
    @Test func aSweepGoesOnWithTheNewPrimary() async throws {
        let farm = try SentinelFarm()
        try fill(farm, keys: 30_000)
        try farm.expectsFailOver()
        let collector = SnapshotCollector(settings: try settings(farm))
        let killed = NIOLockedValueBox(false)
        let control = SweepControl()
        let report = await collector.surveyor.sweep(SweepOptions(pace: .gentle), control: control) { report in
            guard report.examined > 100, !killed.withLockedValue({ $0 }) else { return }
            killed.withLockedValue { $0 = true }
            farm.servers[0].stop()
            // The rest may be quick.
            control.hurry()
        }
        #expect(killed.withLockedValue { $0 }, "it was in the middle")
        #expect(report.complete && report.refusal == nil, "\(String(describing: report.refusal))")
        #expect(report.items.first { $0.name == "session" }?.keys.value == 30_000)
        #expect(report.keys == 30_001)
        await collector.close()
    }

    /// The primary dies in the middle of a flush: the rest goes from the new one, and everything comes back.
    @Test func aFlushGoesOnWithTheNewPrimary() async throws {
        let farm = try SentinelFarm()
        try fill(farm, keys: 20_000)
        try farm.expectsFailOver()
        let operations = try operations(farm)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        let killed = NIOLockedValueBox(false)
        let control = SweepControl()
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .gentle, control: control
        ) { progress in
            guard progress.done > 100, !killed.withLockedValue({ $0 }) else { return }
            killed.withLockedValue { $0 = true }
            farm.servers[0].stop()
            control.hurry()
        }
        #expect(receipt.outcome == .done, "\(receipt)")
        #expect(receipt.continuedOn.count == 1)
        let primary = try #require(try farm.primary())
        #expect(primary.port != farm.servers[0].port)
        #expect(try primary.cli("DBSIZE").hasPrefix("1\n"), "only the key of another namespace")
        let undone = try await operations.undo(try #require(receipt.journal), pace: .fast, control: SweepControl())
        #expect(undone.failed == 0)
        #expect(try primary.cli("DBSIZE").hasPrefix("20001"))
        await operations.close()
    }

    /// A planned fail-over leaves the old primary alive as a replica: nothing more is sent to it.
    @Test func aDemotedPrimaryIsNotWrittenTo() async throws {
        let farm = try SentinelFarm()
        try fill(farm, keys: 20_000)
        let operations = try operations(farm)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        let asked = NIOLockedValueBox(false)
        let control = SweepControl()
        let old = farm.servers[0].port
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .gentle, control: control
        ) { progress in
            guard progress.done > 100 else { return }
            if !asked.withLockedValue({ $0 }) {
                asked.withLockedValue { $0 = true }
                _ = try? farm.ask(0, "FAILOVER", SentinelFarm.service)
                // A quick machine would have flushed all of it before they have agreed.
                _ = eventually("they have agreed") { (try? farm.primary()?.port) != old }
            } else if (try? farm.primary()?.port) != old {
                control.hurry()
            }
        }
        #expect(receipt.outcome == .done && receipt.continuedOn.count == 1, "\(receipt)")
        let primary = try #require(try farm.primary())
        #expect(try primary.cli("DBSIZE").hasPrefix("1\n"))
        await operations.close()
    }

    /// The watcher hears of it and polls at once, whatever it waits for.
    @Test func theWatcherFollows() async throws {
        let farm = try SentinelFarm()
        try farm.expectsFailOver()
        let watcher = Watcher(
            settings: try settings(farm) { $0.interval = .seconds(1) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            files: OperationFiles(directory: farm.folder.path + "/state"), actor: AuditLog.Actor(user: "tester"))
        let old = "127.0.0.1:\(farm.servers[0].port)"
        let run = Task { await watcher.run() }
        var sawOld = false
        var engine = AlertEngine()
        for await event in watcher.events {
            guard case .snapshot(let snapshot) = event else { continue }
            _ = engine.evaluate(snapshot)
            if snapshot.nodes[0].address == old, snapshot.nodes[0].reachable, !sawOld {
                sawOld = true
                // It hangs: whoever waits for it waits for two seconds.
                farm.servers[0].signal(SIGSTOP)
            }
            if sawOld, snapshot.nodes[0].address != old, snapshot.nodes[0].role == .primary { break }
        }
        farm.servers[0].signal(SIGCONT)
        #expect(engine.raised.contains { $0.id == .primaryChanged })
        run.cancel()
        await run.value
    }

    private func fill(_ farm: SentinelFarm, keys: Int) throws {
        try farm.servers[0].cli(
            "EVAL",
            "for i=1,\(keys) do redis.call('SET', 'session:'..i, i) end redis.call('SET', 'other:1', 1) return redis.call('DBSIZE')",
            "0")
        for server in farm.servers.dropFirst() {
            try eventually("replicas have it") { try server.cli("DBSIZE").hasPrefix("\(keys + 1)") }
        }
    }
}
