import CacheModel
import Foundation
import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Answers as a test wants it, and keeps what it was asked.
private final class ScriptedCalls: CacheCalls {
    private struct State {
        var asked: [[String]] = []
        var answers: [Result<[RESPValue], CacheError>] = []
    }

    private let state = NIOLockedValueBox(State())

    var asked: [[String]] { state.withLockedValue(\.asked) }

    /// - Parameter answers: nil is success.
    func script(_ answers: Result<[RESPValue], CacheError>...) { state.withLockedValue { $0.answers += answers } }

    func send(_ call: CacheCall) async throws(CacheError) -> RESPValue { try await pipeline([call])[0] }

    func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] {
        try state.withLockedValue { state in
            state.asked += calls.map { call in call.command.arguments.map { String(decoding: $0, as: UTF8.self) } }
            guard !state.answers.isEmpty else {
                return Result<[RESPValue], CacheError>.success(calls.map { _ in .integer(1) })
            }
            return state.answers.removeFirst()
        }.get()
    }
}

/// Its time stands still; whoever sleeps wakes when the test says so.
private final class HeldClock: StoreClock {
    private struct State {
        var slept: [Duration] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = NIOLockedValueBox(State())
    let now = WallTime(seconds: 1_800_000_000)

    var slept: [Duration] { state.withLockedValue(\.slept) }

    func wake() {
        for one in state.withLockedValue({ state in
            defer { state.waiting = [] }
            return state.waiting
        }) { one.resume() }
    }

    func sleep(for duration: Duration) async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLockedValue {
                    $0.slept.append(duration)
                    $0.waiting.append(continuation)
                }
                if Task.isCancelled { wake() }
            }
        } onCancel: {
            wake()
        }
        try Task.checkCancellation()
    }
}

@Suite struct CacheCountersTests {
    private let clock = HeldClock()

    private func counters(_ calls: any CacheCalls, _ service: String = "checkout-api", prefix: String = "") throws
        -> CacheCounters
    {
        try CacheCounters(service: service, in: calls, keyPrefix: prefix, clock: clock, jitter: { .milliseconds(250) })
    }

    private func client(_ url: String) throws -> CacheClient {
        CacheClient(CacheConfiguration(endpoint: try Endpoint(url: url)))
    }

