import Foundation
import Glibc
import Support
import Testing

/// Where secrets must not get to, tried on the program.
@Suite(.serialized) struct SecretTests {
    @Test(arguments: [
        ["redis://u:s3X", "Xcret@h:1"], ["redis://u:s3X'Xcret@h:1"], ["redis://u:s3X\"Xcret@h:1"],
        ["redis://u:s3X Xcret@h:1"],
        ["redis://u:s3X\nXcret@h:1"], ["--bogus", "redis://u:s3X?Xcret@h"], ["--url", "redis://:s3X#Xcret@h"],
        ["--url=redis://h:s3XXcret"],
        ["--once", "-a", "s3XXcret"], ["--once", "--password=s3XXcret"], ["keys", "app:s3XXcret@h:1"],
        ["flush", "redis://:s3X Xcret@h", "--yes"],
        ["undo", "redis://:s3X Xcret@h"], ["--sentinel", "redis://:s3X Xcret@h"],
        ["--theme", "redis://:s3X/Xcret@h", "--once", "--interval", "redis://:s3XXcret@h"],
        ["revoke", "--user", "redis://:s3X Xcret@h"], ["--config", "redis://:s3XXcret@h"],
        ["--url", "unix://:s3XXcret@r.sock"],
        // Letters alone, and without a scheme.
        ["admin:Xcret@db:6379"], ["keys", "admin:Xcret@db"], ["--config", "admin:Xcret@h"], ["redis//:Xcret@h"],
        ["redis:/app:Xcret@h"], ["app:s3X", "Xcret@h:1"],
        // Options that take none, or that are another program's.
        ["--ask-password", "Xcret"], ["--ask-password", "s3X", "Xcret"], ["--ask-password=Xcret"], ["--pw", "Xcret"],
        ["--pwd=Xcret"], ["--credential", "Xcret"], ["-pXcret2"], ["-u", "app:Xcret"], ["--pass", "Xcret", "--once"],
        ["revoke", "--user", "17", "--since", "redis://:Xcret@h"], ["acl", "--user", "a:Xcret@h x"],
        ["demo", "redis://:Xcret@h"], ["demo", "--theme", "a:Xcret@h/x", "--once", "--interval", "a:Xcret@h"],
    ])
    func whatIsTypedByMistakeIsRepeatedWithoutItsPassword(words: [String]) throws {
        let result = try Program.run([Program.cachewatch] + words, environment: ["REDIS_URL": "redis://127.0.0.1:1"])
        #expect(result.status != 0 && !result.errors.isEmpty)
        for part in ["s3X", "Xcret"] { #expect(!(result.output + result.errors).contains(part), "\(result.errors)") }
    }

    /// A proxy repeats the command that it does not know.
    @Test func whatAServerRepeatsGoesNowhere() throws {
        let server = try AnsweringServer { words, _ in
            .error(
                "ERR unknown command '\(words[0])', with args beginning with: '\(words.dropFirst().joined(separator: "' '"))'"
            )
        }
        for words in [["--once"], ["--once", "--format", "json"], ["flush", "session", "--yes"], ["revoke", "a-1"]] {
            let result = try Program.run(
                [Program.cachewatch] + words + ["--url", "redis://app@127.0.0.1:\(server.port)"],
                environment: ["REDIS_PASSWORD": "S3cr3t-word\n"])
            #expect(!(result.output + result.errors).contains("S3cr3t"), "\(result.errors)")
            #expect(result.status != 0)
        }
    }

    @Test func thereIsNoCoreOfIt() throws {
        let server = try ScriptedServer(.holdOpen)
        let folder = try TemporaryFolder()
        let child = try Child(
            [
                "sh", "-c",
                "ulimit -c unlimited 2>/dev/null; cd '\(folder.path)' && exec '\(Program.cachewatch)' keys --url \(server.url)",
            ],
            output: folder.path + "/output", errors: folder.path + "/errors",
            environment: [
                "SWIFT_BACKTRACE": "enable=no", "HOME": folder.path, "REDIS_PASSWORD": "S3cr3t-word",
                "PATH": "/usr/bin:/bin",
            ])
        eventually("it has connected") { server.connections > 0 }
        let limits = try String(contentsOfFile: "/proc/\(child.pid)/limits", encoding: .utf8)
        let line = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") } ?? ""
        #expect(line.split(separator: " ").filter { $0 == "0" }.count == 2, "\(line)")
        child.signal(SIGSEGV)
        _ = child.wait()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["errors", "output"])
    }

    /// Faults, and signals that nobody thinks of.
    @Test(arguments: [SIGSEGV, SIGABRT, SIGBUS, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGUSR2])
    func theEchoComesBackWhateverEndsIt(number: Int32) throws {
        let terminal = try TerminalChild([Program.cachewatch, "keys", "--url", "redis://127.0.0.1:1", "--ask-password"])
        eventually("it asks") { terminal.output.contains("Redis password:") && !terminal.echoes }
        terminal.signal(number)
        _ = try #require(terminal.end())
        #expect(terminal.isAsBefore)
    }

    @Test func thePromptIsNotStopped() throws {
        let server = try RedisServer(["--requirepass", "s3cr3t"])
        let terminal = try TerminalChild([Program.cachewatch, "keys", "--url", server.url, "--ask-password"])
        eventually("it asks") { terminal.output.contains("Redis password:") && !terminal.echoes }
        terminal.signal(SIGTSTP)
        terminal.type("s3cr3t\r")
        let end = try #require(terminal.end())
        #expect(end.status == 0 && terminal.isAsBefore, "\(terminal.output)")
    }

