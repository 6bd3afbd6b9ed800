import CacheCore
import Glibc
import Logging
import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheWire

/// A server's pool on one server: who gets a connection, and what an outage costs.
@Suite(.serialized) struct PoolTests {
    private func pool(
        _ url: String, size: Int = 5, log: LogLines = LogLines(), _ change: (inout PoolSettings) -> Void = { _ in }
    ) throws -> CachePool {
        var settings = PoolSettings(size: size)
        // Of a machine that does other things as well.
        settings.deadline = .seconds(10)
        change(&settings)
        return try CachePool(
            CacheConfiguration(endpoint: try Endpoint(url: url)), name: "shop", settings: settings, logger: log.logger)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func error(_ body: () async throws(CacheError) -> Void) async -> CacheError? {
        do throws(CacheError) { try await body() } catch { return error }
        return nil
    }

    @Test func callsReadAsASentence() async throws {
        let server = try RedisServer()
        let pool = try pool(server.url)
        let end = WallTime(seconds: 4_102_444_800)
        #expect(try await pool.send(.set("product:1", "shirt", until: end)) == .status(bytes("OK")))
        #expect(try await pool.send(.get("product:1")) == .string(bytes("shirt")))
        #expect(try await pool.send(.set("product:2", "shoe", for: .seconds(60))) == .status(bytes("OK")))
        let replies = try await pool.pipeline([
            .mget(["product:1", "product:2", "product:3"]), .exists("product:1"), .unlink("product:2"), .incr("n"),
            .incr("product:1"),
        ])
        #expect(
            replies.prefix(4) == [
                .array([.string(bytes("shirt")), .string(bytes("shoe")), .null]), .integer(1), .integer(1), .integer(1),
            ])
        guard case .error = replies[4] else {
            Issue.record("an error of a command is a value")
            return
        }
        guard case .integer(let left) = try await pool.send(.pttl("product:1")) else {
            Issue.record("a number")
            return
        }
        #expect(left > 0)
        #expect(pool.statistics.opened == 1 && pool.statistics.dropped == 0)
        #expect(try server.cli("CLIENT", "LIST").contains("name=shop "))
        await pool.end()
        #expect(pool.statistics.connections == 0 && pool.statistics.closed == [.shutdown: 1])
        #expect(await error { () throws(CacheError) in _ = try await pool.send(.get("a")) }?.refusal.kind == .other)
    }

