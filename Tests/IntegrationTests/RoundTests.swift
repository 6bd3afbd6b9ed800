import CacheModel
import Glibc
import Logging
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Asking several, and not waiting for the last.
@Suite(.serialized) struct RoundTests {
    private func watcher(_ url: String, _ folder: TemporaryFolder, timeout: Duration, interval: Duration) throws
        -> Watcher
    {
        Watcher(
            settings: try settings(url, timeout: timeout) { $0.interval = interval },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            files: OperationFiles(directory: folder.path), actor: AuditLog.Actor(user: "tester"))
    }

    /// The interval is longer than the test may take.
    @Test func wishDuringAPollMakesTheNextOneDueAtOnce() async throws {
        let server = try RedisServer()
        let proxy = try FaultProxy(to: server.socket)
        proxy.delay(milliseconds: 100)
        let folder = try TemporaryFolder()
        let watcher = try watcher(proxy.url, folder, timeout: .seconds(10), interval: .seconds(3600))
        let running = Task { await watcher.run() }
        var (hasAsked, snapshots) = (false, 0)
        for await event in watcher.events {
            switch event {
            case .connecting where !hasAsked:
                hasAsked = true
                await eventually("the poll is under way") {
                    await Task.yield(); return proxy.connections > 0
                }
                await watcher.reconnect()
            case .snapshot: snapshots += 1
            default: break
            }
            if snapshots == 2 { break }
        }
        #expect(snapshots == 2)
        running.cancel()
        await running.value
    }

    /// The deadline is longer than the test may take.
    @Test func watchingAHungServerEndsAtOnce() async throws {
        let server = try ScriptedServer(.holdOpen)
        let folder = try TemporaryFolder()
        let watcher = try watcher(server.url, folder, timeout: .seconds(3600), interval: .seconds(1))
        let running = Task { await watcher.run() }
        for await event in watcher.events where event == .connecting { break }
        running.cancel()
        await running.value
    }

    /// Nodes that take the same time in each poll: a timer that outlived its poll would end a later one early.
    @Test func steadyNodesAreNeverLate() async throws {
        let servers = try [RedisServer(), RedisServer()]
        let proxies = try servers.map { try FaultProxy(to: $0.socket) }
        for proxy in proxies { proxy.delay(milliseconds: 300) }
        let nodes = try SomeNodes(proxies.map(\.url))
        let collector = SnapshotCollector(deployment: nodes, timeout: .seconds(10))
        var late = 0
        for _ in 0..<8 { late += await collector.collect().nodes.count { $0.late != nil } }
        #expect(late == 0)
        await collector.close()
    }

    @Test func lateAnswerIsTakenWhenItComes() async throws {
        let servers = try [RedisServer(), RedisServer()]
        let nodes = try SomeNodes(servers.map(\.url), timeout: .seconds(60))
        let collector = SnapshotCollector(deployment: nodes, timeout: .seconds(60))
        #expect(await collector.collect().nodes.allSatisfy { $0.late == nil && $0.reachable })
        servers[1].signal(SIGSTOP)
        let snapshot = await collector.collect()
        #expect(snapshot.nodes[0].late == nil && snapshot.nodes[1].late != nil)
        servers[1].signal(SIGCONT)
        await eventually("it is seen anew") { await collector.collect().nodes[1].late == nil }
        await collector.close()
    }

    @Test func hostThatIsSwitchedOffHoldsUpNobody() async throws {
        let farm = try ClusterFarm(primaries: 3)
        let host = try SwitchedOffHost()
        var settings = Settings()
        settings.endpoint = try Endpoint(url: farm.servers[0].url)
        settings.clusterEnabled = true
        settings.clusterNodes = farm.addresses + ["127.0.0.1:\(host.port)"]
        // Whoever waited for it would wait for ever.
        settings.timeout = .seconds(3600)
        let cluster = Cluster(settings: settings)
        for _ in 0..<6 { await cluster.survey() }
        #expect(await cluster.nodes().count == 3)
        await cluster.close()
    }

    @Test func slowNodeKeepsItsConnection() async throws {
        let farm = try ClusterFarm(primaries: 3)
        let proxy = try FaultProxy(to: farm.servers[2].socket)
        proxy.delay(milliseconds: 100)
        var settings = Settings()
        settings.endpoint = try Endpoint(url: farm.servers[0].url)
        settings.clusterEnabled = true
        settings.clusterNodes = farm.addresses
        settings.addressMap = [farm.addresses[2]: "127.0.0.1:\(proxy.port)"]
        settings.timeout = .seconds(10)
        let cluster = Cluster(settings: settings)
        for _ in 0..<20 { await cluster.survey() }
        #expect(proxy.connections == 1)
        await cluster.close()
    }

    /// The dashboard estimates every minute; where that is denied, it does not end the sweep that somebody has begun.
    @Test func estimateThatIsDeniedLeavesASweepAlone() async throws {
        let server = try RedisServer()
        for start in stride(from: 0, to: 30_000, by: 1000) {
            try server.cli(["MSET"] + (start..<start + 1000).flatMap { ["session:\($0)", "x"] })
        }
        try server.cli("ACL", "SETUSER", "default", "-randomkey")
        let collector = SnapshotCollector(settings: try settings(server.socketURL, timeout: .seconds(5)))
        let control = SweepControl()
        let (begun, begins) = AsyncStream.makeStream(of: Void.self)
        let sweep = Task {
            await collector.surveyor.sweep(SweepOptions(full: true), control: control) { _ in begins.yield() }
        }
        for await _ in begun { break }
        let estimate = await collector.surveyor.estimate(sample: 100)
        #expect(estimate.refusal?.kind == .noPermission)
        let report = await sweep.value
        #expect(report.refusal == nil && report.complete)
        await collector.close()
    }
}
