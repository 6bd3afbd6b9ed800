import Foundation
import Glibc
import Support
import Testing

/// Data that nobody got is no success.
@Suite struct OutputTests {
    /// Stands for the path of one.
    private static let (journal, recording) = ("JOURNAL", "RECORDING")
    private static let commands = [
        ["--once", "--quiet", "--format", "json"], ["--once", "--quiet", "--format", "text"],
        ["--once", "--quiet", "--format", "prometheus"], ["--once", "--quiet", "--format", "svg"], ["keys"],
        ["keys", "--format", "json"], ["inspect", "session:1"], ["inspect", "session:1", "--format", "json"],
        ["revoked"], ["revoked", "--format", "json"], ["journals"], ["journals", "--format", "json"], ["clients"],
        ["clients", "--format", "json"], ["record", "--stream", "--quiet"],
        ["replay", recording, "--once"], ["replay", recording, "--once", "--format", "json"],
        ["replay", recording, "--once", "--format", "prometheus"], ["replay", recording, "--once", "--format", "svg"],
        ["bundle", recording, "--output", "-"],
        ["kill", "999999", "--dry-run"], ["kill", "999999", "--dry-run", "--format", "json"],
        ["flush", "session", "--dry-run"], ["repair", "session", "--dry-run"], ["undo", journal, "--dry-run"],
        ["revoke", "t-1", "--dry-run"],
        ["revoke", "t-1"], ["revoke", "t-1", "--format", "json"], ["unrevoke", "t-2", "--yes"],
        ["unrevoke", "t-2", "--yes", "--format", "json"], ["acl"], ["themes"], ["--help"], ["flush", "--help"],
        ["--version"],
    ]

    /// Each command, and each of its formats, is tried; the dashboard has no standard output, and a demo is one.
    @Test func noCommandAndNoFormatIsLeftOut() throws {
        let dump = try ParserDump.current()
        for command in dump.options.keys where !["demo", "help"].contains(command) {
            let name = command == "watch" ? "--once" : command
            let tried = Self.commands.filter { $0[0] == name }
            #expect(!tried.isEmpty, "\(command)")
            for format in dump.formats[command] ?? [] where format != "text" {
                #expect(tried.contains { $0.contains(format) }, "\(command) --format \(format)")
            }
        }
    }

    private func server() throws -> RedisServer {
        let server = try RedisServer()
        try server.cli("MSET", "session:1", "x", "token:blacklist:t-2", "{}")
        return server
    }

