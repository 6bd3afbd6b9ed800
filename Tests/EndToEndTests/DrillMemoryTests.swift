import Foundation
import Support
import Testing

/// Memory that is full, as an operator meets it: made on a real server, named on the first screen, ended with a few keys.
@Suite(.serialized) struct DrillMemoryTests {
    private static let quiet = ["--slowlog-log-slower-than", "10000000"]
    private static let reco = "for i=1,300 do redis.call('SET', 'reco:home:'..i, string.rep('y', 60000)) end"

    /// A prefix that no namespace has holds most of the memory, and none of its keys has a TTL.
    @Test func whoHoldsTheMemoryIsNamedOnTheFirstScreen() throws {
        let server = try RedisServer(Self.quiet)
        try Drill.fill(server, Self.reco)
        let session = try Drill.open(server)
        #expect(session.waitFor("▲ reco:home:"))
        #expect(session.waitFor("sweep of 4,300 keys"))
        #expect(session.waitFor("biggest reco:home:"))
        try Drill.leave(session)
    }

    /// The same at 92 % of the server's memory: `F` on the alert, the prefix, Enter.
    @Test func whatFillsTheMemoryIsFlushedByItsPrefix() throws {
        let server = try RedisServer(Self.quiet)
        try Drill.fill(server, Self.reco)
        try Drill.limit(server, at: 0.92)
        let session = try Drill.open(server)
        session.waitFor("reco:home: holds")
        session.waitFor("critical: memory")
        session.waitFor("F flush reco:home:")
        try session.press("F")
        session.waitFor("300 of 4,300 keys")
        try session.type("reco:home:")
        session.waitFor("Enter removes 300 keys")
        #expect(try server.cli("DBSIZE").hasPrefix("4300"), "typing alone removes nothing")
        try session.press("Enter")
        session.waitFor("done: 300 keys of prefix reco:home: removed")
        #expect(try server.cli("DBSIZE").hasPrefix("4000"))
        session.waitFor("u undo")
        try session.press("Escape")
        session.waitFor("● healthy")
        try Drill.leave(session)
        let folder = server.folder.path + "/state/cachewatch/journals"
        let journals = try FileManager.default.contentsOfDirectory(atPath: folder)
        let undone = try Program.run(
            [Program.cachewatch, "undo", "--url", server.socketURL, folder + "/" + (journals.first ?? "")],
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        #expect(undone.status == 0, "\(undone.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("4300"))
    }

    /// Writes are refused at the limit: what holds the memory goes, though nothing can be written: `F`, the prefix, Enter.
    @Test func whatHoldsTheMemoryIsFlushedWhereNothingCanBeWritten() throws {
        let server = try RedisServer(Self.quiet + ["--maxmemory-policy", "noeviction"])
        try Drill.fill(
            server, "for i=1,300 do redis.call('SET', 'search:'..i, string.rep('y', 30000), 'EX', 5000) end")
        try Drill.limit(server, at: 1.02)
        let writer = try Child(["redis-cli", "-s", server.socket, "-r", "-1", "-i", "0.05", "SET", "search:new", "y"])
        defer { writer.end() }
        let session = try Drill.open(server)
        session.waitFor("Refusing writes")
        session.waitFor("search: holds")
        session.waitFor("F flush search:")
        try session.press("F")
        session.waitFor("300 of 4,300 keys")
        try session.type("search:")
        session.waitFor("Enter removes 300 keys")
        try session.press("Enter")
        session.waitFor("u undo")
        try eventually("the application writes again") { try server.cli("EXISTS", "search:new").hasPrefix("1") }
        try session.press("Escape")
        session.waitFor("● healthy")
        try Drill.leave(session)
    }

    /// One key fills the memory, and no journal can hold it: Enter to it, `d`, its name and for good, Enter.
    @Test func theKeyThatFillsTheMemoryIsRemovedForGood() throws {
        let server = try RedisServer(Self.quiet)
        try Drill.fill(server, "redis.call('SETRANGE', 'session:giant', 54525952, 'x')")
        try server.cli("EXPIRE", "session:giant", "5000")
        try Drill.limit(server, at: 0.93)
        let session = try Drill.open(server)
        session.waitFor("the key session:giant holds")
        session.waitFor("Enter session:giant on 3")
        try session.press("Enter")
        session.waitFor("52.0 MiB")
        try session.press("d")
        session.waitFor("too large for a journal")
        try session.type("session:giant")
        // What comes together is a paste, and a Tab in it is a blank.
        session.waitFor("› session:giant")
        try session.press("Tab")
        session.waitFor("› no, it stays")
        try session.press("Space")
        session.waitFor("Enter deletes it")
        try session.press("Enter")
        try eventually("it is gone") { try server.cli("EXISTS", "session:giant").hasPrefix("0") }
        try session.press("1")
        session.waitFor("● healthy")
        #expect(try server.cli("DBSIZE").hasPrefix("4000"), "nobody is logged out")
        try Drill.leave(session)
    }

    /// Revoked tokens are evicted: `w` writes them again, and says how many hold.
    @Test func revocationsThatWereEvictedAreWrittenAgain() throws {
        let server = try RedisServer(Self.quiet + ["--maxmemory-policy", "allkeys-random"])
        try Drill.fill(server, "")
        let state = ["XDG_STATE_HOME": server.folder.path + "/state"]
        let ids = (1...12).map { "tok-\($0)" }
        let revoked = try Program.run(
            [Program.cachewatch, "revoke", "--url", server.socketURL, "--reason", "stolen"] + ids, environment: state)
        #expect(revoked.status == 0, "\(revoked.errors)")
        func allHold() throws -> Bool {
            try Program.run([Program.cachewatch, "revoked", "--url", server.socketURL], environment: state).errors
                .contains("12 of 12 that were revoked from here hold")
        }
        let session = try Drill.open(server)
        session.waitFor("token:blacklist ✓")
        session.waitForVerdict()
        try Drill.limit(server, at: 1)
        try eventually("some are evicted") {
            try server.cli(
                "EVAL", "for i=1,400 do redis.call('SET', 'product:'..math.random(1e9), string.rep('z', 900)) end", "0")
            return try !allHold()
        }
        session.waitFor("Revocation lost")
        try session.press("w")
        eventually("how many hold is said:\n\(session.screen)") {
            session.screen.contains(#/[0-9]+ of [0-9]+ tokens? holds?/#)
        }
        // What filled it has gone; what was evicted for what was written is written again.
        try server.cli("EVAL", "for _, k in ipairs(redis.call('KEYS', 'product:*')) do redis.call('DEL', k) end", "0")
        if try !allHold() {
            session.waitFor("Revocation lost")
            try session.press("w")
        }
        try eventually("they hold") { try allHold() }
        eventually("the alert is gone:\n\(session.screen)") { !session.screen.contains("Revocation lost") }
        try Drill.leave(session)
    }
}