    @Test(arguments: ["", "a/b", "a\n", String(repeating: "x", count: 65)])
    func serviceThatCannotBeCalledSoIsInput(name: String) {
        #expect {
            try counters(ScriptedCalls(), name)
        } throws: { error in
            if case .input? = error as? CacheError { true } else { false }
        }
    }

    @Test func differencesAreOnePipelineAndComeOnce() async throws {
        let calls = ScriptedCalls()
        let counters = try counters(calls, prefix: "shop:")
        counters.count(.hits, in: "product")
        counters.count(.hits, in: "product", by: 2)
        counters.count(.loadMilliseconds, in: "rate:limit", by: 41)
        counters.count(.misses, in: "product", by: 0)
        counters.count(.misses, in: "product", by: -3)
        #expect(await counters.publish())
        let key = "shop:cachecore:counters"
        let rest = [["HSET", key, "checkout-api/at", "1800000000"], ["EXPIRE", key, "86400"]]
        #expect(
            calls.asked == [
                ["HINCRBY", key, "checkout-api/product/hits", "3"],
                ["HINCRBY", key, "checkout-api/rate:limit/load_ms", "41"],
            ] + rest)
        #expect(await counters.publish())
        #expect(Array(calls.asked.dropFirst(4)) == rest, "that it is there is said each time")
    }

    @Test func whatWasNotSentOrIsRefusedStaysAndWhatMayHaveArrivedDoesNot() async throws {
        let refusal = Refusal(.refused)
        let error = RESPValue.error(Array("OOM command not allowed when used memory > 'maxmemory'.".utf8))
        let cases: [(Result<[RESPValue], CacheError>, hits: Int, misses: Int)] = [
            (.failure(.refused(refusal)), 5, 2), (.failure(.readOnly("HINCRBY")), 5, 2),
            (.failure(.unknown(refusal)), 0, 0), (.failure(.timedOut(.seconds(1))), 0, 0),
            (.failure(.closed(midReply: true)), 0, 0), (.failure(.cancelled), 0, 0),
            (.success([error, error, error, error]), 5, 2),
            (.success([.integer(5), error, .integer(1), .integer(1)]), 0, 2),
            (.success([.integer(5), .integer(2), .integer(1), .integer(1)]), 0, 0),
        ]
        for (answer, hits, misses) in cases {
            let calls = ScriptedCalls()
            let counters = try counters(calls)
            counters.count(.hits, in: "product", by: 5)
            counters.count(.misses, in: "product", by: 2)
            calls.script(answer)
            await counters.publish()
            let left = counters.pending["product"] ?? StoreCounts()
            #expect(left.hits == hits && left.misses == misses, "\(answer)")
        }
    }

    @Test func itPublishesByItsClockAndALastTimeWhenItEnds() async throws {
        let calls = ScriptedCalls()
        let counters = try counters(calls)
        let running = Task { await counters.run() }
        await eventually("it sleeps") { () async in clock.slept.count == 1 }
        #expect(clock.slept == [.milliseconds(10_250)] && calls.asked.isEmpty)
        counters.count(.drops, in: "cart")
        clock.wake()
        await eventually("it has published") { () async in clock.slept.count == 2 }
        #expect(calls.asked.first == ["HINCRBY", "cachecore:counters", "checkout-api/cart/drops", "1"])
        counters.count(.stale, in: "cart", by: 9)
        running.cancel()
        await running.value
        #expect(calls.asked.dropFirst(3).first == ["HINCRBY", "cachecore:counters", "checkout-api/cart/stale", "9"])
        #expect(counters.pending.isEmpty)
    }

    @Test func noProcessFillsTheHash() async throws {
        let calls = ScriptedCalls()
        let counters = try counters(calls)
        for number in 0..<1_000 {
            for figure in StoreFigure.allCases { counters.count(figure, in: "namespace-\(number)") }
        }
        counters.count(.hits, in: "a\u{1b}[2J")
        counters.count(.hits, in: String(repeating: "x", count: 65))
        await counters.publish()
        let fields = calls.asked.filter { $0[0] != "EXPIRE" }.map { $0[2] }
        #expect(fields.count <= CounterHash.mostFields && Set(fields).count == fields.count)
        #expect(fields.allSatisfy { CounterField(Array($0.utf8)) != nil })
        // The same ones go on.
        counters.count(.hits, in: "namespace-0")
        counters.count(.hits, in: "namespace-999")
        #expect(counters.pending.keys.sorted() == ["namespace-0"])
    }

    @Test func manyThreadsLoseNothing() async throws {
        let calls = ScriptedCalls()
        let counters = try counters(calls)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<2_000 { counters.count(.hits, in: "product") } } }
            group.addTask { for _ in 0..<20 { await counters.publish() } }
        }
        await counters.publish()
        let sum = calls.asked.filter { $0[0] == "HINCRBY" }.reduce(0) { $0 + (Int($1[3]) ?? 0) }
        #expect(sum == 16_000)
    }

    // MARK: with servers

    @Test(arguments: RedisServer.Software.allCases)
    func whatTwoServicesPublishIsWhatAWatcherReads(software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        let client = try client(server.url)
        let (shop, search) = (try counters(client), try counters(client, "search"))
        let collector = SnapshotCollector(settings: try settings(server.url))
        #expect(await collector.collect().counters == nil)
        shop.count(.hits, in: "product", by: 70)
        shop.count(.misses, in: "product", by: 30)
        search.count(.hits, in: "product", by: 100)
        #expect(await shop.publish())
        #expect(await search.publish())
        #expect(try Int(server.cli("TTL", "cachecore:counters").trimmingCharacters(in: .newlines)) ?? 0 > 86_000)
        await eventually("they are found") { await collector.collect().counters?.services.count == 2 }
        let first = await collector.collect()
        #expect(first.counters?.traffic(in: "product")?.hitRatio == 0.85)
        #expect(first.nodes[0].denied.allSatisfy { $0.needs == nil } && first.whyNotCounted == nil)
        shop.count(.misses, in: "product", by: 50)
        #expect(await shop.publish())
        await eventually("what has come since is told") {
            await collector.collect().counters?.services(in: "product").first?.traffic.hitRatio == 0
        }
        // One that has reset its own is a gap of its own.
        try server.cli("HDEL", "cachecore:counters", "checkout-api/product/misses")
        let reset = await collector.collect().counters
        #expect(reset?.lines.first { $0.service == "checkout-api" }?.recent == nil)
        try server.cli("FLUSHALL")
        #expect(await collector.collect().counters == nil)
        await collector.close()
        await client.close()
    }

    /// What we look up ourselves is nobody's miss, and `keyspace_hits` has it all the same.
    @Test func ourOwnLooksAreInNoRatio() async throws {
        let server = try RedisServer()
        try server.cli("HSET", "cachecore:counters", "a/product/hits", "5", "a/at", "1")
        let collector = SnapshotCollector(settings: try settings(server.url))
        for poll in 0..<12 {
            let node = await collector.collect().nodes[0]
            #expect(node.info?.stats.keyspaceHits == poll && node.ownTraffic?.hits == poll)
            #expect(node.info?.stats.keyspaceMisses == 0 && node.ownTraffic?.misses == 0)
        }
        await collector.close()
    }

    @Test func firstSnapshotHasThemForWhoeverLooksOnce() async throws {
        let server = try RedisServer()
        try server.cli("HSET", "cachecore:counters", "a/product/hits", "5", "a/at", "1")
        let collector = SnapshotCollector(settings: try settings(server.url))
        #expect(await collector.collect().counters?.traffic(in: "product")?.hitRatio == 1)
        await collector.close()
    }

    @Test func keyOfAnotherTypeAndOneThatIsTooLargeAreNotKnown() async throws {
        let server = try RedisServer(RedisServer.debugging(.installed))
        try server.cli("SET", "cachecore:counters", "x")
        let collector = SnapshotCollector(settings: try settings(server.url))
        let first = await collector.collect()
        #expect(first.counters == nil && first.whyNotCounted?.words == "cachecore:counters is not a hash")
        await collector.reconnect()
        try server.cli("DEL", "cachecore:counters")
        try server.cli(
            "EVAL", "for i = 1, 40000 do redis.call('HSET', KEYS[1], 's' .. i .. '/at', i) end", "1",
            "cachecore:counters")
        await eventually("its size is said") {
            await collector.collect().whyNotCounted?.words.hasSuffix("it is not read") == true
        }
        #expect(await collector.collect().nodes[0].reachable)
        await collector.close()
    }

    @Test func renamedCommandAndMissingLeaveAreNotKnownWithTheirRemedy() async throws {
        let server = try RedisServer(["--rename-command", "HGETALL", ""])
        try server.cli("HSET", "cachecore:counters", "a/product/hits", "5")
        let collector = SnapshotCollector(settings: try settings(server.url))
        let snapshot = await collector.collect()
        #expect(snapshot.counters == nil)
        #expect(await collector.collect().nodes[0].denied.map(\.command).contains("HGETALL"))
        #expect(await collector.collect().whyNotCounted != nil)
        await collector.close()
    }

    @Test func userWithoutTheSelectorIsToldItAndWithItReads() async throws {
        let server = try RedisServer()
        try server.cli("HSET", "cachecore:counters", "a/product/hits", "5")
        try server.cli("HSET", "cart:user:1", "data", "secret")
        let line = AccessRules.line(user: "w").replacing("PASSWORD", with: "pw").split(separator: " ").map(String.init)
        #expect(try server.cli(line.filter { !$0.contains("hgetall") && !$0.contains("counters)") }).contains("OK"))
        let url = "redis://w:pw@127.0.0.1:\(server.port)"
        let collector = SnapshotCollector(settings: try settings(url))
        let denied = await collector.collect()
        #expect(denied.counters == nil)
        let needs = await collector.collect().nodes[0].denied.first { $0.command == "HGETALL" }?.needs
        #expect(needs == "(+hgetall ~cachecore:counters)")
        #expect(
            try server.cli(["ACL", "SETUSER", "w"] + (needs ?? "").split(separator: " ").map(String.init)).contains(
                "OK"))
        await collector.reconnect()
        #expect(await collector.collect().counters?.traffic(in: "product")?.hitRatio == 1)
        await collector.close()
        let others = try Program.run(
            [
                "redis-cli", "-s", server.socket, "--no-auth-warning", "--user", "w", "--pass", "pw", "HGETALL",
                "cart:user:1",
            ])
        #expect(others.output.contains("NOPERM"), "no other hash is opened by it")
    }

    @Test func prefixOfTheDeploymentStandsBeforeTheKey() async throws {
        let server = try RedisServer()
        let client = try client(server.url)
        let counters = try counters(client, prefix: "shop:")
        counters.count(.misses, in: "product")
        #expect(await counters.publish())
        let collector = SnapshotCollector(settings: try settings(server.url) { $0.keyPrefix = "shop:" })
        #expect(await collector.collect().counters?.traffic(in: "product")?.hitRatio == 0)
        await collector.close()
        await client.close()
    }

    @Test func inAClusterOnePrimaryHoldsThemAndOneIsAsked() async throws {
        let farm = try ClusterFarm(primaries: 3)
        let client = CacheClient(
            CacheConfiguration(
                endpoint: try Endpoint(url: farm.servers[0].url), kind: .cluster(nodes: farm.addresses)))
        let counters = try counters(client)
        counters.count(.hits, in: "product", by: 3)
        counters.count(.misses, in: "product")
        #expect(await counters.publish())
        let settings = try settings("redis://" + farm.addresses[0]) {
            $0.clusterEnabled = true
            $0.clusterNodes = farm.addresses
        }
        let collector = SnapshotCollector(settings: settings)
        let snapshot = await collector.collect()
        #expect(snapshot.counters?.traffic(in: "product")?.hitRatio == 0.75)
        #expect(snapshot.nodes.allSatisfy { $0.denied.allSatisfy { $0.needs == nil } && $0.unanswered.isEmpty })
        await collector.close()
        await client.close()
    }
}
