import Glibc
import RedisValues
import Support
import Testing

@testable import CacheCore
@testable import CacheWire

/// What a server's pool does while nobody calls: connections that rest, and an outage that lasts.
@Suite(.serialized) struct PoolRestTests {
    private func pool(
        _ url: String, size: Int = 5, timeout: Duration = .seconds(10), log: LogLines = LogLines(),
        _ change: (inout PoolSettings) -> Void = { _ in }
    ) throws -> CachePool {
        var settings = PoolSettings(size: size)
        settings.deadline = .seconds(10)
        change(&settings)
        var configuration = CacheConfiguration(endpoint: try Endpoint(url: url))
        configuration.timeout = timeout
        return try CachePool(configuration, name: "shop", settings: settings, logger: log.logger)
    }

    private func answers(_ pool: CachePool) async -> Bool {
        do throws(CacheError) { _ = try await pool.send(.get("a")) } catch { return false }
        return true
    }

    /// How often a command was sent since the server's figures were reset.
    private func calls(_ name: String, _ server: RedisServer) -> Int {
        let text = (try? server.cli("INFO", "commandstats")) ?? ""
        return text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(name):calls=") }
            .flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0.isNumber }) } ?? 0
    }

    /// Whether so many PINGs have come since.
    private func asked(_ count: Int, _ server: RedisServer) async -> Bool { calls("ping", server) >= count }

    @Test func idleConnectionsAreAskedInTheBackgroundWhetherTheyAnswer() async throws {
        let server = try RedisServer()
        let pool = try pool(server.url) { $0.idle.ping = .milliseconds(50) }
        _ = try await pool.send(.get("a"))
        try server.cli("CONFIG", "RESETSTAT")
        await eventually("it is asked again and again, although nobody calls") { await asked(3, server) }
        #expect(calls("get", server) == 0)
        #expect(pool.statistics.opened == 1 && pool.statistics.closed.isEmpty && pool.statistics.busy == 0)
        await pool.end()
    }

    @Test func noCallWaitsForAPing() async throws {
        let server = try RedisServer()
        let pool = try pool(server.url)
        _ = try await pool.send(.get("a"))
        try server.cli("CONFIG", "RESETSTAT")
        for _ in 0..<100 { _ = try await pool.send(.get("a")) }
        #expect(calls("get", server) == 100 && calls("ping", server) == 0)
        await pool.end()
    }

    /// The next call finds no connection that hangs.
    @Test func connectionThatHangsAtRestIsFoundOutAndClosed() async throws {
        let server = try RedisServer()
        let pool = try pool(server.url, timeout: .milliseconds(500)) { $0.idle.ping = .milliseconds(50) }
        await eventually("it answers") { await answers(pool) }
        server.signal(SIGSTOP)
        await eventually("nobody has called, and it is closed") {
            await Task.yield()
            return pool.statistics.connections == 0
        }
        #expect(pool.statistics.closed[.late] == 1 && pool.statistics.outages.isEmpty)
        server.signal(SIGCONT)
        await eventually("calls get another one") { await answers(pool) }
        await pool.end()
    }

    @Test(arguments: [0, 2])
    func connectionsThatNobodyUsesAreClosedDownToTheMinimum(minimum: Int) async throws {
        let server = try RedisServer()
        let pool = try pool(server.url) { settings in
            settings.minimum = minimum
            (settings.idle.ping, settings.idle.close) = (.milliseconds(20), .milliseconds(200))
        }
        let held = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await pool.withConnection { connection in
                        held.add()
                        await eventually("four have one each") {
                            await Task.yield()
                            return held.count == 4
                        }
                        _ = try await connection.send(.get("a"))
                    }
                }
            }
            try await group.waitForAll()
        }
        await eventually("they are closed") {
            await Task.yield()
            return pool.statistics.connections == minimum
        }
        func listed() throws -> Int {
            try server.cli("CLIENT", "LIST").split(separator: "\n").count { $0.contains("name=shop") }
        }
        try eventually("the server sees it") { try listed() == minimum }
        let statistics = pool.statistics
        #expect(statistics.opened >= 4 && statistics.closed == [.idle: statistics.opened - minimum])
        // What is left stays, and is still asked.
        try server.cli("CONFIG", "RESETSTAT")
        if minimum > 0 { await eventually("they are asked") { await asked(20, server) } }
        #expect(try listed() == minimum)
        #expect(try await pool.send(.get("a")) == .null)
        await pool.end()
    }

    @Test func outageThatLastsIsRepeatedWithWhatWasDroppedAndThenNoMore() async throws {
        let server = try RedisServer()
        let log = LogLines()
        let every = Duration.milliseconds(200)
        let pool = try pool(server.url, log: log) { settings in
            settings.reminds = every
            settings.idle.ping = every
        }
        _ = try await pool.send(.get("a"))
        @Sendable func reminders() -> [String] { log.lines.filter { $0.hasPrefix("warning No Redis since ") } }
        let start = ContinuousClock.now
        server.stop()
        await eventually("it is an outage") {
            _ = await answers(pool)
            return !pool.statistics.outages.isEmpty
        }
        for _ in 0..<7 { #expect(await !answers(pool)) }
        let (dropped, before) = (pool.statistics.dropped, reminders().count)
        await eventually("it is said twice more") {
            await Task.yield()
            return reminders().count >= before + 2
        }
        let lines = reminders()
        #expect(
            dropped >= 7 && lines.last?.hasSuffix(": Connection refused. \(dropped) calls dropped.") == true, "\(lines)"
        )
        #expect(lines.count <= Int((ContinuousClock.now - start) / every), "not oftener than that")
        try server.restart()
        await eventually("it is back") { await answers(pool) }
        let told = reminders().count
        try server.cli("CONFIG", "RESETSTAT")
        // As much time as three of them would take.
        await eventually("it has rested") { await asked(3, server) }
        #expect(reminders().count == told)
        #expect(log.lines.count { $0.hasPrefix("warning Failed to connect") } == 1)
        await pool.end()
    }

    @Test(arguments: [(45, true), (20, false)])
    func poolThatTheServerHasNoRoomForIsWarnedOf(size: Int, isTooLarge: Bool) async throws {
        let server = try RedisServer(["--maxclients", "50"])
        let log = LogLines()
        let pool = try pool(server.url, size: size, log: log)
        // The second one is answered after the first connection was looked at.
        for _ in 0..<2 { _ = try await pool.send(.get("a")) }
        let warning = "warning 1 client connected to Redis, and this pool may add 44: it takes 50 (maxclients)"
        if isTooLarge {
            await eventually("it is warned of: \(log.lines)") {
                await Task.yield()
                return log.lines.contains(warning)
            }
        }
        #expect(log.lines.count { $0.hasPrefix("warning") } == (isTooLarge ? 1 : 0), "\(log.lines)")
        await pool.end()
    }
}
