import CacheModel
import Foundation
import Glibc
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct KillTests {
    /// Killed at any instant, every key is in the server or in the journal.
    @Test func nothingIsLostWhenAFlushIsKilled() async throws {
        let server = try RedisServer()
        let all = 1500
        let names = Set((1...all).map { "session:\($0)" })
        try server.cli(
            "EVAL",
            """
            for i=1,\(all) do redis.call('SET', 'session:'..i, string.rep('x', i % 200), 'EX', 5000) end
            for i=1,400 do redis.call('SET', 'product:'..i, 'y') end
            """, "0")
        var generator = SeededGenerator(seed: 17)
        var inTheMiddle = 0
        // A kill that always comes too early or too late shows nothing: on a busy machine some more are needed.
        for round in 0..<300 where round < 50 || inTheMiddle < 5 {
            let journal = server.folder.path + "/journal-\(round)"
            let child = try Child(
                [
                    Program.cachewatch, "flush", "session", "--yes", "--journal", journal, "--url", server.socketURL,
                    "--pace", round % 2 == 0 ? "gentle" : "fast",
                ], output: "/dev/null", errors: server.folder.path + "/errors",
                environment: ["XDG_STATE_HOME": server.folder.path + "/state", "HOME": server.folder.path])
            try eventually("the journal begins") { () throws -> Bool in access(journal, F_OK) == 0 }
            // From at once to about the end.
            poll(nil, 0, Int32.random(in: 0...(round % 2 == 0 ? 120 : 40), using: &generator))
            child.signal(SIGKILL)
            _ = child.wait()

            let present = try Set(sessions(server))
            var journalled: Set<String> = []
            let reader = try? JournalReader(path: journal)
            while let block = try reader?.next() {
                journalled.formUnion(block.entries.map { String(decoding: $0.key, as: UTF8.self) })
            }
            let lost = names.subtracting(present).subtracting(journalled)
            #expect(lost.isEmpty, "round \(round): \(lost.count) are lost: \(lost.sorted().prefix(10))")
            if !present.isEmpty, present.count < all { inTheMiddle += 1 }
            guard reader != nil else { continue }
            let undone = try await operations(server).undo(journal, pace: .fast, control: SweepControl())
            #expect(undone.failed == 0 && undone.verified == undone.restored)
            #expect(try sessions(server).count == all)
        }
        #expect(try server.cli("DBSIZE").hasPrefix("\(all + 400)"))
        #expect(inTheMiddle >= 5, "\(inTheMiddle) kills were in the middle")
    }

    private func sessions(_ server: RedisServer) throws -> [String] {
        try server.cli("KEYS", "session:*").split(whereSeparator: \.isNewline).map(String.init)
    }
}
