import Foundation
import Support
import Testing

/// The acting commands as an operator types them.
@Suite struct ActingTests {
    private func seeded() throws -> RedisServer {
        let server = try RedisServer()
        try server.cli(
            "EVAL",
            """
            for i=1,300 do redis.call('SET', 'session:'..i, 'x', 'EX', 5000) end
            for i=1,50 do redis.call('SET', 'token:blacklist:'..i, '{}', 'EX', 5000) end
            for i=1,20 do redis.call('INCR', 'rate:limit:ip:'..i) end
            """, "0")
        return server
    }

    private func run(_ server: RedisServer, _ words: String...) throws -> Program.Result {
        try Program.run(
            [Program.cachewatch] + words + ["--url", server.socketURL],
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
    }

    @Test func flushAndUndo() throws {
        let server = try seeded()
        let dry = try run(server, "flush", "session", "--dry-run")
        #expect(dry.status == 0)
        #expect(dry.output.contains("300 of 370 keys"), "\(dry.output)")
        let journal = server.folder.path + "/j"
        let flushed = try run(server, "flush", "session", "--yes", "--journal", journal)
        #expect(flushed.status == 0, "\(flushed.errors)")
        // stdout is data, stderr is words.
        #expect(flushed.output.isEmpty)
        #expect(flushed.errors.contains("300 keys of session removed"))
        // The password of the URL is not repeated, and the rest of it is.
        #expect(flushed.errors.contains("cachewatch undo --url '\(server.socketURL)?db=0' \(journal)"))
        #expect(try server.cli("DBSIZE").hasPrefix("70"))
        let undone = try run(server, "undo", journal)
        #expect(undone.status == 0 && undone.errors.contains("300 of 300 keys"), "\(undone.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("370"))
    }

    private static let strace = ["/usr/bin/strace", "/bin/strace"].first(
        where: FileManager.default.isExecutableFile(atPath:))

    /// After a power cut a journal is found under its name: that of each new file and folder goes to the disk before the
    /// first key is removed.
    @Test(.enabled(if: strace != nil, "strace is not installed"))
    func journalHasItsNameOnTheDiskBeforeKeysGo() throws {
        let server = try seeded()
        let calls = server.folder.path + "/calls"
        let strace = try #require(Self.strace)
        let flushed = try Program.run(
            [
                strace, "-f", "-y", "-s", "4096", "-e", "trace=fsync,write,writev,sendto,sendmsg", "-o", calls,
                Program.cachewatch, "flush", "session", "--yes", "--url", server.socketURL,
            ], environment: ["XDG_STATE_HOME": server.folder.path + "/new/state"])
        #expect(flushed.status == 0, "\(flushed.errors)")
        let lines = try String(contentsOfFile: calls, encoding: .utf8).split(separator: "\n")
        let removal = try #require(lines.firstIndex { $0.contains("redis.call('UNLINK'") && $0.contains("session:") })
        let folder = server.folder.path
        for name in [
            folder, folder + "/new", folder + "/new/state", folder + "/new/state/cachewatch",
            folder + "/new/state/cachewatch/journals",
        ] {
            let synchronized = lines.firstIndex { $0.contains("fsync(") && $0.contains("<\(name)>") }
            #expect(synchronized.map { $0 < removal } == true, "\(name)")
        }
    }

    @Test(arguments: [
        (["flush", "token:blacklist", "--yes"], 4), (["flush", "session"], 4),
        (["flush", "session", "--yes", "--read-only"], 4), (["--read-only", "flush", "session", "--yes"], 4),
        (["undo", "/nowhere", "--read-only"], 4), (["repair", "rate:limit", "--yes", "--read-only"], 4),
        (["revoke", "abc", "--read-only"], 4), (["unrevoke", "abc", "--yes", "--read-only"], 4),
        (["unrevoke", "abc"], 4), (["revoke", "--user", "17", "--since", "now", "--read-only"], 4),
        (["unrevoke", "--user", "17"], 4), (["unrevoke", "--user", "17", "--yes", "--read-only"], 4),
        (["kill", "--group", "no-*", "--yes", "--read-only"], 4), (["kill", "--group", "no-*", "--yes"], 1),
        (["kill", "0"], 64), (["unrevoke"], 64), (["unrevoke", "abc", "--user", "17"], 64),
        (["revoke", "--since", "now"], 64),
        (["revoke", "abc", "--user", "17", "--since", "now"], 64), (["revoke", "--user", "17", "--since", "noon"], 64),
        (["revoke", "--user", "17", "--since", "2099-01-01Z"], 64), (["unrevoke", "--user", "17", "--yes"], 1),
        (["repair", "token:blacklist", "--yes"], 4), (["flush", "nothing", "--yes"], 64), (["flush"], 64),
        (["flush", "session", "--journal", "a", "--no-journal"], 64), (["undo", "/nowhere"], 1), (["revoke"], 64),
        (["revoke", "a b"], 64), (["revoke", "abc", "--ttl", "0"], 64), (["unrevoke", "not-there", "--yes"], 1),
        (["inspect", "not-there"], 1), (["keys", "nothing"], 64),
    ])
    func whatIsRefusedChangesNothing(words: [String], status: Int) throws {
        let server = try seeded()
        let before = try server.cli("INFO", "commandstats")
        let result = try Program.run(
            [Program.cachewatch] + words + ["--url", server.socketURL],
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        #expect(Int(result.status) == status, "\(words): \(result.errors)")
        #expect(!result.errors.isEmpty)
        let after = try server.cli("INFO", "commandstats")
        #expect(try server.cli("DBSIZE").hasPrefix("370"))
        for command in ["restore", "expire", "del", "flushall"] {
            #expect(!after.contains("cmdstat_\(command):"))
        }
        if status == 4 { #expect(!after.contains("cmdstat_unlink:"), "\(words)") }
        #expect(!before.contains("cmdstat_unlink:"))
    }

    /// A user who may not write learns it before anything is journalled or noted as begun.
    @Test(arguments: [
        ["flush", "session", "--yes"], ["repair", "rate:limit", "--yes"], ["undo", "JOURNAL"], ["revoke", "abc"],
        ["unrevoke", "7", "--yes"], ["undo", "LIFETIMES"], ["revoke", "--user", "17", "--since", "now"],
        ["unrevoke", "--user", "17", "--yes"],
    ])
    func usersWithoutTheRightAreRefusedFirst(words: [String]) throws {
        let server = try seeded()
        let (journal, lifetimes) = (server.folder.path + "/j", server.folder.path + "/l")
        #expect(try run(server, "flush", "session", "--yes", "--journal", journal).status == 0)
        #expect(try run(server, "repair", "rate:limit", "--yes", "--journal", lifetimes).status == 0)
        try server.cli("ACL", "SETUSER", "eye", "on", ">pw", "~*", "+@read", "+@connection", "+info", "+dbsize")
        let before = try server.cli("INFO", "keyspace")
        let result = try Program.run(
            [Program.cachewatch] + words.map { $0 == "JOURNAL" ? journal : $0 == "LIFETIMES" ? lifetimes : $0 }
                + ["--url", "unix://eye:pw@\(server.socket)"],
            environment: ["XDG_STATE_HOME": server.folder.path + "/eye"])
        #expect(result.status == 4, "\(words): \(result.status) \(result.errors)")
        #expect(result.errors.contains("this user may not") && result.errors.contains("refused"), "\(result.errors)")
        #expect(try server.cli("INFO", "keyspace").prefix(30) == before.prefix(30))
        let state = server.folder.path + "/eye/cachewatch"
        #expect((try? FileManager.default.contentsOfDirectory(atPath: state + "/journals")) ?? [] == [])
        let audit = try String(contentsOfFile: state + "/audit.jsonl", encoding: .utf8)
        #expect(audit.contains("refused") || words[0] == "revoke", "\(audit)")
        #expect(!audit.contains("\"done\""))
    }

    /// Where nobody names a server, a journal of our own folder does; of a file from elsewhere it is said what to type.
    @Test func undoWithoutAServerGoesWhereTheJournalIsFrom() throws {
        let server = try seeded()
        #expect(try run(server, "flush", "session", "--yes").status == 0)
        let folder = server.folder.path + "/state/cachewatch/journals"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let copy = server.folder.path + "/copy.journal"
        try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: copy)
        func undo(_ journal: String) throws -> Program.Result {
            try Program.run(
                [Program.cachewatch, "undo", journal],
                environment: [
                    "XDG_STATE_HOME": server.folder.path + "/state", "HOME": server.folder.path,
                    "XDG_CONFIG_HOME": server.folder.path + "/none", "REDIS_URL": "",
                ])
        }
        let refused = try undo(copy)
        #expect(refused.status == 64, "\(refused.errors)")
        #expect(
            refused.errors.contains("cachewatch undo --url '\(server.socketURL)?db=0' \(copy)"), "\(refused.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("70"))
        let undone = try undo(folder + "/" + name)
        #expect(undone.status == 0 && undone.errors.contains("300 of 300 keys"), "\(undone.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("370"))
    }

    /// Whoever has named no server has meant the default one, and is told which that is.
    @Test func aServerThatDoesNotAnswerIsNamed() throws {
        let nowhere = "unix:///nowhere/redis.sock"
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        for words in [["flush", "session", "--yes"], ["keys", "session"]] {
            let result = try Program.run(
                [Program.cachewatch] + words + ["--url", nowhere],
                environment: ["XDG_STATE_HOME": folder.path])
            #expect(result.status != 0 && result.errors.contains("/nowhere/redis.sock"), "\(result.errors)")
        }
    }

    /// The environment may mean another server today: the journal knows where it is from.
    @Test func undoGoesElsewhereOnlyWhenToldTo() throws {
        let (here, there) = (try seeded(), try RedisServer())
        let journal = here.folder.path + "/with blank.j"
        #expect(try run(here, "flush", "session", "--yes", "--journal", journal).status == 0)
        func undo(_ url: String, _ words: String...) throws -> Program.Result {
            try Program.run(
                [Program.cachewatch, "undo", journal] + words,
                environment: ["XDG_STATE_HOME": here.folder.path + "/state", "REDIS_URL": url])
        }
        let refused = try undo(there.url)
        #expect(refused.status == 4 && refused.errors.contains("the journal is of unix://"), "\(refused.errors)")
        #expect(try there.cli("DBSIZE").hasPrefix("0"))
        let otherDatabase = try undo(here.socketURL + "?db=3")
        #expect(otherDatabase.status == 4, "\(otherDatabase.errors)")
        // Told so, it does; and says where it goes.
        let named = try undo(here.socketURL, "--url", there.url)
        #expect(named.status == 0 && named.errors.contains("which is not where it is from"), "\(named.errors)")
        #expect(try there.cli("DBSIZE").hasPrefix("300"))
        // Another way to the same server is the same server.
        #expect(try undo(here.url).status == 0)
        #expect(try here.cli("DBSIZE").hasPrefix("370"))
    }

    /// A socket, as a tunnel: the printed command names the journal's own name, whatever is behind it when it is pasted.
    @Test func printedUndoDoesNotGoElsewhereUnasked() throws {
        let (here, there) = (try seeded(), try RedisServer())
        let (link, journal) = (here.folder.path + "/link", here.folder.path + "/j")
        func lead(to server: RedisServer) throws {
            try? FileManager.default.removeItem(atPath: link)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: server.socket)
        }
        func run(_ words: [String]) throws -> Program.Result {
            try Program.run(words, environment: ["XDG_STATE_HOME": here.folder.path + "/state"])
        }
        try lead(to: here)
        let flushed = try run(
            [Program.cachewatch, "flush", "session", "--yes", "--journal", journal, "--url", "unix://" + link])
        let line = flushed.errors.split(separator: "\n").map { $0.drop { $0 == " " } }.first {
            $0.hasPrefix("cachewatch undo")
        }
        let printed = try #require(line.map(String.init)).replacing(
            "cachewatch undo", with: Program.cachewatch + " undo")
        #expect(printed.contains("--url 'unix://\(link)?db=0'"), "\(printed)")
        try lead(to: there)
        let refused = try run(["sh", "-c", printed])
        #expect(refused.status == 4 && refused.errors.contains("--into-another-server"), "\(refused.errors)")
        #expect(try there.cli("DBSIZE").hasPrefix("0"))
        let meant = try run(["sh", "-c", printed + " --into-another-server"])
        #expect(meant.status == 0 && meant.errors.contains("which is not where it is from"), "\(meant.errors)")
        #expect(try there.cli("DBSIZE").hasPrefix("300"))
        try lead(to: here)
        #expect(try run(["sh", "-c", printed]).status == 0)
    }

