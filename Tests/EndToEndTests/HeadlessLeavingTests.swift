import Foundation
import Glibc
import Support
import Testing

/// Commands that are interrupted: at once where the server hangs, in order where it answers.
@Suite(.serialized) struct HeadlessLeavingTests {
    private static let soon = Duration.milliseconds(500)

    private func start(_ words: [String], in folder: TemporaryFolder) throws -> Child {
        let file = try folder.write("[cachewatch]\ntimeout = \"20s\"\n", to: "c.toml")
        return try Child(
            [Program.cachewatch] + words + ["--config", file], output: folder.path + "/output",
            errors: folder.path + "/errors",
            environment: ProcessInfo.processInfo.environment.merging(
                ["XDG_STATE_HOME": folder.path + "/state", "REDIS_URL": "", "REDIS_PASSWORD": ""]) { $1 })
    }

    private func text(_ name: String, in folder: TemporaryFolder) -> String {
        (try? String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)) ?? ""
    }

    private func end(_ child: Child, by number: Int32) -> (status: Int32, took: Duration) {
        let (start, stalls) = (ContinuousClock.now, StallMeter())
        child.signal(number)
        let status = child.wait()
        return (status, stalls.time(since: start))
    }

    /// It accepts, and never answers.
    @Test(
        arguments: [
            ["flush", "session", "--yes"], ["flush", "session", "--dry-run"], ["repair", "session", "--yes"],
            ["revoked"],
        ], [SIGINT, SIGTERM, SIGHUP])
    func nothingWasBegunOnAHungServer(words: [String], number: Int32) throws {
        let server = try ScriptedServer(.holdOpen)
        let folder = try TemporaryFolder()
        let child = try start(words + ["--url", server.url], in: folder)
        eventually("it has connected") { server.connections > 0 }
        let (status, took) = end(child, by: number)
        #expect(status == 1 && took < Self.soon)
        #expect(text("errors", in: folder).contains("interrupted"), "\(words) \(text("errors", in: folder))")
    }

    /// What changes nothing and has nothing to tell ends as a signal ends any program.
    @Test(arguments: [["--once"], ["keys"], ["--once", "--estimate"], ["--once", "--sweep", "counts"]])
    func whatHasNothingToTellEndsByTheSignal(words: [String]) throws {
        let server = try ScriptedServer(.holdOpen)
        let folder = try TemporaryFolder()
        let child = try start(words + ["--url", server.url], in: folder)
        eventually("it has connected") { server.connections > 0 }
        let (status, took) = end(child, by: SIGTERM)
        #expect(status == 128 + SIGTERM && took < Self.soon)
    }

    private func populated() throws -> RedisServer {
        let server = try RedisServer(RedisServer.debugging(.installed))
        try server.cli("DEBUG", "POPULATE", "12000", "session")
        return server
    }

    private func keys(_ server: RedisServer) throws -> Int {
        Int(try server.cli("DBSIZE").trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }

    @Test(arguments: [true, false]) func aFlushIsToldWithItsJournal(hangs: Bool) throws {
        // It has 60 ms for that, in which a disk that is busy with other things may not have written the journal's end.
        for _ in 0..<20 { if try closesItsJournal(hangs: hangs) || hangs { return } }
        Issue.record("the journal has no end in any of 20 attempts")
    }

    /// - Returns: false where the journal has no end.
    private func closesItsJournal(hangs: Bool) throws -> Bool {
        let server = try populated()
        let folder = try TemporaryFolder()
        let journal = folder.path + "/journal"
        let child = try start(
            ["flush", "session", "--yes", "--journal", journal, "--url", server.socketURL], in: folder)
        try eventually("the first keys are gone") { try keys(server) < 12_000 }
        if hangs { server.signal(SIGSTOP) }
        let (status, took) = end(child, by: SIGINT)
        server.signal(SIGCONT)
        #expect(status == 5 && took < Self.soon)
        let words = text("errors", in: folder)
        #expect(words.contains("stopped half way") && words.contains("cachewatch undo"), "\(words)")
        #expect(words.contains(journal), "\(words)")
        let undone = try Program.cachewatch("undo", journal, "--url", server.socketURL, "--pace", "fast")
        #expect([0, 5].contains(undone.status), "\(undone.errors)")
        #expect(try keys(server) == 12_000)
        return undone.status == 0
    }

    /// What was counted until then is printed, although the batch under way never comes back.
    @Test func aSweepOnAHungServerTellsWhatItHasCounted() throws {
        // It has 60 ms for that, which a machine that is busy with other things may give to others.
        for _ in 0..<20 { if try tellsWhatItHasCounted() { return } }
        Issue.record("nothing was told in any of 20 attempts")
    }

    /// - Returns: false where nothing at all was printed.
    private func tellsWhatItHasCounted() throws -> Bool {
        let server = try populated()
        let folder = try TemporaryFolder()
        let child = try start(
            ["--once", "--quiet", "--format", "json", "--sweep", "full", "--url", server.socketURL], in: folder)
        try eventually("some batches are back") {
            // A batch is sent when the one before the last is back: what the server has done may be on its way still.
            let calls = { (name: String) throws -> Int in
                let line = try server.cli("INFO", "commandstats").split(whereSeparator: \.isNewline).first {
                    $0.hasPrefix("cmdstat_\(name):calls=")
                }
                return (line?.split(separator: "=").dropFirst().first?.prefix { $0.isNumber }).flatMap { Int($0) } ?? 0
            }
            return try calls("pttl") >= 1000 && calls("scan") >= 4
        }
        server.signal(SIGSTOP)
        let (status, took) = end(child, by: SIGINT)
        server.signal(SIGCONT)
        #expect(took < Self.soon && [0, 1, 3].contains(status))
        let output = text("output", in: folder)
        if output.isEmpty { return false }
        let whole = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        let namespaces = try #require(whole["namespaces"] as? [String: Any])
        #expect(namespaces["complete"] as? Bool == false)
        #expect(namespaces["examined"] as? Int ?? 0 > 0)
        return true
    }

    @Test func aRevocationThatIsNotAnsweredIsTold() throws {
        let server = try ScriptedServer(.holdOpen)
        let folder = try TemporaryFolder()
        let child = try start(["revoke", "t-1", "--url", server.url], in: folder)
        eventually("it has connected") { server.connections > 0 }
        let (status, took) = end(child, by: SIGTERM)
        #expect(status == 5 && took < Self.soon)
        #expect(text("errors", in: folder).contains("whether t-1 was revoked is not known"))
    }

    // MARK: the prompt for a password

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1]) func aSignalGivesTheEchoBack(number: Int32) throws {
        let terminal = try TerminalChild([Program.cachewatch, "keys", "--url", "redis://127.0.0.1:1", "--ask-password"])
        eventually("it asks") { terminal.output.contains("Redis password:") && !terminal.echoes }
        terminal.signal(number)
        let end = try #require(terminal.end())
        #expect(end.status & 0x7f == number || end.status == 128 + number)
        #expect(terminal.isAsBefore)
    }

    @Test func controlCIsNoPartOfAPassword() throws {
        let terminal = try TerminalChild([Program.cachewatch, "keys", "--url", "redis://127.0.0.1:1", "--ask-password"])
        eventually("it asks") { terminal.output.contains("Redis password:") && !terminal.echoes }
        terminal.type("secr\u{3}")
        let end = try #require(terminal.end())
        #expect(end.status == 128 + SIGINT && terminal.isAsBefore)
        #expect(!terminal.output.contains("secr"))
    }

    @Test func aTypedPasswordIsUsedAndNotShown() throws {
        let server = try RedisServer(["--requirepass", "s3cr3t"])
        let terminal = try TerminalChild([Program.cachewatch, "keys", "--url", server.url, "--ask-password"])
        eventually("it asks") { terminal.output.contains("Redis password:") && !terminal.echoes }
        terminal.type("s3cr3t\r")
        let end = try #require(terminal.end())
        #expect(end.status == 0 && terminal.isAsBefore, "\(terminal.output)")
        #expect(!terminal.output.contains("s3cr3t"))
    }
}