    /// The check of the plan: never more than five connections, one dial at a time, to each its own.
    @Test func aThousandTasksWhileTheServerDiesAndComesBack() async throws {
        let server = try RedisServer()
        let proxy = try FaultProxy(to: server.socket)
        try server.cli(["MSET"] + (0..<1000).flatMap { ["key:\($0)", "value-\($0)"] })
        let pool = try pool(proxy.url)
        let (wrong, right, refused) = (Counter(), Counter(), Counter())
        let isDone = Counter()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    while isDone.count == 0 {
                        do throws(CacheError) {
                            let value = try await pool.send(.get("key:\(number)"))
                            if value == .string(Array("value-\(number)".utf8)) {
                                right.add()
                            } else if value != .null {
                                wrong.add()
                            }
                        } catch {
                            refused.add()
                            // Whoever asks goes on with something else.
                            await Task.yield()
                        }
                    }
                }
            }
            await eventually("all work") {
                await Task.yield()
                return right.count > 2000
            }
            server.stop()
            let before = refused.count
            await eventually("they are told") {
                await Task.yield()
                return refused.count > before + 2000 && pool.statistics.connections == 0
            }
            do {
                try server.restart()
                try server.cli(["MSET"] + (0..<1000).flatMap { ["key:\($0)", "value-\($0)"] })
            } catch { Issue.record(error) }
            let after = right.count
            await eventually("it works again") {
                await Task.yield()
                return right.count > after + 2000
            }
            isDone.add()
        }
        #expect(wrong.count == 0)
        let statistics = pool.statistics
        #expect(statistics.connections <= 5 && statistics.opened <= 10, "\(statistics)")
        #expect(try server.cli("CLIENT", "LIST").split(separator: "\n").count { $0.contains("name=shop") } <= 5)
        await pool.end()
    }

    @Test func outageIsToldOnceAndCostsNoConnection() async throws {
        let server = try RedisServer()
        let log = LogLines()
        let pool = try pool(server.url, log: log)
        _ = try await pool.send(.get("a"))
        server.stop()
        await eventually("it is noticed") {
            await error { () throws(CacheError) in _ = try await pool.send(.get("a")) } != nil
        }
        await eventually("it is an outage") {
            await Task.yield()
            return !pool.statistics.outages.isEmpty
        }
        for _ in 0..<100 {
            guard
                case .unavailable(_, let reason) = await error({ () throws(CacheError) in
                    _ = try await pool.send(.get("a"))
                })
            else {
                Issue.record("it is away")
                return
            }
            #expect(reason.kind == .refused)
        }
        #expect(pool.statistics.dropped >= 100)
        try server.restart()
        await eventually("it comes back by itself") {
            await error { () throws(CacheError) in _ = try await pool.send(.get("a")) } == nil
        }
        #expect(
            log.lines == [
                "info Connecting to Redis at redis://127.0.0.1:\(server.port)/0", "info Redis connected successfully",
                "warning Failed to connect to Redis: Connection refused. Continuing without cache.",
                "info Redis connected successfully",
            ])
        await pool.end()
    }

    @Test func hungServerCostsOneDeadlineAndComesBackByItself() async throws {
        let server = try RedisServer()
        let pool = try pool(server.url) { $0.deadline = .seconds(1) }
        await eventually("it answers") {
            await error { () throws(CacheError) in _ = try await pool.send(.get("a")) } == nil
        }
        server.signal(SIGSTOP)
        let clock = ContinuousClock()
        let start = clock.now
        let errors = await withTaskGroup(of: CacheError?.self) { group in
            for _ in 0..<20 {
                group.addTask { await error { () throws(CacheError) in _ = try await pool.send(.get("a")) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let time = clock.now - start
        #expect(errors.allSatisfy { $0 != nil } && errors.count == 20)
        #expect(errors.contains { if case .timedOut? = $0 { true } else { false } })
        #expect(time >= .milliseconds(990) && time < .seconds(10), "\(time)")
        await eventually("nobody waits any more") {
            if case .unavailable? = await error({ () throws(CacheError) in _ = try await pool.send(.get("a")) }) {
                true
            } else {
                false
            }
        }
        #expect(pool.statistics.outages.first?.reason.kind == .hung)
        server.signal(SIGCONT)
        await eventually("it answers again") {
            await error { () throws(CacheError) in _ = try await pool.send(.get("a")) } == nil
        }
        // Those that were not under way when the first one gave up were told of an outage.
        #expect(pool.statistics.timeouts >= 1)
        await pool.end()
    }

    @Test func callersShareAndTooManyAreTurnedAway() async throws {
        let server = try RedisServer()
        let pool = try pool(server.url, size: 1)
        _ = try await pool.send(.get("a"))
        server.signal(SIGSTOP)
        let calls = (0..<81).map { number in
            Task { await error { () throws(CacheError) in _ = try await pool.send(.get("key:\(number)")) } }
        }
        // 64 share the connection and 16 wait; the next one is not let in.
        await eventually("one is turned away") {
            await Task.yield()
            return pool.statistics.dropped == 1
        }
        #expect(pool.statistics.waiting == 16 && pool.statistics.connections == 1)
        for call in calls.suffix(40) { call.cancel() }
        server.signal(SIGCONT)
        var (exhausted, cancelled, served) = (0, 0, 0)
        for call in calls {
            switch await call.value {
            case .exhausted: exhausted += 1
            case .cancelled: cancelled += 1
            case nil: served += 1
            case let other: Issue.record("\(String(describing: other))")
            }
        }
        // Who is turned away may be any of them, also one of those that nobody cancels.
        #expect(exhausted == 1 && exhausted + cancelled + served == 81 && served >= 40)
        #expect(pool.statistics.opened == 1, "whoever leaves harms no connection")
        #expect(try await pool.send(.get("a")) == .null)
        await pool.end()
    }

    @Test func connectionAloneForTransactionsBlockingAndSubscriptions() async throws {
        let server = try RedisServer()
        let pool = try pool(server.url, size: 3)
        // A transaction that another one spoils.
        let replies = try await pool.withConnection { connection in
            try await connection.send(Command("WATCH", "stock"))
            _ = try await pool.send(.incr("stock"))
            try await connection.send(Command("MULTI"))
            try await connection.send(Command("SET", "stock", "7"))
            return try await connection.send(Command("EXEC"))
        }
        #expect(replies == .null)
        #expect(try await pool.send(.get("stock")) == .string(bytes("1")))
        #expect(pool.statistics.closed == [:], "it is as it was")
        // A blocking command, while others go on.
        let popped = Task {
            try await pool.withConnection { try await $0.send(Command("BLPOP", "jobs", "30"), deadline: .seconds(40)) }
        }
        await eventually("it blocks") {
            await Task.yield()
            return (try? server.cli("INFO", "clients").contains("blocked_clients:1")) ?? false
        }
        _ = try await pool.send(CacheCall(bytes("jobs"), Command("RPUSH", "jobs", "one")))
        #expect(try await popped.value == .array([.string(bytes("jobs")), .string(bytes("one"))]))
        // What is left open ends with the loan.
        try await pool.withConnection { _ = try await $0.send(Command("MULTI")) }
        await eventually("it is closed") {
            await Task.yield()
            return pool.statistics.closed == [.used: 1]
        }
        let heard = try await pool.withConnection { connection -> PublishedMessage? in
            let messages = try await connection.messages(on: ["news", "more"])
            _ = try await pool.send(CacheCall([], Command("PUBLISH", "more", "hello")))
            for await message in messages { return message }
            return nil
        }
        #expect(heard?.channel == bytes("more") && heard?.payload == bytes("hello"))
        await pool.end()
    }

    @Test func onlyConnectionIsNotLentTwice() async throws {
        let server = try RedisServer()
        let pool = try pool(server.url, size: 1) { $0.deadline = .seconds(2) }
        try await pool.withConnection { connection in
            let value = try await connection.send(.get("a"))
            #expect(value == .null)
            #expect(await error { () throws(CacheError) in _ = try await pool.send(.get("b")) } == .exhausted)
        }
        #expect(pool.statistics.outages.isEmpty, "the server is not to blame")
        await eventually("it is free") {
            await error { () throws(CacheError) in _ = try await pool.send(.get("b")) } == nil
        }
        await pool.end()
    }

    @Test(arguments: [
        "$100\r\nhalf", "!garbage\r\n", "$537919488\r\n",
    ])
    func whatIsNoReplyClosesThatConnection(words: String) async throws {
        let bad = try ScriptedServer(.answer(bytes("+OK\r\n-ERR\r\n-ERR\r\n")), .answer(bytes(words)), .holdOpen)
        let pool = try pool(bad.url) { $0.deadline = .seconds(2) }
        let failure = await error { () throws(CacheError) in _ = try await pool.send(.incr("a")) }
        #expect(failure?.leavesOpen == true, "\(String(describing: failure))")
        await eventually("it is closed") {
            await Task.yield()
            return pool.statistics.closed.values.reduce(0, +) >= 1
        }
        await pool.end()
    }

    @Test func whatAUserMayNotDoIsToldWithTheRule() async throws {
        let server = try RedisServer()
        try server.cli("ACL", "SETUSER", "shop", "on", ">pw", "~product:*", "+get", "+client", "+select", "+info")
        let url = server.url.replacing("redis://", with: "redis://shop:pw@")
        let pool = try pool(url)
        #expect(try await pool.send(.get("product:1")) == .null)
        for (call, rule) in [(CacheCall.incr("product:1"), "+incr"), (.get("session:1"), "~session:*")] {
            guard case .forbidden(let words) = await error({ () throws(CacheError) in _ = try await pool.send(call) })
            else {
                Issue.record("\(call.command) is allowed")
                continue
            }
            #expect(words.contains("ACL rule \(rule) "), "\(words)")
        }
        #expect(pool.statistics.outages.isEmpty && pool.statistics.closed.isEmpty)
        await pool.end()
    }

    @Test func fullServerTakesNoWritesAndIsReadFrom() async throws {
        let server = try RedisServer()
        try server.cli("SET", "a", "x")
        let pool = try pool(server.url)
        _ = try await pool.send(.get("a"))
        try server.cli("CONFIG", "SET", "maxmemory", "1")
        let first = try await pool.send(.set("b", "x", for: nil))
        guard case .error(let words) = first, words.starts(with: bytes("OOM")) else {
            Issue.record("\(first)")
            return
        }
        let calls = try server.cli("INFO", "commandstats")
        var dropped = 0
        for _ in 0..<50 {
            if case .unavailable(_, let reason) = await error({ () throws(CacheError) in
                _ = try await pool.send(.set("b", "x", for: nil))
            }),
                reason.kind == .outOfMemory
            {
                dropped += 1
            }
            #expect(try await pool.send(.get("a")) == .string(bytes("x")))
        }
        #expect(dropped > 0 && !calls.isEmpty && pool.statistics.dropped == dropped)
        #expect(try await pool.send(.unlink("nothing")) == .integer(0), "what gives memory back is sent")
        try server.cli("CONFIG", "SET", "maxmemory", "0")
        await eventually("writes pass again") {
            let reply = try? await pool.send(.set("b", "x", for: nil))
            return reply == .status(Array("OK".utf8))
        }
        #expect(pool.statistics.outages.isEmpty)
        await pool.end()
    }

    @Test func serverThatLoadsIsNotAsked() async throws {
        let isLoading = Counter()
        let server = try AnsweringServer { words, _ in
            isLoading.count == 0 ? .error("LOADING Redis is loading the dataset in memory") : .status("OK")
        }
        let pool = try pool(server.url)
        guard
            case .unavailable(_, let reason) = await error({ () throws(CacheError) in
                _ = try await pool.send(.incr("a"))
            })
        else {
            Issue.record("it loads")
            return
        }
        #expect(reason.kind == .loading)
        #expect(pool.statistics.outages.count == 1)
        isLoading.add()
        await eventually("it is asked again") {
            await error { () throws(CacheError) in _ = try await pool.send(.get("a")) } == nil
        }
        await pool.end()
    }

    /// A counter is never sent twice; what was never written is, and so is what twice is once.
    @Test func whatIsLostIsRepeatedOnlyWhereTwiceIsOnce() async throws {
        let hangUps = Counter()
        let server = try AnsweringServer { words, connection in
            if words[0] == "GET" || words[0] == "INCR", connection < 2 {
                hangUps.add()
                return .hangUp
            }
            return .string("x")
        }
        let pool = try pool(server.url)
        guard case .unknown = await error({ () throws(CacheError) in _ = try await pool.send(.incr("a")) }) else {
            Issue.record("nobody knows what became of it")
            return
        }
        #expect(hangUps.count == 1)
        #expect(try await pool.send(.get("a")) == .string(bytes("x")))
        #expect(hangUps.count == 2)
        await pool.end()
    }

    @Test func whatIsInFlightIsAnsweredWhenThePoolEnds() async throws {
        let server = try RedisServer()
        let pool = try pool(server.url)
        _ = try await pool.send(.get("a"))
        let running = Task { await pool.run { cache in _ = try? await cache.send(.incr("published")) } }
        server.signal(SIGSTOP)
        let call = Task { await error { () throws(CacheError) in _ = try await pool.send(.incr("a")) } }
        await eventually("it is in flight") {
            await Task.yield()
            return pool.statistics.busy == 1
        }
        running.cancel()
        await eventually("it ends") {
            await Task.yield()
            return pool.statistics.isEnding
        }
        #expect(await error { () throws(CacheError) in _ = try await pool.send(.get("b")) }?.refusal.kind == .other)
        server.signal(SIGCONT)
        #expect(await call.value == nil)
        await running.value
        #expect(try server.cli("MGET", "a", "published").filter { !$0.isWhitespace } == "11")
        #expect(pool.statistics.connections == 0)
    }

    @Test func whatCannotBeMeantIsSaid() async throws {
        let configuration = CacheConfiguration(endpoint: try Endpoint(url: "redis://127.0.0.1:1"))
        for (name, settings) in [
            ("", PoolSettings()), ("my shop", PoolSettings()), ("shop\n", PoolSettings()),
            ("shop", PoolSettings(size: 0)),
            ("shop", PoolSettings(size: 10_001)),
        ] {
            #expect(throws: CacheError.self, "\(name) \(settings.size)") {
                _ = try CachePool(configuration, name: name, settings: settings)
            }
        }
    }
}

/// Counts from anywhere.
final class Counter: Sendable {
    private let number = NIOLockedValueBox(0)
    var count: Int { number.withLockedValue { $0 } }
    func add() { number.withLockedValue { $0 += 1 } }
}

/// What was logged: level and message.
final class LogLines: Sendable {
    private let said = NIOLockedValueBox<[String]>([])
    var lines: [String] { said.withLockedValue { $0 } }
    var logger: Logger {
        Logger(label: "test") { _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            lines.said.withLockedValue { $0.append("\(event.level) \(event.message)") }
        }
    }
}
