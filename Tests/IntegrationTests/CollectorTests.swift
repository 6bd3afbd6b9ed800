import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct CollectorTests {
    @Test(arguments: RedisServer.Software.allCases) func everyServerIsUnderstood(software: RedisServer.Software)
        async throws
    {
        let server = try RedisServer(["--slowlog-log-slower-than", "0"], software: software)
        try server.cli("SET", "product:1", "x", "EX", "100")
        for url in [server.url, server.socketURL] {
            let node = try await collect(url)
            #expect(node.refusal == nil)
            #expect(node.keys == 1)
            #expect(node.info?.server.software == (software == .valkey9 ? .valkey : .redis))
            #expect(node.info?.keyspace[0]?.expires == 1)
            #expect(node.slowlog?.contains { $0.command.first == "SET" } == true)
            #expect((node.slowlogLength ?? 0) > 0)
            #expect(node.commands?["set"]?.calls == 1)
            #expect(node.settings["slowlog-log-slower-than"] == "0")
            #expect(node.user == "default")
            #expect(node.denied.allSatisfy { $0.needs == nil })
        }
    }

    @Test func restrictedUserIsAskedNothingTwice() async throws {
        let server = try RedisServer()
        try server.cli("ACL", "SETUSER", "watcher", "on", ">pw", "resetkeys", "-@all", "+info", "+ping")
        let collector = SnapshotCollector(settings: try settings("redis://watcher:pw@127.0.0.1:\(server.port)"))
        let first = await collector.collect().nodes[0]
        #expect(first.refusal == nil)
        #expect(first.info != nil)
        #expect(first.denied.contains(DeniedCommand(command: "SLOWLOG GET", needs: "+slowlog|get")))
        #expect(first.denied.contains(DeniedCommand(command: "DBSIZE", needs: "+dbsize")))
        let denials = try server.cli("INFO", "errorstats")
        for _ in 0..<12 { _ = await collector.collect() }
        #expect(try server.cli("INFO", "errorstats") == denials)
        await collector.close()
    }

    @Test func lineOfACLIsEnough() async throws {
        let server = try RedisServer()
        let line = AccessRules.line(user: "watcher").replacing("PASSWORD", with: "pw")
        let answer = try Program.run(["redis-cli", "-s", server.socket] + line.split(separator: " ").map(String.init))
            .output
        #expect(answer.contains("OK"))
        let node = try await collect("redis://watcher:pw@127.0.0.1:\(server.port)/2")
        #expect(node.refusal == nil)
        #expect(node.denied.compactMap(\.needs).filter { !$0.hasPrefix("+client|no-") } == [])
    }

    @Test func connectionNamesItself() async throws {
        let server = try RedisServer()
        let collector = SnapshotCollector(settings: try settings(server.url))
        _ = await collector.collect()
        #expect(try server.cli("CLIENT", "LIST").contains("name=cachewatch"))
        await collector.close()
        try eventually("the connection is closed") { try !server.cli("CLIENT", "LIST").contains("name=cachewatch") }
    }

    @Test func stoppedServerIsHungAndComesBack() async throws {
        let server = try RedisServer()
        let collector = SnapshotCollector(settings: try settings(server.url, timeout: .milliseconds(500)))
        await eventually("it is connected") { await collector.collect().nodes[0].reachable }
        server.signal(SIGSTOP)
        #expect(await collector.collect().nodes[0].refusal?.kind == .hung)
        server.signal(SIGCONT)
        await eventually("it answers again") { await collector.collect().nodes[0].reachable }
        await collector.close()
    }

    @Test func killedServerIsRefusedAndComesBackAfterARestart() async throws {
        let server = try RedisServer()
        let collector = SnapshotCollector(settings: try settings(server.url))
        #expect(await collector.collect().nodes[0].reachable)
        server.stop()
        #expect(await collector.collect().nodes[0].reachable == false)
        #expect(await collector.collect().nodes[0].refusal?.kind == .refused)
        try server.restart()
        #expect(await collector.collect().nodes[0].reachable)
        await collector.close()
    }

    /// What one server has denied another one may not, whatever it was asked for.
    @Test func anotherServerIsAskedForWhatOneHasDenied() async throws {
        let server = try RedisServer()
        let node = try node(server.url)
        let collector = SnapshotCollector(deployment: FakeDeployment([node], movesKeys: false), timeout: .seconds(2))
        _ = await collector.collect()
        let lines = [Line.Purpose.survey, .browse, .act].map(node.line)
        for line in lines {
            await line.note(.memoryUsage, error: Array("NOPERM this user has no permissions".utf8))
            #expect(await line.denied().contains(.memoryUsage))
        }
        _ = await collector.collect()
        for line in lines { #expect(await line.denied().contains(.memoryUsage), "it is the same server") }
        server.stop()
        try server.restart()
        await eventually("it answers again") { await collector.collect().nodes[0].reachable }
        for line in lines { #expect(await !line.denied().contains(.memoryUsage), "\(line.purpose)") }
        await collector.close()
    }

    @Test func hitsAndMissesOfTheServerAreNotTouched() async throws {
        let server = try RedisServer()
        let collector = SnapshotCollector(settings: try settings(server.url))
        for _ in 0..<5 { _ = await collector.collect() }
        let stats = try server.cli("INFO", "stats")
        #expect(stats.contains("keyspace_hits:0\r\n"))
        #expect(stats.contains("keyspace_misses:0\r\n"))
        await collector.close()
    }

    @Test func connectionsDoNotLeak() async throws {
        let server = try RedisServer(["--requirepass", "x"])
        func descriptors() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0 }
        let collector = SnapshotCollector(settings: try settings(server.url))
        for _ in 0..<20 { _ = await collector.collect() }
        let before = descriptors()
        for _ in 0..<200 { _ = await collector.collect() }
        // Other tests of this process open and close theirs meanwhile.
        #expect(descriptors() < before + 100)
        await collector.close()
    }
}
