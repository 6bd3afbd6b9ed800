import Foundation
import Support
import Testing

/// Clients that harm a server: named on the first screen, closed with a few keys.
@Suite(.serialized) struct DrillClientTests {
    /// From the slow query under the cursor to who asked it, and its end: Enter, Enter, `K`, the id, Enter.
    private func close(_ name: String, behind command: String, in session: TmuxSession, _ server: RedisServer) throws {
        session.waitFor("Enter the query on 4")
        try session.press("Enter")
        session.waitFor(command)
        session.waitFor(" on 5  Esc closes")
        try session.press("Enter")
        session.waitFor("K kill")
        try session.press("K")
        session.waitFor("to go on")
        try session.type(try Drill.id(of: name, on: server))
        session.waitFor("Enter closes 1 connection")
        try session.press("Enter")
        session.waitFor("killed 1 connection")
        #expect(try !server.cli("CLIENT", "LIST").contains(name))
        try session.press("Escape")
        try Drill.leave(session)
    }

    /// `K` on an alert that names a group: its name, Enter.
    private func close(_ group: String, _ connections: String, in session: TmuxSession) throws {
        session.waitFor("K kill \(group)")
        try session.press("K")
        session.waitFor("Type its name to go on")
        try session.type(group)
        session.waitFor("Enter closes \(connections)")
        try session.press("Enter")
        session.waitFor("killed \(connections)")
        try session.press("Escape")
    }

    /// Somebody asks for all keys at once.
    @Test func whoAskedForAllKeysIsFoundAndClosed() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "100000000"])
        try server.cli("EVAL", "for i=1,200000 do redis.call('SET', 'session:'..i, 'x', 'EX', 5000) end", "0")
        try server.cli("CONFIG", "SET", "slowlog-log-slower-than", "2000")
        let report = try RawClient(server, name: "report-job", hasAddress: true)
        let session = try Drill.open(server, "--url \(server.url)")
        session.waitForVerdict()
        try report.send("KEYS *")
        session.waitFor("KEYS ran from 127.0.0.1:")
        session.waitFor("(report-job)")
        try close("report-job", behind: "KEYS *", in: session, server)
    }

    /// A script that holds the server for long, again and again.
    @Test func whoRunsTheSlowScriptIsFoundAndClosed() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "100000000"])
        try Drill.fill(server, "")
        try server.cli("CONFIG", "SET", "slowlog-log-slower-than", "20000")
        let job = try RawClient(server, name: "price-job", hasAddress: true)
        let session = try Drill.open(server, "--url \(server.url)", alerts: "slow_queries_per_minute = 2")
        session.waitForVerdict()
        // Each takes longer than is slow, on any machine.
        for _ in 1...3 {
            try job.send(
                "EVAL \"local function now() local t = redis.call('TIME') return t[1] * 1e6 + t[2] end "
                    + "local start = now() while now() - start < 90000 do end\" 0")
        }
        session.waitFor("new in 1 min · EVAL")
        session.waitFor("from price-job")
        try close("price-job", behind: "EVAL local function now", in: session, server)
    }

    /// A worker opens connections and never closes them.
    @Test func clientThatLeaksIsNamedAndClosed() throws {
        let server = try RedisServer(["--maxclients", "60"])
        let shop = try (1...3).map { try RawClient(server, name: "shop-\($0)") }
        let leaked = try (1...45).map { try RawClient(server, name: "checkout-worker-\($0)") }
        let session = try Drill.open(server)
        session.waitFor("45 are checkout-worker-*")
        try close("checkout-worker-*", "45 connections", in: session)
        let left = try server.cli("CLIENT", "LIST")
        #expect(!left.contains("checkout-worker") && left.contains("shop-3") && left.contains("cachewatch"))
        let audit = try String(
            contentsOfFile: server.folder.path + "/state/cachewatch/audit.jsonl", encoding: .utf8)
        #expect(audit.contains("checkout-worker-*") && audit.contains("\"killed\""))
        session.waitFor("● healthy")
        try Drill.leave(session)
        withExtendedLifetime((shop, leaked)) {}
    }

    /// Workers wait for what never comes, with most of all connections.
    @Test func whoWaitsForEverIsNamedAndClosed() throws {
        let server = try RedisServer()
        let workers = try (1...8).map { try RawClient(server, name: "order-worker-\($0)") }
        for worker in workers { try worker.send("BLPOP queue:orders 0") }
        let session = try Drill.open(server)
        session.waitFor("8 are order-worker-*")
        try close("order-worker-*", "8 connections", in: session)
        session.waitFor("● healthy")
        try Drill.leave(session)
        withExtendedLifetime(workers) {}
    }

    /// The memory is full of replies that one client does not read: no key is to blame.
    @Test func whoDoesNotReadIsNamedAndClosed() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "10000000"])
        try Drill.fill(server, "redis.call('SET', 'product:page', string.rep('p', 1000000), 'EX', 5000)")
        let export = try RawClient(server, name: "export-job", hasAddress: true)
        for _ in 1...40 { try export.send("GET product:page") }
        try eventually("they wait to be read") {
            let line = try server.cli("CLIENT", "LIST").split(separator: "\n").first { $0.contains("export-job") }
            let waiting = line?.split(separator: " ").first { $0.hasPrefix("omem=") }
            return waiting.flatMap { Int($0.dropFirst("omem=".count)) } ?? 0 > 20_000_000
        }
        try Drill.limit(server, at: 0.92)
        let session = try Drill.open(server, "--url \(server.url)")
        session.waitFor("are replies that export-job does")
        try close("export-job", "1 connection", in: session)
        session.waitFor("● healthy")
        #expect(try server.cli("EXISTS", "product:page").hasPrefix("1"))
        try Drill.leave(session)
        withExtendedLifetime(export) {}
    }
}
