import Foundation
import Glibc
import Support
import Testing

/// `on_alert`: a program of the operator's own hears of alerts.
@Suite struct OnAlertTests {
    private let server: RedisServer
    private var folder: String { server.folder.path }

    init() throws { server = try RedisServer(["--requirepass", "geheim"]) }

    private func settings(_ script: String?) throws -> String {
        if let script {
            let path = try server.folder.write("#!/bin/sh\n\(script)\n", to: "page")
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        }
        return try server.folder.write(
            """
            [cachewatch]
            on_alert = ["\(folder)/page", "\(folder)"]
            interval = 0.2
            [cachewatch.alerts]
            hold = 0
            clear = 0
            """, to: "c.toml")
    }

    private var environment: [String: String] {
        ["REDIS_URL": server.socketURL, "REDIS_PASSWORD": "geheim", "XDG_STATE_HOME": folder + "/state"]
    }

    private func record(_ config: String) throws -> Child {
        try Child(
            [Program.cachewatch, "record", folder + "/R", "--config", config], errors: folder + "/errors",
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
    }

    private func text(_ name: String) -> String {
        (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
    }

    private func memory(_ limit: String) throws {
        try server.cli("-a", "geheim", "--no-auth-warning", "CONFIG", "SET", "maxmemory", limit)
    }

    /// Events of one kind of alert, with the lines they came in.
    private func told(_ id: String) throws -> [(event: String, line: [String: Any])] {
        try text("told").split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap { line in
            let document = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            return document["id"] as? String == id ? (try #require(document["event"] as? String), document) : nil
        }
    }

    @Test func itHearsWhatIsRaisedAndWhatIsCleared() throws {
        let child = try record(try settings("cat >>\"$1/told\"; env >>\"$1/env\""))
        eventually("it is recorded") { text("errors").contains("connected") }
        try memory("1")
        try eventually("it is raised") { try told("memory-high").map(\.event) == ["raised"] }
        try memory("0")
        try eventually("it is cleared") { try told("memory-high").map(\.event) == ["raised", "cleared"] }
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 0)
        let line = try #require(try told("memory-high").first?.line)
        #expect(line["level"] as? String == "critical" && (line["remedy"] as? [String])?.isEmpty == false)
        #expect((line["target"] as? String)?.contains("***") == true)
        #expect(!text("env").isEmpty && !text("env").contains("geheim") && !text("told").contains("geheim"))
    }

    @Test func oneThatFailsIsSaidOnceAndOneThatHangsHoldsUpNobody() throws {
        let child = try record(try settings("cat >>\"$1/told\"; echo no route >&2; exit 7"))
        eventually("it is recorded") { text("errors").contains("connected") }
        for number in 1...2 {
            try memory("1")
            try eventually("it is told") { try told("memory-high").count == 2 * number - 1 }
            try memory("0")
            try eventually("and its end") { try told("memory-high").count == 2 * number }
        }
        _ = try settings("echo $$ >\"$1/pid.part\"; mv \"$1/pid.part\" \"$1/pid\"; sleep 1000")
        try memory("1")
        eventually("it hangs") { !text("pid").isEmpty }
        let begin = ContinuousClock.now
        kill(child.pid, SIGTERM)
        #expect(child.wait() == 0)
        #expect(ContinuousClock.now - begin < .seconds(5))
        eventually("it is gone") { Int32(text("pid").dropLast()).map { kill($0, 0) != 0 } ?? false }
        let lines = text("errors").split(separator: "\n").filter { $0.contains("on_alert") }
        #expect(lines.count == 2 && lines[0].contains("has failed with 7: no route"), "\(lines)")
        #expect(lines.last?.contains("not told of") == true, "\(lines)")
    }

    /// A look is no watch: what it finds is its status.
    @Test func onceTellsNobody() throws {
        let config = try settings("cat >>\"$1/told\"")
        try memory("1")
        let result = try Program.run(
            [Program.cachewatch, "--once", "--watch-for", "500ms", "--config", config], environment: environment)
        #expect(result.status == 2 && text("told").isEmpty)
    }

    @Test func theDashboardSaysThatItCannotBeStarted() throws {
        let config = try settings(nil)
        let session = try TmuxSession(
            "REDIS_URL=\(server.socketURL) REDIS_PASSWORD=geheim \(Program.cachewatch) --config \(config)")
        session.waitFor("on_alert")
        try session.press("q")
        eventually("it ends") { session.hasEnded }
    }

    @Test func theDashboardTellsIt() throws {
        let config = try settings("cat >>\"$1/told\"")
        let session = try TmuxSession(
            "REDIS_URL=\(server.socketURL) REDIS_PASSWORD=geheim \(Program.cachewatch) --config \(config)")
        session.waitFor("healthy")
        try memory("1")
        try eventually("it is raised") { try told("memory-high").map(\.event) == ["raised"] }
        try session.press("q")
        eventually("it ends") { session.hasEnded }
    }
}