    /// - Parameter redirection: the shell's.
    private func run(_ words: [String], _ redirection: String, on server: RedisServer) throws -> Program.Result {
        try Program.run(
            ["sh", "-c", "exec \"$0\" \"$@\" \(redirection)", Program.cachewatch] + complete(words, server),
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
    }

    /// What to type for it, with a journal where one is wanted.
    private func complete(_ words: [String], _ server: RedisServer) throws -> [String] {
        let path = server.folder.path + "/journal"
        // A list of none has no line that could be lost.
        if words.contains(Self.journal) || words[0] == "journals" {
            let flushed = try Program.run(
                [Program.cachewatch, "flush", "session", "--yes", "--url", server.socketURL]
                    + (words[0] == "journals" ? [] : ["--journal", path]),
                environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
            #expect(flushed.status == 0, "\(flushed.errors)")
        }
        if words.contains(Self.recording) {
            _ = try Program.cachewatch("--once", "--quiet", "--record", path, "--url", server.socketURL)
        }
        return words.map { [Self.journal, Self.recording].contains($0) ? path : $0 } + options(words, server)
    }

    private func options(_ words: [String], _ server: RedisServer) -> [String] {
        let needsNone =
            ["acl", "themes", "journals", "replay", "bundle", "--help", "--version"].contains(words[0])
            || words.contains("--help")
        return needsNone ? [] : ["--url", server.socketURL]
    }

    @Test(arguments: commands, [">/dev/full", ">&-"])
    func lostDataIsAFailureWithAWord(words: [String], redirection: String) throws {
        let result = try run(words, redirection, on: try server())
        #expect(result.status == (["--once", "replay"].contains(words[0]) ? 3 : 1), "\(words) \(result.errors)")
        #expect(result.errors.contains("standard output cannot be written"), "\(words) \(result.errors)")
    }

    /// `| head` has had enough, and that is nobody's fault.
    @Test(arguments: commands) func aReaderThatHasGoneIsNoFailure(words: [String]) throws {
        let server = try server()
        let result = try Program.run(
            [
                "bash", "-c", "exec 3> >(exit 0); wait $!; \"$0\" \"$@\" >&3; echo \"ended with $?\" >&2",
                Program.cachewatch,
            ] + complete(words, server),
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        #expect(result.errors.contains("ended with 0"), "\(words) \(result.errors)")
        #expect(!result.errors.contains("standard output"), "\(words) \(result.errors)")
    }

    /// What has changed something is told, on standard error where standard output takes nothing.
    @Test func whatHasChangedSomethingIsToldAllTheSame() throws {
        let server = try server()
        let revoked = try run(["revoke", "t-1"], ">/dev/full", on: server)
        #expect(revoked.errors.contains("t-1  written"), "\(revoked.errors)")
        let unrevoked = try run(["unrevoke", "t-2", "--yes"], ">/dev/full", on: server)
        #expect(unrevoked.errors.contains("removed token:blacklist:t-2"), "\(unrevoked.errors)")
    }

    /// What acts tell on standard error is told on standard output where that takes nothing, and is no success.
    @Test func aReceiptThatNobodyGotIsNoSuccess() throws {
        let server = try server()
        try server.cli("SET", "rate:limit:1", "x")
        let journal = server.folder.path + "/j"
        for (words, receipt) in [
            (["flush", "session", "--yes", "--journal", journal], "cachewatch undo"),
            (["undo", journal], "1 of 1 key"),
            (["repair", "rate:limit", "--yes"], "was given a TTL"),
        ] {
            let result = try run(words, "2>/dev/full", on: server)
            #expect(
                result.status == 1 && result.output.contains(receipt), "\(words): \(result.status) \(result.output)")
        }
        #expect(try server.cli("TTL", "rate:limit:1").contains("-1") == false)
    }

    /// Standard output takes it where the file is one that does; a file of its own is refused with a word.
    @Test(arguments: ["text", "json", "prometheus", "svg"]) func aReportThatItsFileDoesNotTakeIsUnknown(format: String)
        throws
    {
        let server = try server()
        let folder = server.folder.path
        for (path, word) in [
            ("/dev/full", "free some space"), (folder, "name a file in it"), ("\(folder)/no/x", "make its folder"),
            ("/dev/null/x", "cannot be written"), ("/dev/stdout", "free some space"),
        ] {
            let result = try run(
                ["--once", "--quiet", "--format", format, "--output", path], path == "/dev/stdout" ? ">/dev/full" : "",
                on: server)
            #expect(result.status == 3 && result.errors.contains(word), "\(path): \(result.status) \(result.errors)")
        }
        let standard = try run(["--once", "--quiet", "--format", format, "--output", "-"], ">/dev/full", on: server)
        #expect(standard.status == 3 && standard.errors.contains("standard output"), "\(standard.errors)")
    }

    /// A limit of the shell stands for a quota: no signal, but a word.
    @Test func aFileThatMayNotGrowIsAFailureWithAWord() throws {
        let server = try server()
        let file = server.folder.path + "/report"
        for (words, redirection) in [(["--once", "--quiet"], ">\(file)"), (["keys"], ">\(file)")] {
            let result = try Program.run(
                [
                    // What stands on standard error comes through a pipe: a file could not hold it.
                    "bash", "-c",
                    "(ulimit -f 0; exec \"$0\" \"$@\" 2>&1 \(redirection)) | cat; exit ${PIPESTATUS[0]}",
                    Program.cachewatch,
                ] + words + ["--url", server.socketURL],
                environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
            #expect(result.status == (words[0] == "--once" ? 3 : 1), "\(words): \(result.status)")
            #expect(result.output.contains("cannot be written"), "\(words): \(result.output) \(result.errors)")
        }
    }

    /// A demo is one more snapshot.
    @Test func aDemosReportIsLostAloud() throws {
        let result = try Program.run(
            ["sh", "-c", "exec \"$0\" demo --once --quiet --format json >/dev/full", Program.cachewatch])
        #expect(result.status == 3 && result.errors.contains("standard output cannot be written"), "\(result.errors)")
    }

    /// A connection under the number of a closed standard error would take our words for commands.
    @Test func closedDescriptorsAreNobodyElses() throws {
        let server = try server()
        let result = try run(["--once", "--format", "json"], "<&- 2>&-", on: server)
        #expect(result.status == 0)
        #expect(result.output.contains("\"schema\": 1"))
        let answer = try run(["keys", "session"], "<&- >&- 2>&-", on: server)
        #expect(answer.status == 1)
    }
}
