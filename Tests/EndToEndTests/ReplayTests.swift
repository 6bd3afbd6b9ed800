import Foundation
import Support
import Testing

/// `cachewatch replay`: what was seen is seen again.
@Suite struct ReplayTests {
    private let server: RedisServer
    private var path: String { server.folder.path + "/R" }
    private var environment: [String: String] { ["REDIS_URL": "", "XDG_STATE_HOME": server.folder.path + "/state"] }

    init() throws {
        server = try RedisServer()
        try server.cli("MSET", "session:1", "x", "product:1", "x")
    }

    /// - Returns: what `--once` has printed of the last snapshot that is recorded.
    private func record(_ words: [String] = [], watching time: String = "1s") throws -> (text: String, status: Int32) {
        let result = try Program.run(
            [
                Program.cachewatch, "--once", "--quiet", "--watch-for", time, "--interval", "0.2", "--format", "json",
                "--record", path, "--url", server.socketURL,
            ] + words, environment: environment)
        return (result.output, result.status)
    }

    private func replay(_ words: [String]) throws -> (output: String, errors: String, status: Int32) {
        let result = try Program.run([Program.cachewatch, "replay"] + words, environment: environment)
        return (result.output, result.errors, result.status)
    }

    private var file: String {
        get throws {
            try #require(try FileManager.default.contentsOfDirectory(atPath: path).first.map { "\(path)/\($0)" })
        }
    }

