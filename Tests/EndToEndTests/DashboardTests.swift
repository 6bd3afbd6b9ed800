import Foundation
import Glibc
import Support
import Testing

/// The dashboard in a terminal, as an operator uses it.
@Suite(.serialized) struct DashboardTests {
    private func open(
        _ server: RedisServer, _ options: String = "", columns: Int = 120, rows: Int = 36,
        environment: [String: String] = [:]
    ) throws -> TmuxSession {
        try TmuxSession(
            "\(Program.cachewatch) --url \(server.url) --interval 0.2 \(options); echo ended with $?", columns: columns,
            rows: rows, environment: environment)
    }

    @Test func overviewOpensAndQuitGivesTheTerminalBack() throws {
        let server = try RedisServer()
        let session = try open(server)
        session.waitForVerdict()
        session.waitFor("Memory")
        try session.press("q")
        session.waitFor("ended with 0")
        #expect(!session.screen.contains("Memory"))
    }

    @Test func killedServerTurnsGreyAndRecoversWithoutAKey() throws {
        let server = try RedisServer()
        let session = try open(server)
        session.waitForVerdict()
        server.stop()
        session.waitFor("connection refused")
        session.waitFor("as of ")
        session.waitFor("Unreachable: connection refused")
        try server.restart()
        session.waitForVerdict()
        try session.press("q")
        session.waitFor("ended with 0")
    }

    @Test func keysAnswerWhileTheServerIsStopped() throws {
        let server = try RedisServer()
        let folder = try TemporaryFolder()
        // Whatever waits for an answer waits longer than the keys may.
        let file = try folder.write("[cachewatch]\ntimeout = \"10s\"\n", to: "c.toml")
        let session = try open(server, "--config \(file)")
        session.waitForVerdict()
        server.signal(SIGSTOP)
        defer { server.signal(SIGCONT) }
        try session.press("4")
        session.waitFor("By command", patience: 9)
        try session.press("?")
        session.waitFor("Esc closes", patience: 9)
        try session.press("Escape")
        session.waitFor("accepts, but does not answer")
        try session.press("q")
        session.waitFor("ended with 0", patience: 9)
    }

    @Test func itStartsWithoutAServer() throws {
        let server = try RedisServer()
        server.stop()
        let session = try open(server)
        session.waitFor("Connection refused")
        session.waitFor("Check Redis is running and URL is correct.")
        try server.restart()
        session.waitForVerdict()
        try session.press("q")
        session.waitFor("ended with 0")
    }

    @Test func restrictedUserSeesWhatIsMissing() throws {
        let server = try RedisServer()
        try server.cli("ACL", "SETUSER", "w", "on", "nopass", "-@all", "+info", "+ping")
        let session = try TmuxSession(
            "\(Program.cachewatch) --url redis://w:x@127.0.0.1:\(server.port); echo ended with $?")
        session.waitFor("NOPERM: needs +slowlog|get")
        try session.press("q")
        session.waitFor("ended with 0")
    }

