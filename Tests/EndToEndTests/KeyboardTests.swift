import Foundation
import Support
import Testing

/// Acting in the dashboard, in a real terminal and on a real server.
@Suite(.serialized) struct KeyboardTests {
    private func server(sessions: Int = 300) throws -> RedisServer {
        let server = try RedisServer(RedisServer.debugging(.installed))
        try server.cli(
            "EVAL",
            """
            for i=1,\(sessions) do redis.call('SET', 'session:'..i, 'value of '..i, 'EX', 5000) end
            for i=1,50 do redis.call('SET', 'token:blacklist:'..i, '{}', 'EX', 5000) end
            for i=1,20 do redis.call('INCR', 'rate:limit:ip:'..i) end
            """, "0")
        return server
    }

    private func open(_ server: RedisServer, _ options: String = "") throws -> TmuxSession {
        let session = try TmuxSession(
            "\(Program.cachewatch) --url \(server.socketURL) --interval 0.2 \(options); echo ended with $?",
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        session.waitForVerdict()
        return session
    }

    private func command(_ text: String, _ session: TmuxSession) throws {
        try session.type(":" + text)
        session.waitFor("\n:" + text)
        try session.press("Enter")
        eventually("the command is taken:\n\(session.screen)") { !session.screen.contains("\n:" + text) }
    }

    /// Into a field, as people do who look at what they type: what comes together with its Enter is a paste.
    private func fill(_ text: String, _ session: TmuxSession) throws {
        try session.type(text)
        session.waitFor("› " + text)
    }

    private func audit(_ server: RedisServer) throws -> String {
        try String(contentsOfFile: server.folder.path + "/state/cachewatch/audit.jsonl", encoding: .utf8)
    }

    @Test func flushAndUndo() throws {
        let server = try server()
        let before = try server.cli("DEBUG", "DIGEST")
        let session = try open(server)
        try command("flush session", session)
        session.waitFor("300 of 370 keys")
        try session.type("session")
        session.waitFor("Enter removes 300 keys")
        #expect(try server.cli("DBSIZE").hasPrefix("370"), "typing alone removes nothing")
        try session.press("Enter")
        session.waitFor("300 keys of session removed")
        #expect(try server.cli("DBSIZE").hasPrefix("70"))
        try session.press("u")
        session.waitFor("300 of 300 keys of session would be restored")
        try session.press("Enter")
        session.waitFor("300 found there")
        #expect(try server.cli("DEBUG", "DIGEST") == before)
        try session.press("Escape", "q")
        session.waitFor("ended with 0")
        let audit = try audit(server)
        #expect(audit.contains(#""action": "flush""#) && audit.contains(#""action": "undo""#))
    }

    /// What is looked at while a flush goes on behind the screens ends nothing of it, and the list of journals has it.
    @Test func aFlushGoesOnBehindTheScreens() throws {
        let server = try server(sessions: 40_000)
        let session = try open(server)
        try command("flush session", session)
        session.waitFor("40,000 people are logged out")
        try session.type("session")
        session.waitFor("Enter removes 40,000 keys")
        try session.press("Enter")
        session.waitFor("Esc hides, it goes on")
        try session.press("Escape")
        session.waitFor("flush session ")
        try command("flush rate:limit", session)
        session.waitFor("20 limits begin anew")
        try session.press("Escape")
        eventually("the plan is closed") { !session.screen.contains("20 limits begin anew") }
        try session.press("x")
        session.waitFor("Stop it half-way?")
        try session.press("Escape")
        eventually("no is no") { !session.screen.contains("Stop it half-way?") }
        try session.press("f")
        session.waitFor("40,000 keys of session removed")
        #expect(try server.cli("DBSIZE").hasPrefix("70"))
        try session.press("Escape", "U")
        session.waitFor("keys of session")
        try session.press("Enter")
        session.waitFor("40,000 of 40,000 keys of session would be restored")
        try session.press("Escape", "q")
        session.waitFor("ended with 0")
        let listed = try Program.run(
            [Program.cachewatch, "journals"], environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        #expect(listed.status == 0 && listed.output.contains("keys of session") && listed.output.contains("40,000"))
        #expect(listed.output.contains("cachewatch undo ") && listed.errors.contains("1 journal, "))
    }

    @Test func protectedNamespaceNeedsItsSentence() throws {
        let server = try server()
        let session = try open(server)
        try command("flush token:blacklist", session)
        session.waitFor("It is protected")
        try fill("token:blacklist", session)
        try session.press("Enter")
        eventually("the sentence is typed next") { !session.screen.contains("› token:blacklist") }
        try fill("readmit", session)
        try session.press("Enter")
        session.waitFor("What is typed is not \"readmit revoked tokens\"")
        #expect(try server.cli("DBSIZE").hasPrefix("370"))
        try session.type(" revoked tokens")
        session.waitFor("› readmit revoked tokens")
        try session.press("Enter")
        session.waitFor("50 keys of token:blacklist removed")
        #expect(try server.cli("DBSIZE").hasPrefix("320"))
        try session.press("Escape", "q")
        session.waitFor("ended with 0")
    }

    @Test func aUserIsCutOffAndLetInAgain() throws {
        let server = try server()
        let session = try open(server)
        try session.press("R")
        session.waitFor("revoked tokens have it")
        try session.press("Tab")
        try session.type("17")
        try session.press("Tab", "Tab", "Tab")
        session.waitFor("Enter goes on")
        try session.press("Enter")
        session.waitFor("Enter cuts off")
        #expect(try server.cli("EXISTS", "blacklist:since:17").hasPrefix("0"))
        try session.type("17")
        try session.press("Enter")
        session.waitFor("cut off: user 17, tokens issued until")
        #expect(try server.cli("EXISTS", "blacklist:since:17").hasPrefix("1"))
        try session.press("Escape")
        try server.cli("DEL", "blacklist:since:17")
        session.waitFor("Revocation lost")
        try session.press("w")
        session.waitFor("cut off: user 17")
        eventually("it is there again") { (try? server.cli("EXISTS", "blacklist:since:17").hasPrefix("1")) == true }
        try command("revoked", session)
        session.waitFor("search")
        try session.type("cut-off-is-nobody")
        session.waitFor("None matches")
        // What comes at once is a paste, until nothing has come for half a second.
        let typed = ContinuousClock.now
        eventually("the paste is over") { .now - typed > .milliseconds(600) }
        try session.press("C-u")
        try session.type("17")
        session.waitFor("› until 20")
        try session.press("Enter")
        session.waitFor("Enter takes it off")
        try session.type("17")
        try session.press("Enter")
        session.waitFor("Taken off: blacklist:since:17")
        #expect(try server.cli("EXISTS", "blacklist:since:17").hasPrefix("0"))
        try session.press("Escape", "q")
        session.waitFor("ended with 0")
    }

    @Test func aRevokedTokenIsWatchedAndWrittenAgain() throws {
        let server = try server()
        let session = try open(server)
        try session.press("R")
        session.waitFor("revoked tokens have it")
        try fill("stolen-1", session)
        try session.press("Tab", "Tab")
        session.waitFor("reason             ›")
        try fill("lost laptop", session)
        try session.press("Tab")
        session.waitFor("TTL                ›")
        try fill("1h", session)
        try session.press("Tab")
        session.waitFor("Enter revokes")
        #expect(try server.cli("EXISTS", "token:blacklist:stolen-1").hasPrefix("0"))
        try session.press("Enter")
        session.waitFor("written, TTL 3,600 s, no replica")
        #expect(try server.cli("GET", "token:blacklist:stolen-1").contains("lost laptop"))
        try session.press("Escape")
        try server.cli("DEL", "token:blacklist:stolen-1")
        session.waitFor("Revocation lost")
        try session.press("w")
        session.waitFor("written, TTL")
        eventually("it is there again") {
            (try? server.cli("EXISTS", "token:blacklist:stolen-1").hasPrefix("1")) == true
        }
        try command("unrevoke stolen-1", session)
        session.waitFor("let in again")
        try fill("stolen-1", session)
        try session.press("Enter")
        session.waitFor("Taken off: token:blacklist:stolen-1")
        try session.press("Escape", "q")
        session.waitFor("ended with 0")
    }

    @Test func keysAreBrowsedShownChangedAndDeleted() throws {
        let server = try server()
        try server.cli("SET", "cart:user:1", #"{"items": [1, 2]}"#, "EX", "900")
        let session = try open(server)
        try command("keys cart", session)
        session.waitFor("cart:user:1")
        // JSON by itself, indented.
        session.waitFor(#""items": ["#)
        session.waitFor("1 key, all")
        // The server keeps to the filter, and an open value has the whole screen.
        try session.type("/USER")
        session.waitFor("Enter asks the server for *USER*")
        try session.press("Enter")
        session.waitFor("None of 371 keys matches *USER*")
        try session.type("/")
        session.waitFor("/USER")
        try session.press("C-u")
        try session.type("user:1")
        session.waitFor("Enter asks the server for *user:1*")
        try session.press("Enter")
        session.waitFor("1 of 371 keys")
        try session.press("Enter")
        session.waitFor("contract of cart")
        try session.press("Escape")
        session.waitFor("as found")
        try session.press("t")
        session.waitFor("TTL, or never")
        try fill("2h", session)
        try session.press("Enter")
        session.waitFor("expires in 2 h")
        let time = Int(try server.cli("TTL", "cart:user:1").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        #expect((7100...7200).contains(time))
        try session.press("d")
        session.waitFor("Enter deletes it")
        try fill("cart:user:1", session)
        try session.press("Enter")
        session.waitFor("Deleted cart:user:1")
        #expect(try server.cli("EXISTS", "cart:user:1").hasPrefix("0"))
        try command("undo", session)
        session.waitFor("1 of 1 key")
        try session.press("Enter")
        session.waitFor("1 found there")
        #expect(try server.cli("GET", "cart:user:1").contains("items"))
        try session.press("Escape", "q")
        session.waitFor("ended with 0")
    }

    @Test func leavingDuringAFlushEndsItAndSaysHowToUndo() throws {
        let server = try server(sessions: 40_000)
        let session = try open(server)
        try command("flush session", session)
        session.waitFor("40,000 of 40,070 keys")
        try session.type("session")
        session.waitFor("Enter removes 40,000 keys")
        try session.press("Enter")
        session.waitFor(" removed, ")
        // The notes of a flush are keys, too.
        try eventually("the first keys are gone") {
            Int(try server.cli("DBSIZE").trimmingCharacters(in: .whitespacesAndNewlines)).map { $0 < 40_070 } ?? false
        }
        try session.press("C-c")
        session.waitFor("stopped half way")
        session.waitFor("ended with 5")
        let left = Int(try server.cli("DBSIZE").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        #expect(left > 1000, "it was stopped on its way")
        let folder = server.folder.path + "/state/cachewatch/journals"
        let journal = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        // Long paths are wrapped.
        #expect(session.screen.filter { !$0.isNewline }.contains(journal))
        let undone = try Program.run(
            [Program.cachewatch, "undo", folder + "/" + journal, "--url", server.socketURL, "--pace", "fast"],
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        // It has 60 ms, in which a busy disk may not have written the ends of journal and audit.
        #expect([0, 5].contains(undone.status), "\(undone.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("40070"))
        let audit = try audit(server)
        let isEnded = ["cancelled", "stopped"].contains { audit.contains($0) }
        #expect(audit.contains("flush") && (isEnded || undone.status == 5), "\(audit)")
    }

    @Test func readOnlySendsNothingThatWrites() throws {
        let server = try server()
        let session = try open(server, "--read-only")
        session.waitFor("read-only")
        for text in ["flush session", "repair rate:limit", "revoke a", "unrevoke 1", "undo /tmp/x"] {
            try command(text, session)
            session.waitFor("switched on by --read-only")
        }
        try session.press("w", "2")
        session.waitFor("b browse")
        try command("keys session", session)
        session.waitFor("session:")
        try session.press("d", "t", "q")
        session.waitFor("ended with 0")
        let statistics = try server.cli("INFO", "commandstats")
        for command in ["unlink", "del", "expire", "pexpire", "persist", "restore"] {
            #expect(!statistics.contains("cmdstat_\(command):"), "\(command)")
        }
        #expect(!FileManager.default.fileExists(atPath: server.folder.path + "/state/cachewatch/journals"))
    }

    @Test func aUserWhoMayNotWriteIsOfferedNothing() throws {
        let server = try server()
        try server.cli("ACL", "SETUSER", "eyes", "on", "nopass", "~*", "+@read", "+info", "+ping", "+slowlog|get")
        let session = try TmuxSession("\(Program.cachewatch) --url redis://eyes:x@127.0.0.1:\(server.port)")
        session.waitFor("read-only")
        try command("flush session", session)
        session.waitFor("may not write")
        try session.press("q")
    }
}
