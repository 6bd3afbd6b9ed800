import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct ReadOnlyTests {
    /// Every command of the table, with arguments that would do something.
    private static func command(_ name: String) -> Command {
        let words = name.split(separator: " ").map { Array($0.utf8) }
        let arguments: [String: [String]] = [
            "SET": ["k", "new"], "SADD": ["s", "x"], "SREM": ["s", "a"], "EXPIRE": ["k", "1"], "PEXPIRE": ["k", "1"],
            "PERSIST": ["k"], "UNLINK": ["k"], "RESTORE": ["r", "0", "x"],
            "EVAL": ["return redis.call('DEL', 'k')", "0"],
        ]
        return Command(words + (arguments[name] ?? ["k"]).map { Array($0.utf8) })
    }

    @Test func noWritingCommandLeavesAConnectionThatMayNotWrite() async throws {
        let server = try RedisServer()
        try server.cli("SET", "k", "old", "EX", "1000")
        try server.cli("SADD", "s", "a")
        let line = Line(endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()))
        try await line.connect()
        let before = try server.cli("INFO", "commandstats")
        for (name, access) in CommandTable.access where access == .writing {
            await #expect(throws: CacheError.readOnly(name)) {
                _ = try await line.pipeline([Command("PING"), Self.command(name)], deadline: .seconds(1))
            }
            var flight = FlightBuffer()
            flight.append(Self.command(name), as: "x")
            let session = try await line.session(deadline: .seconds(1))
            await #expect(throws: CacheError.readOnly(name)) {
                _ = try await session.launch(flight).replies()
            }
        }
        // What nobody has thought of is not known to be harmless.
        for words in [
            ["FLUSHALL"], ["CONFIG", "SET", "maxmemory", "1"], ["CLIENT", "KILL", "x"], ["DEL", "k"],
            ["set", "k", "v"],
        ] {
            await #expect(throws: CacheError.self) {
                _ = try await line.pipeline([Command(words.map { Array($0.utf8) })], deadline: .seconds(1))
            }
        }
        // Not even the PING in front has arrived.
        let after = try server.cli("INFO", "commandstats")
        for name in ["ping", "set", "unlink", "flushall", "eval", "del"] {
            func calls(_ text: String) -> Substring? {
                text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(name):calls=") }
                    .map { $0.prefix { $0 != "," } }
            }
            #expect(calls(before) == calls(after), "\(name)")
        }
        #expect(try server.cli("GET", "k").hasPrefix("old"))
    }

    /// A connection that may write is not enough: somebody has to permit it.
    @Test func noWritingCommandIsSentWithoutAPermit() async throws {
        let server = try RedisServer()
        try server.cli("SET", "k", "old", "EX", "1000")
        let line = Line(
            endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()),
            purpose: .act, allowsWrites: true)
        let session = try await line.session(deadline: .seconds(1))
        let router = Router(
            deployment: try settings(server.socketURL).deployment, open: { _ throws(CacheError) in session })
        let key = Array("k".utf8)
        for (name, access) in CommandTable.access where access == .writing {
            let command = Self.command(name)
            await #expect(throws: CacheError.readOnly(name)) { _ = try await session.ask([Command("PING"), command]) }
            await #expect(throws: CacheError.readOnly(name)) { _ = try await router.ask(KeyedCommand(key, command)) }
            var flight = FlightBuffer()
            flight.append(command, as: "x")
            await #expect(throws: CacheError.readOnly(name)) { _ = try await session.fly(flight) }
            #expect(throws: CacheError.readOnly(name)) { _ = try session.launch(flight) }
        }
        let statistics = try server.cli("INFO", "commandstats")
        for name in ["unlink", "eval", "restore"] { #expect(!statistics.contains("cmdstat_\(name):"), "\(name)") }
        #expect(try server.cli("GET", "k").hasPrefix("old"))
        // What was sent under one is counted.
        let permit = WritePermit()
        _ = try await router.ask(KeyedCommand("UNLINK", key), under: permit)
        #expect(permit.account == WritePermit.Account(done: 1))
        _ = try await router.ask(KeyedCommand("GET", key), under: permit)
        _ = try await session.ask([Command("UNLINK")], under: permit)
        #expect(permit.account == WritePermit.Account(done: 1), "reading, and an error, change nothing")
        await line.close()
    }

    /// The server's own word for what writes.
    @Test(arguments: RedisServer.Software.allCases)
    func tableAgreesWithTheServer(_ software: RedisServer.Software) throws {
        let server = try RedisServer(software: software)
        for (name, access) in CommandTable.access {
            let words = name.split(separator: " ").map(String.init)
            // Redis 6.2 describes containers as a whole.
            let own = try server.cli("COMMAND", "INFO", words.joined(separator: "|").lowercased())
            let isKnown = own.contains(where: { !$0.isWhitespace })
            let info = isKnown ? own : try server.cli("COMMAND", "INFO", words[0].lowercased())
            let writes = info.split(whereSeparator: \.isNewline).contains("write")
            // Scripts may do either, and say neither; who closes connections writes no key, and acts all the same.
            let expected = ["EVAL", "CLIENT KILL"].contains(name) ? true : writes
            #expect((access == .writing) == expected, "\(name)")
        }
    }

    @Test func nothingOfAnOperationReachesAReadOnlyServer() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        let before = try server.cli("INFO", "commandstats")
        let operations = try operations(server) { $0.readOnly = true }
        func refused(_ body: () async throws -> Void) async {
            await #expect { try await body() } throws: { error in
                guard case CacheError.forbidden(let words) = error else { return false }
                return words.contains("read-only") && words.contains("nothing was sent")
            }
        }
        await refused {
            try operations.precheck(flush: .namespace("session"), FlushConfirmation(typed: "session"))
        }
        await refused { _ = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "a")])) }
        await refused { _ = try await operations.unrevoke("a", typed: "a") }
        await refused { _ = try await operations.cutOff(CutOffRequest(user: "u"), typed: "u") }
        await refused { _ = try await operations.unrevoke(user: "u", typed: "u") }
        await refused { _ = try await operations.undo("/nowhere", control: SweepControl()) }
        await refused { _ = try await operations.delete(Array("session:1".utf8)) }
        await refused { _ = try await operations.setLifetime(of: Array("session:1".utf8), to: .seconds(1)) }
        await refused { _ = try await operations.rewriteLost() }
        await refused { try operations.precheck(repair: .namespace("session"), FlushConfirmation(typed: "session")) }
        let after = try server.cli("INFO", "commandstats")
        #expect(!after.contains("cmdstat_unlink") && !after.contains("cmdstat_restore"))
        #expect(before.contains("cmdstat_set:calls=1,") && after.contains("cmdstat_set:calls=1,"))
        #expect(try await operations.access() == .switchedOff)
    }

    /// Nothing that a user of the printed line does is denied.
    @Test(arguments: RedisServer.Software.allCases)
    func printedLinesAreEnoughToInspectAndToAct(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        try server.cli("SET", "session:1", "x", "EX", "100")
        try server.cli("HSET", "h", "f", "v")
        try server.cli("RPUSH", "l", "a")
        try server.cli("SADD", "s", "a")
        try server.cli("ZADD", "z", "1", "a")
        try server.cli("XADD", "t", "1-1", "k", "v")
        try server.cli("INCR", "rate:limit:ip:1")
        for (scope, user) in [(AccessRules.Scope.inspecting, "eyes"), (.acting, "hands")] {
            let line = AccessRules.line(user: user, for: scope).replacing("PASSWORD", with: "pw")
            #expect(try server.cli(line.split(separator: " ").map(String.init)).contains("OK"))
        }
        let browser = KeyBrowser(settings: try settings("unix://eyes:pw@" + server.socket))
        let page = await browser.page(of: .pattern("*"), wanted: 100)
        #expect(page.refusal == nil && page.rows.allSatisfy { $0.facts?.bytes != nil })
        for row in page.rows { #expect(try await browser.inspect(row.name).note == nil) }
        await browser.close()
        let eyes = try operations(server, url: "unix://eyes:pw@" + server.socket)
        #expect(try await !eyes.access().isAllowed)

        try server.cli("ACL", "LOG", "RESET")
        let hands = try operations(server, url: "unix://hands:pw@" + server.socket)
        #expect(try await hands.access() == .allowed)
        let control = SweepControl()
        let plan = try await hands.plan(flush: "session", pace: .fast, control: control)
        let flushed = try await hands.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: control)
        #expect(flushed.removed == 1 && flushed.isWhole)
        let undone = try await hands.undo(try #require(flushed.journal), control: control)
        #expect(undone.verified == 1)
        let repair = try await hands.plan(repair: "rate:limit", pace: .fast, control: control)
        let mended = try await hands.repair(
            repair, FlushConfirmation(typed: "rate:limit"), pace: .fast, control: control)
        #expect(mended.given == 1, "\(mended.outcome)")
        #expect(try await hands.revoke(RevocationRequest(tokens: [TokenInput(id: "a", user: "u")]))[0].holds)
        #expect(try await hands.unrevoke("a", typed: "a").keys.count == 2, "in both layouts")
        #expect(try await hands.cutOff(CutOffRequest(user: "u"), typed: "u").holds)
        #expect(try await hands.unrevoke(user: "u", typed: "u") != nil)
        #expect(try await hands.setLifetime(of: Array("h".utf8), to: .seconds(9)))
        #expect(try await hands.delete(Array("h".utf8)) != nil)
        await hands.close()
        // Without NO-TOUCH and NO-EVICT, which Redis 6.2 does not know, it does without.
        let words = try server.cli("ACL", "LOG").split(whereSeparator: \.isNewline).map(String.init)
        let denied = zip(words, words.dropFirst()).filter { $0.0 == "object" }.map(\.1)
        #expect(denied.allSatisfy { $0.hasPrefix("client") || $0.hasPrefix("script") }, "\(denied)")
    }

    @Test func usersWhoMayNotWriteAreFoundOut() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        try server.cli("ACL", "SETUSER", "watcher", "on", ">pw", "~*", "+@read", "+info", "+ping", "-@write")
        try server.cli("ACL", "SETUSER", "some", "on", ">pw", "~*", "+@read", "+info", "+ping", "+unlink")
        let watcher = try operations(server, url: "unix://watcher:pw@" + server.socket)
        guard case .denied(let needs) = try await watcher.access() else {
            Issue.record("allowed")
            return
        }
        #expect(needs.contains("+unlink"))
        #expect(try await operations(server, url: "unix://some:pw@" + server.socket).access() == .allowed)
        #expect(try await operations(server).access() == .allowed)
        try server.cli("REPLICAOF", "127.0.0.1", "1")
        #expect(try await operations(server).access() == .replica)
        #expect(try server.cli("DBSIZE").hasPrefix("1"))
    }

    /// Who watches one node of a cluster alone is offered nothing that changes a part of the whole.
    @Test func oneNodeOfAClusterIsNotWrittenTo() async throws {
        let server = try RedisServer(["--cluster-enabled", "yes"])
        let access = try await operations(server).access()
        #expect(access == .clusterNode && access.words.contains("--cluster"))
    }
}
