import Foundation
import Support
import Testing

/// Incidents as an operator meets them: made on a real server, named on the first screen, ended with a few keys.
@Suite(.serialized) struct DrillTests {
    private func open(_ server: RedisServer) throws -> TmuxSession {
        try TmuxSession(
            "\(Program.cachewatch) --url \(server.socketURL) --interval 0.2; echo ended with $?",
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
    }

    /// A prefix that no namespace has holds most of the memory, and none of its keys has a TTL.
    @Test func whoHoldsTheMemoryIsNamedOnTheFirstScreen() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "10000000"])
        try server.cli(
            "EVAL",
            """
            for i=1,4000 do redis.call('SET', 'session:'..i, 'x', 'EX', 5000) end
            for i=1,3000 do redis.call('SET', 'reco:home:'..i, string.rep('y', 6000)) end
            """, "0")
        let session = try open(server)
        #expect(session.waitFor("▲ reco:home:"))
        #expect(session.waitFor("sweep of 7,000 keys"))
        #expect(session.waitFor("biggest reco:home:"))
        try session.press("q")
        session.waitFor("ended with 0")
    }

    /// The same at 92 % of the server's memory, from the alert to its end: `2`, `F`, the prefix, Enter.
    @Test func whatFillsTheMemoryIsFlushedByItsPrefix() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "10000000"])
        try server.cli(
            "EVAL",
            """
            for i=1,4000 do redis.call('SET', 'session:'..i, 'x', 'EX', 5000) end
            for i=1,3000 do redis.call('SET', 'reco:home:'..i, string.rep('y', 6000)) end
            """, "0")
        let used = try server.cli("INFO", "memory").split(separator: "\r\n").first { $0.hasPrefix("used_memory:") }
        let bytes = try #require(used.flatMap { Double($0.dropFirst("used_memory:".count)) })
        try server.cli("CONFIG", "SET", "maxmemory", String(Int(bytes / 0.92)))
        let session = try open(server)
        session.waitFor("▲ reco:home:")
        session.waitFor("memory usage high")
        try session.press("2")
        session.waitFor("◦ no rule covers it")
        try session.press("F")
        session.waitFor("3,000 of 7,000 keys")
        try session.type("reco:home:")
        session.waitFor("Enter removes 3,000 keys")
        #expect(try server.cli("DBSIZE").hasPrefix("7000"), "typing alone removes nothing")
        try session.press("Enter")
        session.waitFor("done: 3,000 keys of prefix reco:home: removed")
        #expect(try server.cli("DBSIZE").hasPrefix("4000"))
        try session.press("Escape")
        try session.press("1")
        eventually("the alert is gone:\n\(session.screen)") { !session.screen.contains("that never expire") }
        try session.press("q")
        session.waitFor("ended with 0")
        let folder = server.folder.path + "/state/cachewatch/journals"
        let journals = try FileManager.default.contentsOfDirectory(atPath: folder)
        let undone = try Program.run(
            [Program.cachewatch, "undo", "--url", server.socketURL, folder + "/" + (journals.first ?? "")],
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        #expect(undone.status == 0, "\(undone.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("7000"))
    }

    /// Keys of a namespace that must expire do not: `m` on the alert, the name, Enter.
    @Test func keysWithoutATTLAreMendedFromTheirAlert() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "10000000"])
        try server.cli(
            "EVAL",
            """
            for i=1,4000 do redis.call('SET', 'session:'..i, 'x', 'EX', 5000) end
            for i=1,300 do redis.call('SET', 'rate:limit:'..i, '1') end
            """, "0")
        let session = try open(server)
        session.waitFor("where one is due: rate:limit")
        session.waitFor("m mend rate:limit")
        try session.press("m")
        session.waitFor("Type its name to go on")
        try session.type("rate:limit")
        session.waitFor("Enter mends 300 keys")
        #expect(try server.cli("TTL", "rate:limit:7").hasPrefix("-1"), "typing alone changes nothing")
        try session.press("Enter")
        session.waitFor("u undo")
        #expect(try !server.cli("TTL", "rate:limit:7").hasPrefix("-1"))
        try session.press("Escape")
        eventually("the alert is gone:\n\(session.screen)") { !session.screen.contains("where one is due") }
        try session.press("q")
        session.waitFor("ended with 0")
    }

    /// Somebody asks for all keys at once: Enter to the query, Enter to who asked it, `K`, the id, Enter.
    @Test func whoAskedForAllKeysIsFoundAndClosed() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "100000000"])
        try server.cli("EVAL", "for i=1,200000 do redis.call('SET', 'session:'..i, 'x', 'EX', 5000) end", "0")
        try server.cli("CONFIG", "SET", "slowlog-log-slower-than", "2000")
        let report = try RawClient(server, name: "report-job", hasAddress: true)
        let session = try TmuxSession(
            "\(Program.cachewatch) --url \(server.url) --interval 0.2; echo ended with $?",
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        session.waitForVerdict()
        try report.send("KEYS *")
        session.waitFor("KEYS ran from 127.0.0.1:")
        session.waitFor("Enter the query on 4")
        try session.press("Enter")
        session.waitFor("KEYS *")
        session.waitFor(" on 5  Esc closes")
        try session.press("Enter")
        session.waitFor("K kill")
        try session.press("K")
        session.waitFor("to go on")
        let line = try #require(
            try server.cli("CLIENT", "LIST").split(separator: "\n").first { $0.contains("report-job") })
        let id = try #require(line.split(separator: " ").first?.dropFirst("id=".count))
        try session.type(String(id))
        session.waitFor("Enter closes 1 connection")
        try session.press("Enter")
        session.waitFor("killed 1 connection")
        #expect(try !server.cli("CLIENT", "LIST").contains("report-job"))
        try session.press("Escape")
        try session.press("q")
        session.waitFor("ended with 0")
    }

    /// A worker opens connections and never closes them.
    @Test func clientThatLeaksIsNamedAndClosed() throws {
        let server = try RedisServer(["--maxclients", "60"])
        let shop = try (1...3).map { try RawClient(server, name: "shop-\($0)") }
        let leaked = try (1...45).map { try RawClient(server, name: "checkout-worker-\($0)") }
        let session = try open(server)
        session.waitForVerdict()
        try session.press("5")
        session.waitFor("checkout-worker-*             45 ")
        try session.press("K")
        session.waitFor("45 connections from one address")
        try session.type("checkout-worker-*")
        session.waitFor("Enter closes 45 connections")
        #expect(try server.cli("CLIENT", "LIST").contains("checkout-worker-45"), "typing alone closes nothing")
        try session.press("Enter")
        session.waitFor("killed 45 connections")
        let left = try server.cli("CLIENT", "LIST")
        #expect(!left.contains("checkout-worker") && left.contains("shop-3") && left.contains("cachewatch"))
        let audit = try String(
            contentsOfFile: server.folder.path + "/state/cachewatch/audit.jsonl", encoding: .utf8)
        #expect(audit.contains("checkout-worker-*") && audit.contains("\"killed\""))
        try session.press("Escape")
        try session.press("q")
        session.waitFor("ended with 0")
        withExtendedLifetime((shop, leaked)) {}
    }
}
