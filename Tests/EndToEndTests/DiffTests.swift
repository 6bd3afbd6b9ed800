import Foundation
import Support
import Testing

/// `--once --diff`: what is now beside what was.
@Suite struct DiffTests {
    private let server: RedisServer
    private var folder: String { server.folder.path }
    private var environment: [String: String] { ["REDIS_URL": "", "XDG_STATE_HOME": folder + "/state"] }

    init() throws {
        server = try RedisServer()
        try server.cli("MSET", "session:1", "x", "product:1", "x")
    }

    private func once(_ words: [String]) throws -> Program.Result {
        try Program.run(
            [Program.cachewatch, "--once", "--quiet", "--url", server.socketURL] + words, environment: environment)
    }

    private func document(_ words: [String] = [], to name: String = "before.json") throws -> String {
        let path = "\(folder)/\(name)"
        #expect(try once(["--format", "json", "--output", path] + words).errors.isEmpty)
        return path
    }

    private func diff(_ text: String) throws -> [String: Any] {
        let document = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        return try #require(document["diff"] as? [String: Any])
    }

    @Test func whatHasChangedIsToldAndWhatHasNotIsTheSame() throws {
        let before = try document(["--estimate"])
        let same = try once(["--diff", before])
        #expect(same.status == 0 && same.output.hasPrefix("THE SAME"), "\(same)")
        #expect(!same.output.contains("all the same"), "the keys are looked at as they were then")
        try server.cli("CONFIG", "SET", "maxmemory", "100mb")
        for id in 0..<40 { try server.cli("SET", "session:new\(id)", "x") }
        let text = try once(["--diff", before])
        #expect(text.status == 1 && text.output.hasPrefix("NOT THE SAME"), "\(text)")
        let changes = try diff(try once(["--diff", before, "--format", "json"]).output)
        #expect(changes["result"] as? String == "different" && changes["deployment"] as? String == "same")
        let found = try #require(changes["differences"] as? [[String: Any]])
        let names = found.map { "\($0["subject"] as? String ?? "") \($0["name"] as? String ?? "")" }
        #expect(names.contains { $0.hasSuffix(" maxmemory") } && names.contains("session keys"), "\(names)")
        let session = try #require(found.first { $0["subject"] as? String == "session" })
        #expect(session["was"] as? Int == 1 && session["is"] as? Int == 41 && session["change"] as? Int == 40)
    }

    @Test func whatNobodyHasLookedAtIsNotKnown() throws {
        let before = try document()
        #expect(try once(["--diff", before]).status == 0)
        let result = try once(["--diff", before, "--estimate"])
        #expect(result.status == 3 && result.output.contains("nobody has looked at the keys"), "\(result)")
    }

    @Test func aRecordingIsComparedAtItsTime() throws {
        let path = folder + "/R"
        // It is the recording that it is compared with itself.
        let first = try once(["--record", path, "--diff", "\(path)@-1m"])
        #expect(first.status == 0 && first.output.contains("nothing of it was recorded before"), "\(first)")
        try server.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        for words in [[], ["--format", "json"]] {
            let result = try once(["--diff", "\(path)@-0s"] + words)
            #expect(result.status == 1 && result.output.contains("maxmemory-policy"), "\(result)")
        }
        let replayed = try Program.run(
            [Program.cachewatch, "replay", path, "--once", "--diff", "\(path)@-1m"], environment: environment)
        #expect(replayed.status == 0, "\(replayed)")
    }

    /// What was recorded of it goes before what was recorded of others in the same folder.
    @Test func anotherDeploymentIsNamed() throws {
        let (path, other) = (folder + "/R", try RedisServer())
        for server in [other, server] {
            _ = try Program.run(
                [Program.cachewatch, "--once", "--quiet", "--url", server.socketURL, "--record", path],
                environment: environment)
        }
        #expect(try once(["--diff", "\(path)@-1h"]).status == 0)
        let third = try RedisServer()
        let result = try Program.run(
            [Program.cachewatch, "--once", "--url", third.socketURL, "--diff", "\(path)@-1h"], environment: environment)
        #expect(result.status == 1 && result.output.contains("Another deployment"), "\(result)")
    }

    @Test func anAnswerThatIsMissingIsADifference() throws {
        let before = try document()
        server.stop()
        let result = try once(["--diff", before])
        #expect(result.status == 1 && result.output.contains("answers"), "\(result)")
        let after = try document(to: "after.json")
        #expect(try once(["--diff", after]).status == 0)
    }

    @Test func badFilesAreNamed() throws {
        let before = try document()
        let text = try String(contentsOfFile: before, encoding: .utf8)
        let recording = folder + "/R"
        _ = try once(["--record", recording])
        let huge = folder + "/huge"
        #expect(try Program.run(["truncate", "-s", "2G", huge]).status == 0)
        let cases: [(String, Int32, String)] = [
            (try server.folder.write(String(text.prefix(500)), to: "torn"), 3, "not whole"),
            (try server.folder.write("", to: "empty"), 3, "not a document"),
            (try server.folder.write("hello", to: "foreign"), 3, "not a document"),
            (try server.folder.write("{}", to: "none"), 3, "no schema"),
            (huge, 3, "larger than 16 MiB"), ("/dev/zero", 3, "larger than 16 MiB"),
            (folder + "/nothing", 3, "no such file"), (folder + "/nothing@-1m", 3, "No such file"),
            ("\(before)@-1m", 3, "is not a recording"), (recording, 64, "say of when"),
            ("\(recording)@yesterday", 64, "behind @ is a time"),
        ]
        for (path, status, words) in cases {
            let result = try once(["--diff", path])
            #expect(result.status == status && result.errors.contains(words), "\(path): \(result)")
            #expect(result.output.isEmpty)
        }
    }

    @Test func aDiffThatNobodyGotIsNotKnown() throws {
        let before = try document()
        let result = try Program.run(
            [
                "sh", "-c", "exec \"$0\" \"$@\" >/dev/full", Program.cachewatch, "--once", "--url", server.socketURL,
                "--diff", before,
            ],
            environment: environment)
        #expect(result.status == 3 && result.errors.contains("standard output cannot be written"))
        let piped = try Program.run(
            [
                "sh", "-c", "exec \"$0\" \"$@\" --diff - <\(before)", Program.cachewatch, "--once", "--url",
                server.socketURL,
            ],
            environment: environment)
        #expect(piped.status == 0, "\(piped)")
    }
}