    /// Another shell has another environment: the server is named, and its password asked for.
    @Test func printedUndoNamesTheServerOfTheEnvironment() throws {
        let server = try seeded()
        try server.cli("ACL", "SETUSER", "hand", "on", ">pw", "~*", "+@all")
        let journal = server.folder.path + "/j"
        let flushed = try Program.run(
            [Program.cachewatch, "flush", "session", "--yes", "--journal", journal],
            environment: [
                "XDG_STATE_HOME": server.folder.path + "/state",
                "REDIS_URL": "redis://hand:pw@127.0.0.1:\(server.port)",
            ])
        #expect(flushed.status == 0)
        let words = "cachewatch undo --url redis://hand@127.0.0.1:\(server.port)/0 --ask-password \(journal)"
        #expect(flushed.errors.contains(words), "\(flushed.errors)")
    }

    /// A file that `--config` names says nothing of the server that the environment puts in its place.
    @Test func theEnvironmentNamesNoServerThoughAFileIsNamed() throws {
        let (here, there) = (try seeded(), try RedisServer())
        let journal = here.folder.path + "/j"
        #expect(try run(here, "flush", "session", "--yes", "--journal", journal).status == 0)
        let file = try here.folder.write("[cache]\nredis_url = \"\(here.socketURL)\"\n", to: "platform.toml")
        let refused = try Program.run(
            [Program.cachewatch, "undo", journal, "--config", file],
            environment: ["XDG_STATE_HOME": here.folder.path + "/state", "REDIS_URL": there.url])
        #expect(refused.status == 4 && refused.errors.contains("the journal is of unix://"), "\(refused.errors)")
        #expect(try there.cli("DBSIZE").hasPrefix("0"))
        let named = try Program.run(
            [Program.cachewatch, "undo", journal, "--config", file],
            environment: ["XDG_STATE_HOME": here.folder.path + "/state"])
        #expect(named.status == 0, "\(named.errors)")
        #expect(try here.cli("DBSIZE").hasPrefix("370"))
    }

