import Foundation
import Glibc
import Support
import Testing

/// `cachewatch record`, and what it leaves behind.
@Suite struct RecordTests {
    private let server: RedisServer
    private var path: String { server.folder.path + "/recording" }

    init() throws {
        server = try RedisServer()
        try server.cli("MSET", "session:1", "secret-value", "product:1", "x")
    }

    private func start(_ words: [String] = [], to path: String? = nil, url: String? = nil) throws -> Child {
        try Child(
            [Program.cachewatch, "record", path ?? self.path, "--url", url ?? server.socketURL, "--interval", "0.2"]
                + words,
            errors: server.folder.path + "/errors",
            environment: ProcessInfo.processInfo.environment.merging([
                "REDIS_URL": "", "XDG_STATE_HOME": server.folder.path + "/state",
            ]) { $1 })
    }

    private func files(_ path: String? = nil) -> [String] {
        let path = path ?? self.path
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().map { "\(path)/\($0)" }
    }

    private func lines(_ path: String? = nil) -> [Substring] {
        files(path).flatMap { file in
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            // A last line without its end is one that is being written.
            return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        }
    }

    private static func kind(_ line: Substring) -> String? {
        let document = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return document?["k"] as? String
    }

    private func count(_ kind: String) -> Int { lines().count { $0.contains("\"k\":\"\(kind)\"") } }

    @Test func aSignalEndsItInOrder() throws {
        for (signal, number) in [(SIGTERM, 1), (SIGINT, 2)] {
            let child = try start()
            eventually("snapshots are recorded") { count("snapshot") >= number * 3 }
            kill(child.pid, signal)
            #expect(child.wait() == 0)
            #expect(Self.kind(lines().last ?? "") == "end")
        }
        let kinds = lines().map(Self.kind)
        #expect(kinds.first == "header" && !kinds.contains(nil))
        #expect(kinds.contains("namespaces") && kinds.contains("clients") && kinds.contains("alert"))
        var status = stat()
        for file in files() { #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600) }
    }

    /// Whenever it is killed, all lines but a last one are whole, and the next run goes on.
    @Test func oneThatIsKilledLeavesWholeLines() throws {
        var before = 0
        for turn in 0..<10 {
            let child = try start()
            eventually("it records again") { lines().count > before + 1 + turn }
            kill(child.pid, SIGKILL)
            _ = child.wait()
            before = lines().count
        }
        let child = try start()
        eventually("it goes on") { lines().count > before + 3 }
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 0)
        let kinds = lines().map(Self.kind)
        // Only a line that was torn off is none, and it has its end.
        #expect(kinds.count { $0 == nil } <= 10 && kinds.count { $0 == "header" } == 11)
        #expect(kinds.last == "end")
    }

