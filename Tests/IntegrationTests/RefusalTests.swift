import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Why a connection fails, each reason met for real.
@Suite struct RefusalTests {
    @Test func nothingListens() async throws {
        let node = try await collect("redis://127.0.0.1:\(FreePort.next())")
        #expect(node.refusal?.reason == "connection refused")
        #expect(node.refusal?.remedy == "Check Redis is running and URL is correct.")
    }

    @Test func socketIsMissing() async throws {
        #expect(try await collect("unix:///nowhere/redis.sock").refusal?.kind == .noSuchSocket)
    }

    @Test func hostIsUnknown() async throws {
        let node = try await collect("redis://no-such-host.invalid", timeout: .seconds(10))
        #expect(node.refusal?.kind == .noSuchHost)
    }

    @Test func somethingElseListens() async throws {
        let server = try ScriptedServer(.answer(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), .hangUp)
        let node = try await collect(server.url)
        #expect(node.refusal == Refusal(.notRedis, detail: "it says \"HTTP/1.1 400 Bad Request\""))
    }

    @Test func greetingOfAnotherProtocolIsShownEscaped() async throws {
        let server = try ScriptedServer(.greet(Array("SSH-2.0-\u{1b}[31mx\r\n".utf8)), .holdOpen)
        let node = try await collect(server.url)
        #expect(node.refusal == Refusal(.notRedis, detail: "it says \"SSH-2.0-\\x1b[31mx\""))
    }

    @Test func acceptsButNeverAnswers() async throws {
        let server = try ScriptedServer(.holdOpen)
        #expect(try await collect(server.url, timeout: .milliseconds(500)).refusal?.kind == .hung)
    }

    @Test func closesInTheMiddleOfAReply() async throws {
        let server = try ScriptedServer(.answer(Array("$100\r\nabc".utf8)), .hangUp)
        let node = try await collect(server.url)
        #expect(node.refusal == Refusal(.closed, detail: "in the middle of a reply"))
    }

    @Test func closesInTheMiddleOfTheSecondReply() async throws {
        let server = try ScriptedServer(.answer(Array("+OK\r\n$100\r\nabc".utf8)), .hangUp)
        let node = try await collect(server.url)
        #expect(node.refusal == Refusal(.closed, detail: "in the middle of a reply"))
    }

    @Test func announcesHalfAGigabyte() async throws {
        let server = try ScriptedServer(.answer(Array("$500000000\r\nabc".utf8)), .holdOpen)
        #expect(try await collect(server.url).refusal?.kind == .replyTooLarge)
    }

    @Test func sendsGarbageAfterAGoodReply() async throws {
        let server = try ScriptedServer(.answer(Array("+OK\r\n\u{0}\u{1}\u{2}garbage".utf8)), .holdOpen)
        #expect(try await collect(server.url).refusal?.kind == .protocolError)
    }

    @Test func serverIsFull() async throws {
        let server = try RedisServer(["--maxclients", "1"])
        let occupant = Line(
            endpoint: try Endpoint(url: server.url),
            dialler: Dialler(settings: try settings(server.url, timeout: .seconds(2))))
        // redis-cli of the server's start may still hold the one place.
        await eventually("the one place is taken") { (try? await occupant.connect()) != nil }
        let node = try await collect(server.url)
        #expect(node.refusal?.reason == "max number of clients reached")
        await occupant.close()
    }

    @Test func passwordIsMissingOrWrong() async throws {
        let server = try RedisServer(["--requirepass", "geheim"])
        #expect(try await collect(server.url).refusal?.kind == .noAuth)
        let wrong = try await collect("redis://:falsch@127.0.0.1:\(server.port)")
        #expect(wrong.refusal?.kind == .wrongPassword)
        #expect(try await collect("redis://:geheim@127.0.0.1:\(server.port)").reachable)
        #expect(try await collect("redis://default:geheim@127.0.0.1:\(server.port)").reachable)
    }

    @Test func needlessPasswordIsAWarning() async throws {
        let server = try RedisServer()
        let node = try await collect("redis://:x@127.0.0.1:\(server.port)")
        #expect(node.reachable)
        #expect(node.warnings == ["a password was given, but the server asks for none"])
    }

    @Test func databaseIsOutOfRange() async throws {
        let server = try RedisServer(["--databases", "4"])
        #expect(try await collect(server.url + "/9").refusal?.kind == .noSuchDatabase)
    }

    @Test func scriptBlocksTheServer() async throws {
        let server = try RedisServer(["--lua-time-limit", "10"])
        let script = try Child(["redis-cli", "-s", server.socket, "EVAL", "while true do end", "0"])
        defer { script.end() }
        try eventually("the server is busy") { try server.cli("PING").contains("BUSY") }
        #expect(try await collect(server.url).refusal?.kind == .busy)
    }
}