    /// Whoever mistypes a command is shown it again, but not what is secret in it, and nothing that moves the cursor.
    @Test(arguments: [
        ["redis://u:s3cr3t@h:1"], ["--bogus", "redis://u:s3cr3t@h"],
        ["revoke", "--ttl", "eyJhbGciOiJIUzI1NiJ9.s3cr3t.x"],
        ["revoke", "--file", "eyJhbGciOiJIUzI1NiJ9.s3cr3t.x"], ["undo", "eyJhbGciOiJIUzI1NiJ9.s3cr3t.x"],
        ["flush", "eyJhbGciOiJIUzI1NiJ9.s3cr3t.x", "--yes"], ["--\u{1b}[2Js3"], ["keys", "--limit", "\u{1b}[2J"],
    ])
    func whatIsTypedIsNotRepeatedWithItsSecrets(words: [String]) throws {
        let folder = try TemporaryFolder()
        let result = try Program.run(
            [Program.cachewatch] + words,
            environment: ["XDG_STATE_HOME": folder.path, "REDIS_URL": "redis://127.0.0.1:1"])
        #expect(result.status != 0 && !result.errors.isEmpty)
        #expect(!result.errors.contains("s3cr3t"), "\(result.errors)")
        #expect(!result.errors.unicodeScalars.contains("\u{1b}"))
        #expect(!result.output.contains("s3cr3t"))
    }