    /// Of `--config=~/x` no shell takes the `~`.
    @Test func theHomeFolderIsKnownOnTheCommandLine() throws {
        let home = try TemporaryFolder()
        _ = try home.write("[cache]\nredis_pool_size = 0\n", to: "c.toml")
        let result = try Program.run(
            [Program.cachewatch, "--config=~/c.toml", "--once"], environment: ["HOME": home.path])
        #expect(result.errors.contains("\(home.path)/c.toml:2:"), "\(result.errors)")
        let other = try Program.run(
            [Program.cachewatch, "--config=~bob/c.toml", "--once"], environment: ["HOME": home.path])
        #expect(other.status == 64 && other.errors.contains("~/"), "\(other.errors)")
    }

    @Test func theHomeFolderIsKnownInTheEnvironment() throws {
        let server = try RedisServer()
        let home = try TemporaryFolder()
        let result = try Program.run(
            [Program.cachewatch, "revoke", "a-1", "--url", server.url],
            environment: ["HOME": home.path, "XDG_STATE_HOME": "~/state"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(FileManager.default.fileExists(atPath: home.path + "/state/cachewatch/audit.jsonl"))
    }

    // MARK: tokens

    /// Nothing of a file is written where a line of it may mean something else.
    @Test(arguments: [
        "a-1\nnull\n", "{\"jti\":\"a-1\"}\n{\"sub\":\"u\"}\n", "jti,user\na-1,u\na-2\n", "a-1\na-2,u\n", "id\na-1\n",
    ])
    func nothingIsWrittenWhereALineIsNotClear(text: String) throws {
        let server = try RedisServer()
        let folder = try TemporaryFolder()
        let file = try folder.write(text, to: "tokens")
        let result = try Program.run([Program.cachewatch, "revoke", "--file", file, "--url", server.url])
        #expect(result.status == 64 && result.errors.contains("tokens:"), "\(result.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
    }

    @Test func tokensOfAFileAreRevokedByTheirIds() throws {
        let server = try RedisServer()
        let folder = try TemporaryFolder()
        let text = "\u{feff}user,jti,exp\r\nu7,a-1,\(Int(Date().timeIntervalSince1970) + 900)\r\nu8,a-2,\r\n"
        let file = try folder.write(text, to: "tokens.csv")
        let result = try Program.run([Program.cachewatch, "revoke", "--file", file, "--url", server.url])
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            try server.cli("KEYS", "token:blacklist:*").split(separator: "\n").sorted() == [
                "token:blacklist:a-1", "token:blacklist:a-2",
            ])
        #expect(try server.cli("KEYS", "blacklist:token:*").split(separator: "\n").count == 2)
        #expect(try server.cli("GET", "token:blacklist:a-1").contains("u7"))
        let named = try Program.run([Program.cachewatch, "revoke", file, "--url", server.url])
        #expect(named.status == 64 && named.errors.contains("part of something"), "\(named.errors)")
    }

    /// An id that stands there by mistake can be taken off by its very name.
    @Test func oddIdsAreTakenOff() throws {
        let server = try RedisServer()
        for id in ["{\"jti\":\"a-1\"}", "jti,user", "a-1"] {
            try server.cli("SET", "token:blacklist:\(id)", "{}", "EX", "900")
        }
        let result = try Program.run([
            Program.cachewatch, "unrevoke", "{\"jti\":\"a-1\"}", "--yes", "--url", server.url,
        ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            try server.cli("KEYS", "*").split(separator: "\n").sorted() == [
                "token:blacklist:a-1", "token:blacklist:jti,user",
            ])
    }

    /// Nobody is cut off by a date that is taken for seconds.
    @Test(arguments: ["20261126", "0", "2026", "202611260431"])
    func aNumberThatMayBeADateIsNoTime(since: String) throws {
        let server = try RedisServer()
        let words = ["revoke", "--user", "17", "--since", since, "--yes", "--url", server.url]
        let result = try Program.run([Program.cachewatch] + words)
        #expect(result.status == 64 && result.errors.contains("ten digits"), "\(result.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
    }

    @Test func anInstantOfLongAgoIsNotLeftUnsaid() throws {
        let server = try RedisServer()
        let words = ["revoke", "--user", "17", "--since", "1999-11-26Z", "--url", server.url]
        for more in [["--dry-run"], ["--yes"]] {
            let result = try Program.run([Program.cachewatch] + words + more)
            #expect(result.status == 0 && result.output.contains("That was "), "\(result)")
        }
    }

    @Test(arguments: [["--reason", "stolen TOKEN"], ["--reason", "tokenTOKEN"]])
    func aTokenIsNoReasonForACutOff(words: [String]) throws {
        let server = try RedisServer()
        let folder = try TemporaryFolder()
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJhIn0.S3cr3t"
        let result = try Program.run(
            [Program.cachewatch, "revoke", "--user", "17", "--since", "now", "--yes", "--url", server.url]
                + words.map { $0.replacing("TOKEN", with: token) },
            environment: ["XDG_STATE_HOME": folder.path])
        #expect(result.status == 64 && !result.errors.contains("eyJ"), "\(result.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
        let files = FileManager.default.subpaths(atPath: folder.path) ?? []
        for file in files {
            let text = (try? String(contentsOfFile: folder.path + "/" + file, encoding: .utf8)) ?? ""
            #expect(!text.contains("eyJ"), "\(file)")
        }
    }

    @Test(arguments: ["--reason", "--user"]) func aTokenIsNoReason(option: String) throws {
        let server = try RedisServer()
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJhIn0.S3cr3t"
        let result = try Program.run([Program.cachewatch, "revoke", "a-1", option, token, "--url", server.url])
        #expect(result.status == 64 && !result.errors.contains("S3cr3t"), "\(result.errors)")
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
    }
}
