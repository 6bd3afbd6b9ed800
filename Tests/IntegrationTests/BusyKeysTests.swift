import CacheModel
import Foundation
import Support
import NIOConcurrencyHelpers
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Keys that somebody writes to while they are flushed.
@Suite struct BusyKeysTests {
    /// Counts up every counter again and again; what was acknowledged has to be somewhere.
    private final class Writer: Sendable {
        private let isStopped = NIOLockedValueBox(false)
        let counts: NIOLockedValueBox<[Int]>
        let keys: Int

        init(keys: Int) {
            self.keys = keys
            counts = NIOLockedValueBox([Int](repeating: 0, count: keys))
        }

        func stop() { isStopped.withLockedValue { $0 = true } }

        func run(on server: RedisServer) async throws {
            let line = Line(
                endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()),
                purpose: .serve, allowsWrites: true)
            while !isStopped.withLockedValue({ $0 }) {
                for start in stride(from: 0, to: keys, by: 50) where !isStopped.withLockedValue({ $0 }) {
                    let part = start..<min(keys, start + 50)
                    let script = Array("return redis.call('INCR', KEYS[1])".utf8)
                    let commands = part.map {
                        Command([Array("EVAL".utf8), script, Array("1".utf8), Array("session:\($0)".utf8)])
                    }
                    _ = try await line.pipeline(commands, deadline: .seconds(20))
                    counts.withLockedValue { counts in for index in part { counts[index] += 1 } }
                }
            }
            await line.close()
        }
    }

    /// - Returns: by counter, what is on the server now.
    private func values(_ server: RedisServer, keys: Int) throws -> [Int] {
        let text = try server.cli(["MGET"] + (0..<keys).map { "session:\($0)" })
        return text.split(separator: "\n", omittingEmptySubsequences: false).prefix(keys).map { Int($0) ?? 0 }
    }

    /// - Returns: by counter, the sum of what a journal holds: one may have been removed twice, and begun anew between.
    private func journalled(
        _ path: String, keys: Int, through software: RedisServer.Software
    ) async throws -> [Int] {
        let server = try RedisServer(software: software)
        let line = Line(
            endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()),
            purpose: .serve, allowsWrites: true)
        let reader = try JournalReader(try JournalReader.check(path: path), newestFirst: false)
        var sums = [Int](repeating: 0, count: keys)
        while let block = try reader.next() {
            for entry in block.entries {
                let commands = [
                    Command([Array("UNLINK".utf8), entry.key]),
                    Command([Array("RESTORE".utf8), entry.key, Array("0".utf8), try #require(entry.dump)]),
                    Command([Array("GET".utf8), entry.key]),
                ]
                let replies = try await line.pipeline(commands, deadline: .seconds(20))
                let index = try #require(Int(String(decoding: entry.key.dropFirst("session:".count), as: UTF8.self)))
                sums[index] += try #require(Int(String(decoding: try replies[2].bytes, as: UTF8.self)))
            }
        }
        await line.close()
        return sums
    }

    @Test(arguments: RedisServer.Software.allCases)
    func noWriteIsLost(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        let keys = 1500
        try server.cli("EVAL", "for i=0,\(keys - 1) do redis.call('SET', 'session:'..i, 0) end", "0")
        let operations = try operations(server)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        let writer = Writer(keys: keys)
        let writing = Task { try await writer.run(on: server) }
        let control = SweepControl()
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .gentle, control: control)
        writer.stop()
        try await writing.value
        #expect(receipt.comparesWrites)
        #expect(receipt.removed > 0)
        let now = try values(server, keys: keys)
        let before = try await journalled(try #require(receipt.journal), keys: keys, through: software)
        let counts = writer.counts.withLockedValue { $0 }
        let lost = (0..<keys).filter { counts[$0] > now[$0] + before[$0] }
        #expect(lost.isEmpty, "\(lost.count) of \(keys), \(receipt.removed) removed")
    }

    /// `MEMORY USAGE` looks at five elements: the hash looks small and its copy is too large for a reply.
    @Test func aHashThatLooksSmallStaysAndIsNamed() async throws {
        let server = try RedisServer()
        try server.cli(
            "EVAL",
            """
            for i=1,600 do redis.call('HSET', 'session:mixed', 'f'..i, 'small') end
            for i=1,3 do redis.call('HSET', 'session:mixed', 'big'..i, string.rep('x', 25*1024*1024)) end
            for i=1,100 do redis.call('SET', 'session:'..i, 'x') end
            """, "0")
        let operations = try operations(server)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(receipt.outcome == .done)
        #expect(receipt.kept == ["session:mixed"] && receipt.removed == 100)
        #expect(try server.cli("EXISTS", "session:mixed").hasPrefix("1"))
    }

    /// Without scripts nothing can be compared; the receipt says so.
    @Test func withoutScriptsTheReceiptSaysWhatItCannotPromise() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        try server.cli("ACL", "SETUSER", "hand", "on", ">pw", "~*", "+@all", "-@scripting")
        let operations = try operations(server, url: "unix://hand:pw@" + server.socket)
        let plan = try await operations.plan(flush: "session", acts: true, pace: .fast, control: SweepControl())
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(receipt.removed == 1 && !receipt.comparesWrites)
        #expect(OperationWords.receipt(receipt).contains { $0.contains("+eval") })
        #expect(try await operations.undo(try #require(receipt.journal), control: SweepControl()).restored == 1)
    }

    @Test func undoThatRunsOutOfMemorySaysSo() async throws {
        let server = try RedisServer()
        try server.cli("EVAL", "for i=1,50 do redis.call('SET', 'session:'..i, string.rep('x', 200000)) end", "0")
        let operations = try operations(server)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(receipt.removed == 50)
        let used = try server.cli("INFO", "memory").split(separator: "\r\n").first { $0.hasPrefix("used_memory:") }
        let bytes = try #require(used.flatMap { Int($0.dropFirst("used_memory:".count)) })
        try server.cli("CONFIG", "SET", "maxmemory", String(bytes + 3_000_000))
        let undone = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        guard case .stopped(let words) = undone.outcome else {
            Issue.record("\(undone)")
            return
        }
        #expect(words.contains("out of memory (OOM)") && !words.contains("reachable"), "\(words)")
        #expect(undone.restored < 50)
        try server.cli("CONFIG", "SET", "maxmemory", "0")
        let again = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        #expect(again.restored + again.existing == 50 && again.existing >= undone.restored)
    }
}
