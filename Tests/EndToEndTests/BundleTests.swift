import Foundation
import Glibc
import Support
import Testing

/// `cachewatch bundle`: what is attached to a ticket can be read alone, and has no secrets in it.
@Suite struct BundleTests {
    private let server: RedisServer
    private var folder: String { server.folder.path }
    private var recording: String { folder + "/R" }
    private var environment: [String: String] { ["REDIS_URL": "", "XDG_STATE_HOME": folder + "/state"] }

    init() throws {
        server = try RedisServer()
        try server.cli("MSET", "session:4711", "secret-value", "product:1", "x")
    }

    private func run(_ words: [String], _ more: [String: String] = [:]) throws -> Program.Result {
        try Program.run([Program.cachewatch] + words, environment: environment.merging(more) { $1 })
    }

    private func bundle(_ words: [String], of path: String? = nil) throws -> Program.Result {
        try run(["bundle", path ?? recording] + words)
    }

    /// A recording of some snapshots, with what was raised among them.
    ///
    /// - Parameter growing: done before it ends.
    private func record(url: String? = nil, _ growing: () throws -> Void = {}) throws {
        let child = try Child(
            [
                Program.cachewatch, "record", recording, "--quiet", "--interval", "0.2", "--url",
                url ?? server.socketURL,
            ],
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
        eventually("an alert is raised, and it goes on") {
            let lines = (try? lines()) ?? []
            guard let raised = lines.firstIndex(where: { $0.contains("\"change\":\"raised\"") }) else { return false }
            return lines[raised...].count { Self.kind($0) == "snapshot" } > 5
        }
        try growing()
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 0)
    }

    /// Of the recording's files.
    private func lines(_ path: String? = nil) throws -> [Substring] {
        let path = path ?? recording
        return try FileManager.default.contentsOfDirectory(atPath: path).sorted().flatMap {
            try String(contentsOfFile: "\(path)/\($0)", encoding: .utf8).split(separator: "\n")
        }
    }

