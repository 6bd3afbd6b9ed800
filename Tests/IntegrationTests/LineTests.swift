import Glibc
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Who owns a connection, and who closes it.
@Suite(.serialized) struct LineTests {
    private func line(_ url: String, timeout: Duration = .seconds(2)) throws -> Line {
        let settings = try settings(url, timeout: timeout)
        return Line(endpoint: settings.endpoint, dialler: Dialler(settings: settings))
    }

    private func ping(_ line: Line) async -> Result<[RESPValue], CacheError> {
        do throws(CacheError) {
            return .success(try await line.pipeline([Command("PING")], deadline: .seconds(5)))
        } catch { return .failure(error) }
    }

    @Test func thoseWhoAskAtOnceShareOneConnection() async throws {
        let server = try RedisServer()
        let proxy = try FaultProxy(to: server.socket)
        let line = try line(proxy.url)
        let answers = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { if case .success = await ping(line) { true } else { false } } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(answers == 8)
        #expect(proxy.connections == 1)
        await line.close()
        try eventually("its connection is closed") { try server.ours() == 0 }
    }

    @Test func whatIsClosedWhileItDialsStaysClosed() async throws {
        let server = try RedisServer()
        let proxy = try FaultProxy(to: server.socket)
        // It hears nothing until it goes on.
        server.signal(SIGSTOP)
        defer { server.signal(SIGCONT) }
        let line = try line(proxy.url)
        let dialling = Task { await ping(line) }
        await eventually("it dials") {
            await Task.yield(); return proxy.connections == 1
        }
        await line.close()
        let answer = await dialling.value
        server.signal(SIGCONT)
        guard case .failure = answer else {
            Issue.record("it was closed")
            return
        }
        #expect(await !line.isConnected)
        try eventually("what came too late is closed") { try server.ours() == 0 }
        #expect(proxy.connections == 1)
    }

    @Test func whoWaitsForALineThatIsDroppedGetsANewConnection() async throws {
        let server = try RedisServer()
        let proxy = try FaultProxy(to: server.socket)
        server.signal(SIGSTOP)
        defer { server.signal(SIGCONT) }
        let line = try line(proxy.url)
        let dialling = Task { await ping(line) }
        await eventually("it dials") {
            await Task.yield(); return proxy.connections == 1
        }
        await line.drop()
        server.signal(SIGCONT)
        let answer = try await dialling.value.get()
        #expect(answer == [.status(Array("PONG".utf8))])
        #expect(proxy.connections == 2)
        try eventually("one is left") { try server.ours() == 1 }
        await line.close()
    }

    /// The second look takes up to a second, and what it looks for is not what a server that was just there has.
    @Test func secondLookIsForAWayThatIsNotProven() async throws {
        let server = try RedisServer()
        let proxy = try FaultProxy(to: server.socket)
        let line = try line(proxy.url)
        try await line.connect()
        proxy.begin(.cut)
        func connectionsOfAFailure() async -> Int {
            let before = proxy.connections
            guard case .failure(let error) = await ping(line) else { return -1 }
            #expect(error.refusal.kind == .closed)
            return proxy.connections - before
        }
        #expect(await connectionsOfAFailure() == 0, "what is cut is the connection that is there")
        #expect(await connectionsOfAFailure() == 1)
        #expect(await connectionsOfAFailure() == 2, "now it is looked at whether TLS is spoken")
        proxy.heal()
        #expect(try await ping(line).get() == [.status(Array("PONG".utf8))])
        proxy.begin(.cut)
        #expect(await connectionsOfAFailure() == 0)
        #expect(await connectionsOfAFailure() == 1, "proven anew")
        await line.close()
    }

    /// It is known from the first answers whether it may be sent, and nobody waits for another round trip.
    @Test func noTouchIsAskedForInTheSameBreathAsWhatIsWanted() async throws {
        let server = try AnsweringServer(asksAboutConnections: true) { words, _ in
            switch words.first {
            case "INFO": .string("# Server\r\nredis_version:7.2.4\r\n")
            case "CLIENT" where words[1] == "NO-TOUCH": .silence
            // Two replies: the first one is that of NO-TOUCH.
            case "PING": .error("NOPERM this user has no permissions\r\n+PONG")
            default: .status("OK")
            }
        }
        let line = try line(server.url)
        #expect(try await ping(line).get() == [.status(Array("PONG".utf8))])
        #expect(await line.denied().contains(Courtesy.noTouch.commandName))
        #expect(server.seen.map { $0.prefix(2).joined(separator: " ") }.suffix(2) == ["CLIENT NO-TOUCH", "PING"])
        await line.drop()
        _ = await ping(line)
        #expect(server.seen.filter { $0.contains("NO-TOUCH") }.count == 1, "what is refused is not asked for again")
        await line.close()
    }

    @Test func commandThatIsRefusedBeforeItIsSentHarmsNobody() async throws {
        let server = try RedisServer()
        let proxy = try FaultProxy(to: server.socket)
        proxy.delay(milliseconds: 100)
        let line = try line(proxy.url)
        try await line.connect()
        let other = Task { await ping(line) }
        await #expect(throws: CacheError.readOnly("SET")) {
            try await line.pipeline([Command("SET", "a", "b")], deadline: .seconds(2))
        }
        #expect(await line.isConnected)
        let answer = await other.value
        #expect(throws: Never.self) { try answer.get() }
        #expect(proxy.connections == 1)
        await line.close()
    }

    /// A request that is given up keeps its place: its reply is dropped, and reaches nobody else.
    @Test func whoIsCancelledLeavesAtOnceAndHarmsNobody() async throws {
        let server = try RedisServer()
        let proxy = try FaultProxy(to: server.socket)
        let line = try line(proxy.url)
        try await line.connect()
        server.signal(SIGSTOP)
        let abandoned = Task { () -> CacheError? in
            do throws(CacheError) {
                _ = try await line.pipeline([Command("PING", "one")], deadline: .seconds(60))
                return nil
            } catch { return error }
        }
        let waiting = Task { try await line.pipeline([Command("PING", "other")], deadline: .seconds(60)) }
        abandoned.cancel()
        // It would wait for a minute.
        #expect(await abandoned.value == .cancelled)
        server.signal(SIGCONT)
        #expect(try await waiting.value == [.string(Array("other".utf8))])
        #expect(proxy.connections == 1)
        await line.close()
    }

    /// Nobody takes this connection for as long as the test runs.
    @Test func diallingEndsWithItsTask() async throws {
        let host = try SwitchedOffHost()
        let line = try line("redis://127.0.0.1:\(host.port)", timeout: .seconds(600))
        let dialling = Task { await ping(line) }
        dialling.cancel()
        #expect(await dialling.value == .failure(.cancelled))
        await line.close()
    }

    @Test func failureOfAConnectionIsForgottenWithIt() async throws {
        let server = try RedisServer()
        let proxy = try FaultProxy(to: server.socket)
        let line = try line(proxy.url)
        try await line.connect()
        for connections in 2..<6 {
            proxy.heal()
            await eventually("it is served again") { if case .success = await ping(line) { true } else { false } }
            #expect(proxy.connections == connections)
        }
        await line.close()
        try eventually("none is left") { try server.ours() == 0 }
    }
}
