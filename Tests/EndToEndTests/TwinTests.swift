import Foundation
import Support
import Testing

/// `--twin`, `--twin-url` and `:twin` as typed, on the built program.
@Suite struct TwinTests {
    private let server: RedisServer
    private var path: String { server.folder.path + "/R" }

    init() throws {
        server = try RedisServer()
        let recorded = try Program.run([
            Program.cachewatch, "--once", "--quiet", "--watch-for", "2s", "--interval", "0.2", "--record", path,
            "--url", server.socketURL,
        ])
        #expect(recorded.status < 3, "\(recorded.errors)")
    }

    private func open(_ words: String) throws -> TmuxSession {
        try TmuxSession("\(Program.cachewatch) \(words); echo ended with $?")
    }

    private func type(_ text: String, into session: TmuxSession) throws {
        try session.type(":" + text)
        session.waitFor("\n:" + text)
        try session.press("Enter")
    }

    @Test func aRecordingStandsBesideItself() throws {
        let session = try open("replay \(path) --at -0.1s --twin \(path)@-1s")
        session.waitFor("1 s before")
        session.waitFor("±0 %")
        try type("twin off", into: session)
        session.waitFor("Nothing is compared any more")
        // Another time of what is played needs no name.
        try type("twin -1s", into: session)
        session.waitFor("twin 1 s before")
        try type("twin -1h", into: session)
        session.waitFor("twin: nothing recorded at")
        try session.press("q")
        session.waitFor("ended with 0")
    }

    /// One that has nothing of this time of any day is there, and a time of it can be chosen.
    @Test func aTimeIsChosenWhereNoneIsTheSame() throws {
        let copy = server.folder.path + "/copy"
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        let session = try open("replay \(path) --at -0.1s --twin \(copy)")
        session.waitFor("twin: no time of it is chosen")
        try type("twin -1s", into: session)
        session.waitFor("twin 1 s before")
        try session.press("q")
        session.waitFor("ended with 0")
    }

    @Test func aRecordingStandsBesideAServer() throws {
        let session = try open("--url \(server.socketURL) --twin \(path)@-1s")
        session.waitForVerdict()
        session.waitFor("twin")
        try session.press("q")
        session.waitFor("ended with 0")
    }

    @Test func aServerStandsBesideAServer() throws {
        let other = try RedisServer()
        let session = try open("--url \(server.socketURL) --twin-url \(other.socketURL)")
        session.waitFor("twin unix://")
        session.waitFor("±0 %")
        other.stop()
        session.waitFor("twin: ")
        try other.restart()
        session.waitFor("twin unix://")
        try session.press("q")
        session.waitFor("ended with 0")
    }

    @Test func whatCannotBeATwinIsSaidAtOnce() throws {
        let foreign = try server.folder.write("hello\n", to: "foreign.jsonl")
        for (words, status) in [
            (["--twin", "/nowhere/at/all"], 1), (["--twin", foreign], 1), (["--twin-url", "http://x"], 64),
            (["--twin", path, "--twin-url", server.socketURL], 64), (["--once", "--twin", path], 64),
        ] as [([String], Int32)] {
            let result = try Program.run(
                [Program.cachewatch, "--url", server.socketURL] + words,
                environment: ["XDG_STATE_HOME": server.folder.path])
            #expect(result.status == status, "\(words): \(result.errors)")
        }
    }
}