    private static func kind(_ line: Substring) -> Substring {
        line.firstMatch(of: #/"k":"([a-z]+)"/#)?.output.1 ?? ""
    }

    private static func time(_ line: Substring) -> Int { Int(line.dropFirst(5).prefix { $0 != "," }) ?? 0 }

    /// - Returns: the path of what is in it.
    private func unpack(_ file: String, to name: String = "into") throws -> String {
        let into = "\(folder)/\(name)"
        try FileManager.default.createDirectory(atPath: into, withIntermediateDirectories: false)
        let result = try Program.run(["tar", "xzf", file, "-C", into])
        #expect(result.status == 0, "\(result.errors)")
        return "\(into)/" + (try #require(try FileManager.default.contentsOfDirectory(atPath: into).first))
    }

    /// All that stands in the files below a folder.
    private static func text(below path: String) throws -> String {
        try FileManager.default.subpathsOfDirectory(atPath: path).sorted().compactMap { name in
            let data = FileManager.default.contents(atPath: "\(path)/\(name)")
            return data.map { name + "\n" + String(decoding: $0, as: UTF8.self) }
        }.joined()
    }

    private static func document(_ text: String) throws -> NSDictionary {
        var document = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        document["alerts"] = (document["alerts"] as? [[String: Any]])?.map { $0.filter { $0.key != "commands" } }
        return document as NSDictionary
    }

    @Test func whatWasRecordedIsSeenAgainAndNoSecretStandsInIt() throws {
        try server.cli("CONFIG", "SET", "slowlog-log-slower-than", "0")
        try server.cli("CONFIG", "SET", "requirepass", "hunter2-password")
        let url = server.socketURL.replacingOccurrences(of: "unix://", with: "unix://:hunter2-password@")
        try record(url: url) {
            let growing = try bundle(["-o", folder + "/growing.tgz"])
            #expect(growing.status == 0 && growing.output.isEmpty, "\(growing.errors)")
        }
        let (one, two) = (folder + "/one.tgz", folder + "/two.tar.gz")
        let done = try bundle(["-o", one])
        #expect(done.status == 0 && done.output.isEmpty && done.errors.contains(" raised, "), "\(done.errors)")
        // Wherever, and by whatever clock, it is made.
        let again = try run(["bundle", recording, "--output", two], ["TZ": "Asia/Kolkata", "LC_ALL": "C"])
        #expect(again.status == 0 && again.errors.replacing("two.tar.gz", with: "one.tgz") == done.errors)
        #expect(try Data(contentsOf: URL(fileURLWithPath: one)) == Data(contentsOf: URL(fileURLWithPath: two)))
        var status = stat()
        #expect(stat(one, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let path = try unpack(one)
        let text = try Self.text(below: path)
        for secret in ["hunter2", "secret-value"] { #expect(!text.contains(secret), "\(secret)") }
        for words in ["RAISED ttl-contract-broken", "seen: without TTL: session:4711", "picture: screens/", "</svg>"] {
            #expect(text.contains(words), "\(words)")
        }
        #expect(try lines(path + "/recording") == lines())
        let (then, now) = try (
            run(["replay", recording, "--once", "--format", "json"]),
            run(["replay", path + "/recording", "--once", "--format", "json"])
        )
        #expect(now.output == then.output && now.status == then.status && !now.output.isEmpty, "\(now.errors)")
        let standard = try run(["bundle", recording, "-o", "-"])
        #expect(standard.status == 0 && standard.output.hasPrefix("\u{1f}") && standard.errors.hasPrefix("bundled: "))
    }

    /// The lines between, and in front of them what has to be known.
    @Test func aPartCanBeReadAlone() throws {
        try record()
        let all = try lines()
        let raised = try #require(all.firstIndex { $0.contains("\"change\":\"raised\"") })
        let times = all[raised...].filter { Self.kind($0) == "snapshot" }.map(Self.time)
        let (from, to) = (times[1], times[times.count - 2])
        let file = folder + "/b.tgz"
        let done = try bundle(["--from", String(from), "--to", String(to), "-o", file])
        #expect(done.status == 0, "\(done.errors)")
        let path = try unpack(file)
        let part = try lines(path + "/recording")
        let inside = all.filter { (from...to).contains(Self.time($0)) }
        #expect(part.suffix(inside.count) == inside[...])
        let before = part.dropLast(inside.count)
        #expect(before.map(Self.kind).first == "header" && before.contains { Self.kind($0) == "namespaces" })
        #expect(before.last.map { $0.contains("\"change\":\"standing\"") } == true)
        let alerts = try String(contentsOfFile: path + "/alerts.txt", encoding: .utf8)
        #expect(alerts.contains("STANDS ttl-contract-broken") && !alerts.contains("RAISED"), "\(alerts)")
        #expect(!FileManager.default.fileExists(atPath: path + "/screens"))
        let (then, now) = try (
            run(["replay", recording, "--at", String(to), "--once", "--format", "json"]),
            run(["replay", path + "/recording", "--once", "--format", "json"])
        )
        #expect(try Self.document(now.output) == Self.document(then.output))
    }

    @Test func whoeverIsNamedIsHashedWhereThatIsWanted() throws {
        let client = try RawClient(server, name: "legacy-gateway-1")
        try record()
        withExtendedLifetime(client) {}
        #expect(try lines().joined().contains("legacy-gateway-1"))
        let files = [folder + "/one.tgz", folder + "/two.tgz"]
        for file in files { #expect(try bundle(["--anonymous", "-o", file]).status == 0) }
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: files[0])) == Data(contentsOf: URL(fileURLWithPath: files[1])))
        let path = try unpack(files[0])
        let text = try Self.text(below: path)
        for secret in ["4711", "legacy-gateway", server.folder.path, "redis.sock"] {
            #expect(!text.contains(secret), "\(secret)")
        }
        for words in ["\"anonymous\":true", "session:", "are hashes", "RAISED ttl-contract-broken"] {
            #expect(text.contains(words), "\(words)")
        }
        let replayed = try run(["replay", path + "/recording", "--once"])
        #expect(replayed.status == 1 && replayed.output.contains("session"), "\(replayed.errors)")
    }

    /// Who is named in an alert was seen long before the window, and has gone.
    @Test func whoHasGoneBeforeTheWindowIsHashed() throws {
        let clients = try (0..<3).map { _ in try RawClient(server, name: "leakyhost,acme") }
        try record()
        withExtendedLifetime(clients) {}
        let all = try lines()
        let look = try #require(all.firstIndex { Self.kind($0) == "clients" })
        #expect(all[look].contains("leakyhost,acme"))
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: recording).first)
        // A later alert of them, and a snapshot behind it.
        let last = try #require(all.last { Self.kind($0) == "snapshot" })
        let alert = try #require(all.last { Self.kind($0) == "alert" && $0.contains("\"evidence\"") })
        let named = alert.replacing(#/"message":"[^"]*"/#, with: #""message":"leakyhost,acme has most""#)
        func moved(_ line: some StringProtocol, _ seconds: Int) -> String {
            String(line).replacing(#/^{"t":\d+/#, with: "{\"t\":\(Self.time(last) + seconds * 1000)")
        }
        let more = [moved(last, 600), moved(named, 600), moved(last, 601)].joined(separator: "\n") + "\n"
        let handle = try #require(FileHandle(forWritingAtPath: "\(recording)/\(file)"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(more.utf8))
        try handle.close()
        let since = "\(Self.time(last) / 1000 + 500)"
        let result = try bundle(["--anonymous", "--from", since, "-o", folder + "/late.tgz"])
        #expect(result.status == 0, "\(result.errors)")
        let text = try Self.text(below: unpack(folder + "/late.tgz"))
        #expect(text.contains("has most") && !text.contains("leakyhost") && !text.contains("acme"))
    }

    /// A torn line, zeros and lines of a newer version are said; what cannot be unpacked is said, and the rest is there.
    @Test func whatIsDamagedIsSaidAndTheRestIsThere() throws {
        try record()
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: recording).first)
        let text = try String(contentsOfFile: "\(recording)/\(name)", encoding: .utf8)
        let middle = try #require(text.range(of: "\n{\"t\"")).lowerBound
        let time = Self.time(try #require(try lines().last))
        try
            (text[..<middle] + "\n{\"t\":1,\"k\n\0\0\0" + text[middle...]
            + "{\"t\":\(time),\"m\":2,\"k\":\"dream\",\"x\":[]}\n").write(
                toFile: "\(recording)/\(name)", atomically: true, encoding: .utf8)
        let damaged = try server.folder.write("\u{1f}", to: "R/" + name.replacing(".jsonl", with: ".9.jsonl.gz"))
        try Data([0x1f, 0x8b, 1, 2, 3]).write(to: URL(fileURLWithPath: damaged))
        let done = try bundle(["-o", folder + "/b.tgz"])
        #expect(done.status == 0)
        for words in ["2 lines cannot be read", "1 line of a newer version", ".9.jsonl.gz cannot be read"] {
            #expect(done.errors.contains(words), "\(words): \(done.errors)")
        }
        let path = try unpack(folder + "/b.tgz")
        let readme = try String(contentsOfFile: path + "/README.txt", encoding: .utf8)
        #expect(readme.contains("What is missing\n  ") && readme.contains("2 lines cannot be read"), "\(readme)")
        #expect(try run(["replay", path + "/recording", "--once"]).status < 3)
        let anonymous = try bundle(["--anonymous", "-o", folder + "/a.tgz"])
        #expect(anonymous.errors.contains("1 line of which nobody knows"), "\(anonymous.errors)")
    }