    /// All that there is, while somebody may write it.
    private var recorded: String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().compactMap { try? String(contentsOfFile: "\(path)/\($0)", encoding: .utf8) }.joined()
    }

    /// Without the commands of a shell, which name the server as it was named then.
    ///
    /// - Parameter without: what is recorded less often than it is looked at.
    private static func document(_ text: String, without member: String? = nil) throws -> NSDictionary {
        var document = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        document["alerts"] = (document["alerts"] as? [[String: Any]])?.map { $0.filter { $0.key != "commands" } }
        if let member { #expect(document.removeValue(forKey: member) is [String: Any]) }
        return document as NSDictionary
    }

    @Test(arguments: [[], ["--estimate"], ["--clients"]]) func onceSaysWhatOnceSaid(words: [String]) throws {
        let then = try record(words)
        let now = try replay([path, "--once", "--format", "json"])
        // Looks at clients are recorded ten seconds apart.
        let rarer = words == ["--clients"] ? "clients" : nil
        let (left, right) = try (
            Self.document(now.output, without: rarer), Self.document(then.text, without: rarer)
        )
        #expect(left == right, "\(now.errors)")
        #expect(now.status == then.status)
    }

    @Test func everyFormatIsPrinted() throws {
        _ = try record(["--estimate"])
        for (format, words) in [("text", "session"), ("prometheus", "# HELP"), ("svg", "PAUSED")] {
            let printed = try replay([path, "--once", "--format", format])
            #expect(printed.output.contains(words), "\(format): \(printed.errors)")
        }
    }

    @Test func timesAreFound() throws {
        _ = try record()
        func taken(_ words: [String]) throws -> String {
            let document = try Self.document(try replay([path, "--once", "--format", "json"] + words).output)
            return try #require(document["taken_at"] as? String)
        }
        let (last, first) = (try taken([]), try taken(["--at", "-1h"]))
        #expect(first < last)
        let between = try taken(["--at", "2000-01-01T00:00Z"])
        #expect(between == first)
        #expect(try replay([path, "--once", "--at", "yesterday"]).status == 64)
    }

    /// Another time than the one that was asked for is said, and so is what cannot be read.
    @Test func whatIsNotWhatWasAskedForIsSaid() throws {
        _ = try record()
        #expect(try replay([path, "--once"]).errors.isEmpty)
        #expect(
            try replay([path, "--once", "--at", "2000-01-01T00:00Z"]).errors.contains(
                "nothing of it was recorded before"))
        #expect(try replay([path, "--once", "--at", "+1h"]).errors.contains("nothing was recorded at"))
        let (name, text) = (try file, recorded)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        try (lines.prefix(4) + ["garbage"] + lines.dropFirst(4)).joined(separator: "\n")
            .write(toFile: name, atomically: false, encoding: .utf8)
        #expect(try replay([path, "--once"]).errors.contains("1 unreadable line in "))
        try text.replacing(#""schema":1"#, with: #""schema":9"#).write(toFile: name, atomically: false, encoding: .utf8)
        #expect(try replay([path, "--once"]).errors.contains("a newer cachewatch has written it (schema 9)"))
    }

    /// Snapshots that a newer version has written in other words are passed over, and said.
    @Test func snapshotsThatCannotBeReadAreSaid() throws {
        _ = try record(watching: "3s")
        let (name, text) = (try file, recorded)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let snapshots = lines.indices.filter { lines[$0].contains(#""k":"snapshot""#) }
        try #require(snapshots.count > 3)
        for index in snapshots.dropFirst(2) {
            lines[index] = lines[index].replacing(#""database":0"#, with: #""database":"zero""#)
        }
        try lines.joined(separator: "\n").write(toFile: name, atomically: false, encoding: .utf8)
        let session = try TmuxSession("\(Program.cachewatch) replay \(path) --at +1h")
        eventually("the one before is shown: \(session.screen)") {
            session.screen.contains("cannot be read: this is the snapshot before it")
                && session.screen.contains("PAUSED")
        }
        try session.press("p")
        eventually("all of them are passed over: \(session.screen)") { session.screen.contains("END") }
        try session.press("q")
        eventually("it ends") { session.hasEnded }
    }

    /// An alert that was raised where nothing can be read is no wall: the next one is reached behind it.
    @Test func alertsBehindWhatCannotBeReadAreReached() throws {
        _ = try record(["--estimate"], watching: "3s")
        let (name, text) = (try file, recorded)
        let lines = text.split(separator: "\n").map(String.init)
        let alert = try #require(lines.first { $0.contains(#""k":"alert""#) && $0.contains(#""change":"raised""#) })
        func raised(_ id: String, _ words: String) -> String {
            alert.replacing("ttl-contract-broken", with: id)
                .replacing(#/"message":"[^"]*"/#, with: "\"message\":\"\(words)\"")
        }
        let header = try #require(lines.first { $0.contains(#""k":"header""#) })
        let snapshots = lines.filter { $0.contains(#""k":"snapshot""#) }
        try #require(snapshots.count >= 4)
        let unreadable = snapshots[1].replacing(#""database":0"#, with: #""database":"zero""#)
        let made = [
            header, snapshots[0], unreadable, raised("no-password", "the first of them"), snapshots[2], snapshots[3],
            raised("evicting", "the second of them"),
        ]
        try (made.joined(separator: "\n") + "\n").write(toFile: name, atomically: false, encoding: .utf8)
        let session = try TmuxSession("\(Program.cachewatch) replay \(path) --at -1h")
        session.waitForVerdict()
        for words in ["the first of them", "the second of them"] {
            try session.press("}")
            eventually("it is gone on to \(words): \(session.screen)") { session.screen.contains(words) }
        }
        try session.press("q")
        eventually("it ends") { session.hasEnded }
    }

    /// Two servers in one recording: the header says whose figures they are.
    @Test func anotherServerIsSaid() throws {
        _ = try record()
        let other = try RedisServer()
        let result = try Program.run(
            [
                Program.cachewatch, "--once", "--quiet", "--watch-for", "1s", "--interval", "0.2", "--record", path,
                "--url", other.socketURL,
            ], environment: environment)
        #expect(result.status < 2, "\(result.errors)")
        let session = try TmuxSession("\(Program.cachewatch) replay \(path) --at -1h", columns: 240, rows: 40)
        session.waitForVerdict()
        #expect(session.screen.contains(server.folder.path))
        try session.press("p")
        eventually("it is another one: \(session.screen)") {
            let screen = session.screen
            return screen.contains(other.folder.path) && !screen.contains(server.folder.path) && screen.contains("END")
        }
        try session.press("q")
        eventually("it ends") { session.hasEnded }
    }

    /// One that stood when a recorder died is not what the next one sees, in the same file.
    @Test func anAlertOfAnotherRunStandsNoMore() throws {
        let first = try record(["--estimate"])
        #expect(first.status == 1 && first.text.contains("ttl-contract-broken"))
        for key in ["session:1", "product:1"] { try server.cli("EXPIRE", key, "1000") }
        let second = try record(["--estimate"])
        #expect(second.status == 0)
        let now = try replay([path, "--once", "--format", "json"])
        #expect(try Self.document(now.output) == Self.document(second.text) && now.status == 0)
    }

    /// A torn line, zeroes, and lines of a newer version are passed over; what is no recording is said to be none.
    @Test func badInputIsPassedOverOrNamed() throws {
        _ = try record()
        let before = try replay([path, "--once", "--format", "json"]).output
        let handle = try #require(FileHandle(forWritingAtPath: try file))
        handle.seekToEndOfFile()
        handle.write(Data("{\"t\":1,\"m\":2,\"k\":\"dream\",\"x\":[]}\n\0\0\0\0\n{\"t\":1,\"k".utf8))
        try handle.close()
        #expect(try replay([path, "--once", "--format", "json"]).output == before)
        let foreign = try server.folder.write("hello\n", to: "foreign.jsonl")
        for (words, status) in [
            ([foreign, "--once"], 3), ([foreign], 1), ([path + "/nowhere", "--once"], 3), ([server.folder.path], 1),
        ] as [([String], Int32)] {
            let result = try replay(words)
            #expect(result.status == status && result.errors.hasPrefix("cachewatch: "), "\(words): \(result)")
        }
    }

    /// Whoever has written a file may be anybody.
    @Test func nothingOfAFileMovesACursor() throws {
        _ = try record()
        let text = try String(contentsOfFile: try file, encoding: .utf8)
        let hostile = text.replacing("\"message\":\"", with: "\"message\":\"\\u001b[2J\\u202e")
        #expect(hostile != text)
        try hostile.write(toFile: try file, atomically: true, encoding: .utf8)
        for format in ["text", "json", "prometheus", "svg"] {
            let printed = try replay([path, "--once", "--format", format]).output
            #expect(!printed.isEmpty && !printed.contains("\u{1b}") && !printed.contains("\u{202e}"), "\(format)")
        }
        #expect(try replay([path, "--once"]).output.contains("\\x1b[2J"))
    }

    /// What comes while somebody looks is shown as it comes, and where it is marked the mark is told, and bundled.
    @Test func whatIsStillRecordedIsFollowedAndMarked() throws {
        let child = try Child(
            [Program.cachewatch, "record", path, "--quiet", "--interval", "0.2", "--url", server.socketURL],
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
        defer { child.end() }
        eventually("it has begun") { recorded.contains("\"k\":\"snapshot\"") }
        let session = try TmuxSession("\(Program.cachewatch) replay \(path) --speed 60")
        session.waitFor("what comes is shown as it comes")
        try session.type(":mark deployed it")
        try session.press("Enter")
        session.waitFor(": deployed it")
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 0)
        session.waitFor("END")
        try session.type(":at -1h")
        try session.press("Enter")
        session.waitFor("Mark: deployed it")
        try session.press("q")
        eventually("it ends") { session.hasEnded }
        let bundle = server.folder.path + "/b.tar"
        #expect(try Program.run([Program.cachewatch, "bundle", path, "-o", bundle]).status == 0)
        let acts = try Program.run(["tar", "xOf", bundle, "--wildcards", "*/acts.txt", "*/marks.jsonl"]).output
        #expect(acts.contains("MARK deployed it") && acts.contains("\"k\":\"mark\""), "\(acts)")
    }

    /// Whoever seeks into an outage sees since when it is, and what the server had said before.
    @Test func withinAnOutageTheLastFiguresAreThere() throws {
        let child = try Child(
            [Program.cachewatch, "record", path, "--quiet", "--interval", "0.2", "--url", server.socketURL],
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
        defer { child.end() }
        eventually("it has begun") { recorded.components(separatedBy: "\"k\":\"snapshot\"").count > 5 }
        server.stop()
        eventually("it is unreachable, and stays so") {
            guard let raised = recorded.range(of: "\"change\":\"raised\",\"alert\":{\"id\":\"unreachable\"") else {
                return false
            }
            return recorded[raised.upperBound...].components(separatedBy: "\"k\":\"snapshot\"").count > 3
        }
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 0)
        let session = try TmuxSession("\(Program.cachewatch) replay \(path) --at 2099-01-01T00:00Z")
        session.waitFor("Unreachable")
        session.waitFor("down since")
        session.waitFor("as of")
        session.waitFor("noeviction")
        try session.press("q")
        eventually("it ends") { session.hasEnded }
    }

    /// Who is behind an alert is often known some polls after it was raised: that is a stop of its own.
    @Test func alertsAreStopsAndWhoIsBehindThem() throws {
        _ = try record()
        var lines = recorded.split(separator: "\n").map(String.init).filter { !$0.contains("\"k\":\"end\"") }
        let snapshot = try #require(lines.last { $0.contains("\"k\":\"snapshot\"") })
        let head = try #require(snapshot.firstMatch(of: /^{"t":([0-9]+),"m":([0-9]+)/))
        let (time, clock) = (try #require(Int(head.1)), try #require(Int(head.2)))
        let culprit =
            #""culprit":{"kind":"slow-query","name":"KEYS cart","words":"KEYS cart is it","short":"KEYS cart"}"#
        let changes = [
            1: ("raised", ""), 2: ("explained", #","evidence":["clients: 9"]"#), 3: ("explained", ",\(culprit)"),
            4: ("explained", #","evidence":["clients: 10"],\#(culprit)"#),
            5: ("changed", ",\(culprit.replacingOccurrences(of: "KEYS cart", with: "SORT product"))"),
        ]
        for minute in 1...6 {
            let now = "{\"t\":\(time + minute * 60_000),\"m\":\(clock + minute * 60_000)"
            lines.append(now + snapshot[head.range.upperBound...])
            guard let (change, rest) = changes[minute] else { continue }
            lines.append(
                now + #","k":"alert","change":"\#(change)","alert":{"id":"slow-queries","level":"warning","#
                    + #""message":"Slow queries: 12 in a minute","since":\#(time + 60_000)\#(rest)}}"#)
        }
        try (lines.joined(separator: "\n") + "\n").write(toFile: path + "/one", atomically: true, encoding: .utf8)
        // It stands still: what comes by itself would be passed before it is asked for.
        let session = try TmuxSession("\(Program.cachewatch) replay \(path)/one --at -1h")
        session.waitFor("PAUSED")
        try session.press("8")
        try session.type("}")
        session.waitFor("Slow queries: 12 in a minute")
        #expect(!session.screen.contains("KEYS cart"))
        try session.type("}")
        session.waitFor("12 in a minute · KEYS cart")
        try session.type("}")
        session.waitFor("12 in a minute · SORT product")
        try session.type("}")
        session.waitFor("No alert was raised, worse or explained after this")
        try session.type("{")
        session.waitFor("12 in a minute · KEYS cart")
        try session.type("{")
        eventually("it was not known then") { !session.screen.contains("KEYS cart") }
        #expect(session.screen.contains("Slow queries: 12 in a minute"))
        try session.press("q")
        eventually("it ends") { session.hasEnded }
    }

    @Test func dashboardGoesWhereItIsAsked() throws {
        _ = try record()
        try server.cli("CONFIG", "SET", "maxclients", "100")
        let session = try TmuxSession("\(Program.cachewatch) replay \(path)")
        session.waitFor("END")
        try session.press(",")
        session.waitFor("PAUSED")
        try eventually("nothing is done to a recording") {
            try session.type("F")
            return session.screen.contains("a recording, not a server")
        }
        try session.press("3")
        session.waitFor("A recording holds no keys")
        try session.type(":at -1h")
        session.waitFor(":at -1h")
        try session.press("Enter")
        try eventually("it is where it begins") {
            try session.press(",")
            return session.screen.contains("This is where the recording begins")
        }
        try session.press("p")
        session.waitFor("END")
        try session.press("q")
        eventually("it ends") { session.hasEnded }
    }
}
