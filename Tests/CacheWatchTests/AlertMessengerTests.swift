import CacheModel
import Foundation
import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheWatch

/// Programs of operators, and what becomes of them.
@Suite struct AlertMessengerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func program(_ script: String, mode: Int = 0o700) throws -> String {
        let path = try folder.write("#!/bin/sh\ncd '\(folder.path)'\n\(script)\n", to: "page")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    private func text(_ name: String) -> String {
        (try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)) ?? ""
    }

    private func start(
        _ words: [String], environment: [String: String] = ["PATH": "/usr/bin:/bin"], deadline: Duration = .seconds(60)
    ) throws -> AlertMessenger {
        try #require(AlertMessenger.start(words, environment: environment, deadline: deadline))
    }

    @Test func eachIsToldOneAfterTheOtherWithArgumentsAsTheyAre() async throws {
        let messenger = try start([
            try program("mkdir only || echo two >>bad; cat >>told; printf '%s\\n' \"$@\" >>args; rmdir only"),
            "$HOME; x", "",
        ])
        for number in 1...5 { #expect(messenger.put("{\"n\": \(number)}\n")) }
        happens("all are told") { text("told").split(separator: "\n").count == 5 }
        happens("the last one has ended") { !FileManager.default.fileExists(atPath: folder.path + "/only") }
        #expect(text("told") == (1...5).map { "{\"n\": \($0)}\n" }.joined() && text("bad").isEmpty)
        #expect(text("args").hasPrefix("$HOME; x\n\n"))
        #expect(await messenger.end() == nil)
        #expect(!messenger.put("late"))
    }

    @Test func secretsOfOursAreNotPassedOn() async throws {
        let variables = [
            "REDIS_URL": "redis://:pw@h", "REDIS_PASSWORD": "pw", "REDISCLI_AUTH": "pw", "KEPT": "1",
            "PATH": "/usr/bin:/bin",
        ]
        let messenger = try start([try program("env >env.part; mv env.part env")], environment: variables)
        #expect(messenger.put("x"))
        happens("it has run") { !text("env").isEmpty }
        #expect(text("env").contains("KEPT=1") && !text("env").contains("pw"))
        _ = await messenger.end()
    }

    /// More than a pipe holds, and a program that reads none of it.
    @Test func whatNobodyReadsHoldsUpNobody() async throws {
        let messenger = try start([try program("exec <&-; echo done >>told")])
        for _ in 0..<2 { #expect(messenger.put(String(repeating: "x", count: 1 << 20))) }
        happens("both are told") { text("told") == "done\ndone\n" }
        #expect(await messenger.end() == nil)
        let reader = try start([try program("wc -c >size.part; mv size.part size")])
        #expect(reader.put(String(repeating: "x", count: 1 << 20)))
        happens("all was read") { text("size").trimmingCharacters(in: .whitespacesAndNewlines) == "1048576" }
        _ = await reader.end()
    }

    private func happens(_ what: String, _ condition: () -> Bool) { eventually(what, condition) }

    private func isThere(_ pid: String) -> Bool {
        Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines)).map { kill($0, 0) == 0 } ?? false
    }

    private static let hanging = "sleep 1000 & echo $! >child.part; mv child.part child; sleep 1000"

    @Test func oneThatHangsIsEndedWithAllThatItHasStarted() async throws {
        let messenger = try start([try program(Self.hanging)], deadline: .seconds(3))
        #expect(messenger.put("x"))
        var words = messenger.complaints.makeAsyncIterator()
        #expect(await words.next()?.contains("did not end within 3.0 s") == true)
        let child = text("child")
        happens("what it has started is gone, too") { !child.isEmpty && !isThere(child) }
        _ = await messenger.end()
    }

    @Test func leavingWaitsForNobody() async throws {
        let messenger = try start([try program(Self.hanging)])
        for _ in 0..<3 { #expect(messenger.put("x")) }
        happens("it runs") { !text("child").isEmpty }
        let begin = ContinuousClock.now
        #expect(await messenger.end()?.contains("not told of 3 alerts") == true)
        #expect(ContinuousClock.now - begin < .seconds(5))
        happens("it is gone") { !isThere(text("child")) }
    }

    @Test func aFailureIsToldOnceAndTellingGoesOn() async throws {
        let path = try program("echo first >&2; echo no route >&2; cat >>told; exit 3")
        let messenger = try start([path])
        var words = messenger.complaints.makeAsyncIterator()
        for number in 0..<3 { #expect(messenger.put("\(number)\n")) }
        #expect(await words.next()?.contains("has failed with 3: no route") == true)
        happens("all are told") { text("told") == "0\n1\n2\n" }
        _ = await messenger.end()
        #expect(await words.next() == nil)
    }

    @Test func whatCannotBeStartedIsSaidBeforeTheFirstAlert() async throws {
        let plain = try program("", mode: 0o600)
        for (path, word) in [
            ("/nowhere/page", "No such file"), (plain, "Permission denied"), (folder.path, "not a file"),
        ] {
            // Whoever may do everything may not run what is no program either.
            let messenger = try start([path])
            var words = messenger.complaints.makeAsyncIterator()
            #expect(await words.next()?.contains(word) == true, "\(path)")
            #expect(messenger.put("x"))
            _ = await messenger.end()
            #expect(await words.next() == nil, "it is said once")
        }
        #expect(AlertMessenger.start([], environment: [:]) == nil)
    }

    @Test func aScriptWithoutItsFirstLineIsNamed() async throws {
        let path = try folder.write("echo hello\n", to: "plain")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        let messenger = try start([path])
        #expect(messenger.put("x"))
        var words = messenger.complaints.makeAsyncIterator()
        #expect(await words.next()?.contains("#!") == true)
        _ = await messenger.end()
    }
}