    @Test func whatCannotBeDoneIsRefusedWithAWord() throws {
        try record()
        let file = folder + "/b.tgz"
        let foreign = try server.folder.write("hello\n", to: "foreign.jsonl")
        let link = folder + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere")
        for (words, status, said) in [
            (
                [recording, "--from", "2020-01-01T00:00Z", "--to", "2020-01-02T00:00Z", "-o", file], 1,
                "; it goes from "
            ),
            ([recording, "--from", "2020-01-02T00:00Z", "--to", "2020-01-01T00:00Z", "-o", file], 64, "is after --to"),
            ([recording, "--from", "2999-01-01T00:00Z", "-o", file], 1, "has nothing of"),
            ([foreign, "-o", file], 1, "is not a recording"), ([folder, "-o", file], 1, "is not a recording"),
            ([folder + "/nowhere", "-o", file], 1, "No such file"), ([recording], 64, "--output"),
            ([recording, "-o", "/dev/full"], 1, "free some space"),
            ([recording, "-o", folder], 1, "name a file in it"),
            ([recording, "-o", folder + "/no/b.tgz"], 1, "make its folder first"),
            ([recording, "-o", link], 1, "is there already"), ([recording, "-o", foreign], 1, "is there already"),
        ] as [([String], Int32, String)] {
            let result = try run(["bundle"] + words)
            #expect(result.status == status && result.errors.contains(said), "\(words): \(result.errors)")
            #expect(result.output.isEmpty && !FileManager.default.fileExists(atPath: file))
        }
        #expect(try String(contentsOfFile: foreign, encoding: .utf8) == "hello\n")
        #expect(try bundle(["-o", foreign, "--force"]).status == 0)
        #expect(try Program.run(["tar", "tzf", foreign]).output.contains("README.txt"))
    }