    @Test func aSecondRecorderIsRefused() throws {
        let child = try start()
        eventually("snapshots are recorded") { count("snapshot") > 0 }
        let second = try Program.cachewatch("record", path, "--url", server.socketURL)
        #expect(second.status == 4 && second.errors.contains("another recorder writes there"), "\(second.errors)")
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 0)
    }

    @Test func whatCannotBeWrittenIsSaidAtOnce() throws {
        let foreign = server.folder.path + "/notes.jsonl"
        try Data("mine\n".utf8).write(to: URL(fileURLWithPath: foreign))
        for (path, word) in [
            ("/proc/self/recording", "cannot be recorded to"), (foreign, "something else than a recording"),
        ] {
            let result = try Program.cachewatch("record", path, "--url", server.socketURL)
            #expect(result.status == 1 && result.errors.contains(word), "\(path): \(result.errors)")
            let once = try Program.cachewatch("--once", "--record", path, "--url", server.socketURL)
            #expect(once.status == 3 && once.errors.contains(word) && once.output.isEmpty, "\(path): \(once.errors)")
        }
    }

    @Test func noSecretStandsInIt() throws {
        try server.cli("CONFIG", "SET", "slowlog-log-slower-than", "0")
        try server.cli("CONFIG", "SET", "requirepass", "hunter2-password")
        let url = server.socketURL.replacingOccurrences(of: "unix://", with: "unix://:hunter2-password@")
        let child = try start(["--anonymous"], url: url)
        eventually("snapshots are recorded") { count("snapshot") > 5 && count("slow") > 1 && count("namespaces") > 0 }
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 0)
        let text = lines().joined()
        for secret in ["hunter2", "secret-value", server.folder.path] { #expect(!text.contains(secret), "\(secret)") }
        #expect(text.contains("\"product\""))
    }

    @Test func aSnapshotIsRecordedWhileItIsWaitedFor() throws {
        let result = try Program.cachewatch(
            "--once", "--watch-for", "3s", "--interval", "0.2", "--estimate", "--clients", "--format", "json",
            "--record",
            path, "--url", server.socketURL)
        #expect(result.status < 2, "\(result.errors)")
        let kinds = lines().compactMap(Self.kind)
        #expect(kinds.count { $0 == "snapshot" } >= 3)
        #expect(kinds.contains("namespaces") && kinds.contains("clients") && kinds.last == "end")
    }

    @Test func theSameLinesComeOnStandardOutput() throws {
        let result = try Program.run([
            "sh", "-c", "\"$0\" record --stream --quiet --interval 0.2 --url \"$1\" | head -n 6", Program.cachewatch,
            server.socketURL,
        ])
        let kinds = result.output.split(separator: "\n").map(Self.kind)
        #expect(kinds.count == 6 && kinds.first == "header" && kinds.contains("snapshot") && !kinds.contains(nil))
        #expect(result.errors.isEmpty, "\(result.errors)")
    }

    /// Whoever reads the lines may stop doing so: alerts are told all the same.
    @Test func aReaderThatReadsNothingHoldsUpNoAlert() throws {
        let pages = server.folder.path + "/pages"
        func text(_ name: String) -> String {
            (try? String(contentsOfFile: "\(server.folder.path)/\(name)", encoding: .utf8)) ?? ""
        }
        let config = try server.folder.write(
            "[cachewatch]\non_alert = [\"/bin/sh\", \"-c\", \"cat >> \(pages)\"]\ninterval = \"0.2s\"\n", to: "c.toml")
        let child = try Child(
            [
                "/bin/sh", "-c",
                "{ /bin/sh -c 'echo $$ >\"$3\"; exec \"$0\" record --stream --quiet --url \"$1\" --config \"$2\"' "
                    + "\"$0\" \"$1\" \"$2\" \"$3\"; echo $? >\"$3.ended\"; } | sleep 600",
                Program.cachewatch, server.socketURL, config, server.folder.path + "/pid",
            ],
            errors: server.folder.path + "/errors",
            environment: ProcessInfo.processInfo.environment.merging([
                "REDIS_URL": "", "XDG_STATE_HOME": server.folder.path + "/state",
            ]) { $1 })
        defer {
            _ = try? Program.run(["pkill", "-KILL", "-P", "\(child.pid)"])
            child.end()
        }
        // More lines than a pipe holds.
        eventually("it has polled for long enough") {
            let calls = (try? server.cli("INFO", "commandstats"))?.firstMatch(of: #/cmdstat_dbsize:calls=(\d+)/#)
            return calls.flatMap { Int($0.output.1) } ?? 0 > 60
        }
        try server.cli("CONFIG", "SET", "maxmemory", "1mb")
        eventually("somebody is told") {
            text("pages").contains("memory-high")
        }
        // It is waited for at the end, for a while, and said that it has not got all.
        let pid = try #require(Int32(text("pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        kill(pid, SIGTERM)
        eventually("it has ended") { text("pid.ended") == "1\n" }
        #expect(text("errors").contains("has not its end: its reader takes nothing more"), "\(text("errors"))")
    }

    /// A file that somebody has named by mistake stays as it is, and so do its permissions.
    @Test func aForeignFileStaysReadable() throws {
        let file = try server.folder.write("port 6379\n", to: "redis.conf")
        #expect(chmod(file, 0o644) == 0)
        let result = try Program.cachewatch("record", file, "--url", server.socketURL)
        var status = stat()
        #expect(result.status == 1 && result.errors.contains("something else"), "\(result.errors)")
        #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o644)
    }

    /// Whoever flushes at the same host stands in it, with how it has ended; what others did to other servers does not.
    @Test func whatOtherProgramsDoIsRecorded() throws {
        let child = try start()
        defer { child.end() }
        eventually("it has begun") { count("snapshot") > 0 }
        let environment = ["XDG_STATE_HOME": server.folder.path + "/state"]
        let other = try RedisServer()
        try other.cli("SET", "session:1", "x")
        for (url, words) in [
            (other.socketURL, ["flush", "session", "--yes"]), (server.socketURL, ["flush", "session", "--yes"]),
            (server.socketURL, ["flush", "product", "--yes", "--read-only"]),
        ] {
            let result = try Program.run([Program.cachewatch] + words + ["--url", url], environment: environment)
            #expect(result.status == (words.count == 4 ? 4 : 0), "\(result.errors)")
        }
        eventually("the acts are recorded") { count("action") == 3 }
        let acts = lines().filter { Self.kind($0) == "action" }
        for (act, words) in zip(
            acts, [["session", "begun"], ["session", "done", "\"removed\":\"1\""], ["product", "refused"]])
        {
            for word in words { #expect(act.contains(word), "\(act)") }
        }
    }

    @Test func aServerThatGoesIsRecordedAsGone() throws {
        let child = try start(to: server.folder.path + "/one.jsonl")
        let file = server.folder.path + "/one.jsonl"
        func text() -> String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }
        eventually("snapshots are recorded") { text().contains("\"k\":\"snapshot\"") }
        kill(server.pid, SIGKILL)
        eventually("that it is gone is recorded") { text().contains("\"id\":\"unreachable\"") }
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 0)
        #expect(text().hasSuffix("\"k\":\"end\"}\n"))
    }

    /// As a full disk: what is watched is watched on.
    @Test func whereNothingCanBeWrittenAnyMoreThatIsSaid() throws {
        let child = try Child(
            [
                "sh", "-c", "ulimit -f 64; exec \"$0\" \"$@\"", Program.cachewatch, "record", path, "--url",
                server.socketURL, "--interval", "0.2",
            ],
            errors: server.folder.path + "/errors",
            environment: ProcessInfo.processInfo.environment.merging(["REDIS_URL": ""]) { $1 })
        func errors() -> String {
            (try? String(contentsOfFile: server.folder.path + "/errors", encoding: .utf8)) ?? ""
        }
        eventually("it says that nothing is written") { errors().contains("not recorded: ") }
        #expect(errors().contains("File too large; free some space"))
        kill(server.pid, SIGKILL)
        eventually("it watches on") { errors().contains("unreachable critical") }
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 1)
        #expect(errors().contains("the recording has not its end"))
        #expect(!lines().map(Self.kind).contains(nil))
    }
}