    @Test(arguments: [(SIGTERM, "ended with 0"), (SIGHUP, "ended with 0")]) func signalGivesTheTerminalBack(
        signal: Int32, words: String
    ) throws {
        let server = try RedisServer()
        let session = try TmuxSession(
            "stty -a >\(server.folder.path)/before; \(Program.cachewatch) --url \(server.url); echo ended with $?; stty -a >\(server.folder.path)/after"
        )
        session.waitForVerdict()
        let pid = try #require(
            Int32(
                try Program.run(["pgrep", "-f", "cachewatch --url \(server.url)$"]).output.split(separator: "\n").last
                    ?? ""))
        kill(pid, signal)
        session.waitFor(words)
        let modes = { (name: String) in
            (try? String(contentsOfFile: server.folder.path + "/" + name, encoding: .utf8)) ?? name
        }
        eventually("the modes are as they were") { modes("before") == modes("after") }
    }

    @Test func trapGivesTheTerminalBack() throws {
        let server = try RedisServer()
        let session = try TmuxSession(
            "stty -a >\(server.folder.path)/before; \(Program.cachewatch) --url \(server.url); echo ended with $?; stty -a >\(server.folder.path)/after"
        )
        session.waitForVerdict()
        let pid = try #require(
            Int32(
                try Program.run(["pgrep", "-f", "cachewatch --url \(server.url)$"]).output.split(separator: "\n").last
                    ?? ""))
        kill(pid, SIGTRAP)
        session.waitFor("ended with")
        let modes = { (name: String) in
            (try? String(contentsOfFile: server.folder.path + "/" + name, encoding: .utf8)) ?? name
        }
        eventually("the modes are as they were") { modes("before") == modes("after") }
        #expect(!session.screen.contains("Memory"))
    }

    @Test func droppedTerminalEndsTheProgram() throws {
        let server = try RedisServer()
        let session = try TmuxSession("exec \(Program.cachewatch) --url \(server.url)")
        session.waitForVerdict()
        let pid = session.pid
        #expect(kill(pid, 0) == 0)
        session.drop()
        eventually("the program is gone") { kill(pid, 0) != 0 }
    }

    @Test func logHoldsTheGuidesLines() throws {
        let server = try RedisServer()
        let session = try open(server, environment: ["XDG_STATE_HOME": server.folder.path])
        session.waitForVerdict()
        server.stop()
        session.waitFor("Unreachable: connection refused")
        try session.press("q")
        session.waitFor("ended with 0")
        let log = try String(contentsOfFile: server.folder.path + "/cachewatch/cachewatch.log", encoding: .utf8)
        for line in [
            "INFO Connecting to Redis at redis://127.0.0.1:\(server.port)/0...", "INFO Redis connected successfully",
            "ERROR: Redis connection error: ", "WARN unreachable critical: Unreachable: connection refused",
        ] {
            #expect(log.contains(line), "\(log)")
        }
    }

    @Test func suspendAndContinue() throws {
        let server = try RedisServer()
        let signal = server.folder.path + "/go-on"
        let script = try server.folder.write(
            """
            set -m
            \(Program.cachewatch) --url \(server.url)
            echo stopped here
            stty -a
            until [ -e \(signal) ]; do sleep 0.05; done
            fg
            echo ended with $?
            """, to: "script")
        let session = try TmuxSession("exec sh \(script)")
        session.waitForVerdict()
        try session.press("C-z")
        session.waitFor("stopped here")
        // The terminal is as a shell wants it.
        session.waitFor(" icanon")
        #expect(!session.hasVerdict)
        _ = try server.folder.write("", to: "go-on")
        session.waitForVerdict()
        try session.press("q")
        session.waitFor("ended with 0")
    }

    @Test func resizeStormLeavesItAlive() throws {
        let server = try RedisServer()
        let session = try open(server)
        session.waitForVerdict()
        for step in 0..<40 { try session.resize(columns: 10 + (step * 37) % 150, rows: 2 + (step * 13) % 50) }
        try session.resize(columns: 100, rows: 30)
        session.waitFor("Memory")
        try session.resize(columns: 3, rows: 2)
        try session.resize(columns: 80, rows: 24)
        session.waitForVerdict()
        try session.press("q")
        session.waitFor("ended with 0")
    }

    @Test func asciiDrawsNothingElse() throws {
        let server = try RedisServer()
        let session = try open(server, "--ascii")
        session.waitForVerdict()
        #expect(session.screen.unicodeScalars.allSatisfy { $0.isASCII })
        try session.press("q")
    }

    @Test func unknownTerminalIsRefused() throws {
        let session = try TmuxSession(
            "TERM=no-such-thing \(Program.cachewatch) --url redis://127.0.0.1:1; echo ended with $?")
        session.waitFor("ended with 64")
        #expect(session.screen.contains("no-such-thing"))
        let dumb = try TmuxSession("TERM=dumb \(Program.cachewatch) --url redis://127.0.0.1:1; echo ended with $?")
        dumb.waitFor("ended with 64")
    }

    @Test func badThemeIsToldAndTheDefaultIsUsed() throws {
        let server = try RedisServer()
        let theme = try server.folder.write("text = \"#ffffff\"\n\nalarm = \"red\"\n", to: "bad.toml")
        let session = try open(server, "--theme \(theme)")
        session.waitFor("bad.toml:3: alarm")
        session.waitForVerdict()
        try session.press("q")
        session.waitFor("ended with 0")
    }
}