    /// There is a gap where nobody has recorded.
    @Test func aTimeInAGapIsSaidToBeOne() throws {
        try record()
        let end = Self.time(try #require(try lines().last))
        // As if another run had been an hour ago.
        let text = try lines().map { line in
            "{\"t\":\(Self.time(line) - 3_600_000)\(line[line.firstIndex(of: ",")!...])\n"
        }.joined()
        let now = try lines().map { $0 + "\n" }.joined()
        let gap =
            "{\"t\":\(end - 3000),\"m\":1,\"k\":\"gap\",\"since\":\(end - 3_500_000),\"why\":\"the disk is full\"}\n"
        let file = try server.folder.write(text + gap + now, to: "gap.jsonl")
        let inside = try bundle(["--from", "-30m", "--to", "-20m", "-o", folder + "/b.tgz"], of: file)
        #expect(inside.status == 1 && inside.errors.contains(": a gap from "), "\(inside.errors)")
        #expect(inside.errors.contains("the disk is full"), "\(inside.errors)")
        let whole = try bundle(["-o", folder + "/b.tgz"], of: file)
        #expect(whole.status == 0 && whole.errors.contains(" gap"), "\(whole.errors)")
        let readme = try String(contentsOfFile: try unpack(folder + "/b.tgz") + "/README.txt", encoding: .utf8)
        #expect(readme.contains("Nothing was recorded\n") && readme.contains("UTC: the disk is full"), "\(readme)")
    }

    @Test func withoutGzipItIsWrittenUnpackedOrRefused() throws {
        try record()
        let tar = folder + "/b.tar"
        let refused = try run(["bundle", recording, "-o", folder + "/b.tgz"], ["PATH": folder])
        #expect(refused.status == 1 && refused.errors.contains("a name that ends with .tar"), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder + "/b.tgz"))
        #expect(try run(["bundle", recording, "-o", tar], ["PATH": folder]).status == 0)
        #expect(try Program.run(["tar", "tf", tar]).output.contains("/recording/"))
    }

    /// What an operator did stands in the recording, in the bundle, and on the screen of whoever replays it.
    @Test func whatWasDoneMeanwhileIsToldOfIt() throws {
        try server.cli("SET", "session:4712", "x", "EX", "5000")
        let session = try TmuxSession(
            "\(Program.cachewatch) --url \(server.socketURL) --interval 0.2 --record \(recording)",
            environment: environment)
        session.waitFor("● rec")
        session.waitForVerdict()
        try session.type(":mark deployed it")
        try session.press("Enter")
        session.waitFor("Marked: deployed it")
        try session.type(":flush session")
        try session.press("Enter")
        session.waitFor("2 of 3 keys")
        try session.type("session")
        session.waitFor("Enter removes 2 keys")
        try session.press("Enter")
        session.waitFor("done: 2 keys")
        try session.press("Escape")
        let before = try lines().count
        eventually("it goes on") { (try? lines().count).map { $0 > before + 3 } ?? false }
        try session.press("q")
        eventually("it ends") { session.hasEnded }
        #expect(try lines().last.map(Self.kind) == "end")
        let acts = try lines().filter { Self.kind($0) == "action" }
        #expect(
            acts.count == 2 && acts.allSatisfy { $0.contains("\"action\":\"flush\",\"scope\":\"session\"") }, "\(acts)")
        let done = try bundle(["-o", folder + "/b.tgz"])
        #expect(done.status == 0, "\(done.errors)")
        let told = try String(contentsOfFile: try unpack(folder + "/b.tgz") + "/acts.txt", encoding: .utf8)
        for words in [
            "MARK deployed it", "flush session begun\n", "flush session done\n", "    removed: 2\n", "    user: ",
        ] {
            #expect(told.contains(words), "\(words): \(told)")
        }
        let replayed = try TmuxSession("\(Program.cachewatch) replay \(recording)")
        #expect(replayed.waitFor("Act: flush session done: "))
        try replayed.press("q")
        eventually("it ends") { replayed.hasEnded }
    }
}