    @Test func argumentsThatAreNoTextAreRefused() throws {
        let result = try Program.run(["sh", "-c", "exec '\(Program.cachewatch)' revoke \"$(printf 'a\\377b')\""])
        #expect(result.status == 64 && result.errors.contains("argument 2 is not UTF-8"), "\(result.errors)")
    }

    @Test func tokensComeThroughPipesToo() throws {
        let server = try seeded()
        let result = try Program.run(
            [
                "sh", "-c",
                "printf 'p-1\\r\\nbad id\\n' | '\(Program.cachewatch)' revoke --file /dev/stdin --url '\(server.socketURL)'; printf 'p-1\\n' | '\(Program.cachewatch)' revoke --file - --url '\(server.socketURL)'",
            ], environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        #expect(result.errors.contains("/dev/stdin:2: the id holds blanks"), "\(result.errors)")
        #expect(result.status == 0 && result.output.contains("p-1  written"), "\(result.output)")
    }

    /// Ctrl-C where somebody is asked means no.
    @Test(arguments: [
        ["flush", "session"], ["repair", "rate:limit"], ["unrevoke", "7"],
        ["revoke", "--user", "17", "--since", "now"],
    ])
    func interruptedQuestionsChangeNothing(words: [String]) throws {
        let server = try seeded()
        let session = try TmuxSession(
            "trap : INT; \(Program.cachewatch) \(words.joined(separator: " ")) --url \(server.socketURL); echo ended with $?"
        )
        session.waitFor(
            words[0] == "revoke"
                ? "Type the user" : words[0] == "unrevoke" ? "Type its id" : "Type the namespace's name")
        try session.press("C-c")
        session.waitFor("ended with 1")
        #expect(session.screen.contains("nothing was changed"))
        #expect(try server.cli("DBSIZE").hasPrefix("370"))
    }

    @Test func repairIsPreviewedMendsAndIsUndone() throws {
        let server = try seeded()
        let dry = try run(server, "repair", "rate:limit", "--dry-run")
        #expect(dry.status == 0 && dry.output.contains("20 keys without a TTL"), "\(dry.output)")
        #expect(try server.cli("TTL", "rate:limit:ip:7").hasPrefix("-1"))
        let journal = server.folder.path + "/j"
        let done = try run(server, "repair", "rate:limit", "--yes", "--journal", journal)
        #expect(done.status == 0, "\(done.errors)")
        #expect(!(try server.cli("TTL", "rate:limit:ip:7").hasPrefix("-1")))
        #expect(try run(server, "undo", journal).status == 0)
        #expect(try server.cli("TTL", "rate:limit:ip:7").hasPrefix("-1"))
    }

    @Test func damagedJournalsAreRefusedWithAReason() throws {
        let server = try seeded()
        let journal = server.folder.path + "/j"
        #expect(try run(server, "flush", "session", "--yes", "--journal", journal).status == 0)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: journal))
        func undo(_ data: Data, _ words: String...) throws -> Program.Result {
            let path = server.folder.path + "/damaged"
            try data.write(to: URL(fileURLWithPath: path))
            return try Program.run(
                [Program.cachewatch, "undo", path, "--url", server.socketURL] + words,
                environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        }
        var edited = bytes
        edited[bytes.count / 2] ^= 1
        let refused = try undo(edited)
        #expect(refused.status == 1 && refused.errors.contains("damaged or was edited"), "\(refused.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("70"))
        let later = try undo(Data("CACHEWATCH JOURNAL 9\n".utf8) + bytes.dropFirst(21))
        #expect(later.status == 1 && later.errors.contains("another version (9)"), "\(later.errors)")
        let foreign = try undo(Data("#!/bin/sh\n".utf8))
        #expect(foreign.status == 1 && foreign.errors.contains("no journal"))
        let head = try undo(bytes.prefix(40))
        #expect(head.status == 1 && head.errors.contains("ends before its first key"), "\(head.errors)")
        let magic = try undo(bytes.prefix(20))
        #expect(magic.status == 1 && magic.errors.contains("ends before its first key"), "\(magic.errors)")
        // What a crash leaves is readable as far as it goes, and does not pass for the whole.
        let cut = try undo(bytes.dropLast(30))
        #expect(cut.status == 5 && cut.errors.contains("has no end"), "\(cut.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("370"))
    }

    /// What other libraries write is understood, and what we write is understood by them.
    @Test(.enabled(if: Fetched.python != nil, "PyJWT and redis-py are not here; scripts/test fetches them"))
    func tokensOfPyJWTAreRevokedAndReadByRedisPy() throws {
        let python = try #require(Fetched.python)
        let server = try seeded()
        let made = try Program.run([
            python, "-c",
            """
            import jwt, time
            print(jwt.encode({"jti": "py-1", "sub": "user-9", "token_type": "access", "exp": int(time.time()) + 3412}, "k" * 32))
            print(jwt.encode({"jti": "py-2", "exp": int(time.time()) + 600}, "k" * 32))
            """,
        ])
        let tokens = try server.folder.write(made.output, to: "tokens")
        let result = try run(server, "revoke", "--file", tokens, "--reason", "stolen laptop")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("py-1  written, TTL 3,4"), "\(result.output)")
        let read = try Program.run([
            python, "-c",
            """
            import redis, json, time
            r = redis.Redis(unix_socket_path="\(server.socket)")
            value = json.loads(r.get("token:blacklist:py-1"))
            assert list(value) == ["token_id", "user_id", "token_type", "reason", "blacklisted_at", "expires_at", "ip_address"], value
            assert value["user_id"] == "user-9" and value["reason"] == "stolen laptop" and value["ip_address"] is None
            assert abs(value["expires_at"] - time.time() - r.ttl("token:blacklist:py-1")) <= 1.5, (value, r.ttl("token:blacklist:py-1"))
            assert abs(value["blacklisted_at"] - time.time()) < 60
            print("agreed")
            """,
        ])
        #expect(read.output.contains("agreed"), "\(read.errors)")
        let audit = try String(contentsOfFile: server.folder.path + "/state/cachewatch/audit.jsonl", encoding: .utf8)
        #expect(audit.contains("py-1"))
        // The token itself is a credential.
        #expect(!audit.contains("eyJ"))
        let listed = try run(server, "revoked", "--format", "json", "--search", "py-")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [String: Any])
        #expect((json["tokens"] as? [[String: Any]])?.compactMap { $0["token_id"] as? String } == ["py-2", "py-1"])
        // What it has written is watched from then on.
        try server.cli("DEL", "token:blacklist:py-2")
        let once = try run(server, "--once", "--format", "json")
        #expect(once.status == 2 && once.output.contains("revocation-lost"), "\(once.output)")
    }

    @Test func keysAndOneOfThem() throws {
        let server = try seeded()
        try server.cli("SET", "session:\u{1b}[2J", "{\"a\":\u{1b}}")
        let keys = try run(server, "keys", "session", "--limit", "1000")
        #expect(keys.status == 0)
        #expect(keys.output.split(separator: "\n").count == 301)
        #expect(keys.output.contains(#"session:\x1b[2J"#))
        #expect(!keys.output.contains("\u{1b}"))
        let inspected = try run(server, "inspect", #"session:\x1b[2J"#, "--escaped", "--format", "json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any])
        #expect(json["type"] as? String == "string")
        #expect(!inspected.output.contains("\u{1b}"))
    }
}
