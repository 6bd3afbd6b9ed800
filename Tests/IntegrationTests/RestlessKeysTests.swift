import CacheModel
import Foundation
import Glibc
import Support
import NIOConcurrencyHelpers
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// A flush beside an application that writes values and times to live and deletes keys, killed at any instant: what undo
/// makes of it is what the application has left.
@Suite struct RestlessKeysTests {
    /// What the application knows of a key.
    private struct Life: Equatable {
        var value: Int
        /// Unix milliseconds; nil for never.
        var expiry: Int64?
    }

    /// Writes to keys that are there, deletes them, and creates those anew that are not there.
    ///
    /// A key that it creates where the flush has removed it, it does not delete any more: of what nobody has met in between
    /// nobody can know. What it has deleted itself it creates and deletes as often as it likes.
    private final class Application: Sendable {
        private struct Known {
            var lives: [Life?]
            /// Created where the flush had removed them.
            var renewed: Set<Int> = []
        }

        private let known: NIOLockedValueBox<Known>
        private let isStopped = NIOLockedValueBox(false)
        private let seed: UInt64

        /// ARGV: for each key what is done, and to what.
        private static let script = Array(
            """
            local said = {}
            for i, key in ipairs(KEYS) do
              local what, to = ARGV[2 * i - 1], ARGV[2 * i]
              if what == 'new' then
                said[i] = redis.call('EXISTS', key) == 0 and '1' or '0'
                if said[i] == '1' then redis.call('SET', key, to) end
              elseif redis.call('EXISTS', key) == 0 then said[i] = '0'
              else
                if what == 'value' then redis.call('SET', key, to, 'KEEPTTL')
                elseif what == 'ttl' then redis.call('PEXPIREAT', key, to)
                elseif what == 'persist' then redis.call('PERSIST', key)
                else redis.call('DEL', key) end
                said[i] = '1'
              end
            end
            return table.concat(said)
            """.utf8)

        init(keys: Int, seed: UInt64, now: Int64) {
            self.seed = seed
            known = NIOLockedValueBox(
                Known(
                    lives: (0..<keys).map {
                        Life(value: $0, expiry: $0 % 3 == 0 ? nil : now + 5_000_000 + Int64($0))
                    }))
        }

        var left: [Life?] { known.withLockedValue { $0.lives } }
        /// How many keys it has created anew where the flush had removed them.
        var renewed: Int { known.withLockedValue { $0.renewed.count } }
        func stop() { isStopped.withLockedValue { $0 = true } }

        func fill(_ server: RedisServer) async throws {
            let line = try Self.line(server)
            let commands = left.enumerated().map { index, life -> Command in
                let expiry = life?.expiry.map { ["PXAT", String($0)] } ?? []
                return Command(
                    (["SET", "session:\(index)", String(life?.value ?? 0)] + expiry).map { Array($0.utf8) })
            }
            _ = try await line.pipeline([Command("FLUSHALL")] + commands, deadline: .seconds(20))
            await line.close()
        }

        static func line(_ server: RedisServer) throws -> Line {
            Line(
                endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()),
                purpose: .serve, allowsWrites: true)
        }

        func run(on server: RedisServer) async throws {
            let line = try Self.line(server)
            var generator = SeededGenerator(seed: seed)
            let keys = left.count
            while !isStopped.withLockedValue({ $0 }) {
                let renewed = known.withLockedValue { $0.renewed }
                // Each key once in a call: what becomes of one is known before it is deleted.
                let indices = Set((0..<7).map { _ in Int.random(in: 0..<keys, using: &generator) }).sorted()
                let picks = indices.map { index -> (index: Int, what: String, to: String) in
                    let what = Int.random(in: 0..<14, using: &generator)
                    let deletion = what == 9 && !renewed.contains(index) ? "del" : "ttl"
                    return (
                        index,
                        what < 4 ? "value" : what < 8 ? "ttl" : what < 9 ? "persist" : what < 12 ? deletion : "new",
                        what < 4 || what >= 12
                            ? String(Int.random(in: 0..<1_000_000, using: &generator))
                            : String(
                                WallTime.now.milliseconds + Int64.random(in: 3_000_000...9_000_000, using: &generator))
                    )
                }
                var words = [Array("EVAL".utf8), Self.script, Array(String(picks.count).utf8)]
                words += picks.map { Array("session:\($0.index)".utf8) }
                words += picks.flatMap { [Array($0.what.utf8), Array($0.to.utf8)] }
                let digits = try await line.pipeline([Command(words)], deadline: .seconds(20))[0].bytes
                known.withLockedValue { known in
                    for (pick, digit) in zip(picks, digits) where digit == UInt8(ascii: "1") {
                        switch pick.what {
                        case "value": known.lives[pick.index]?.value = Int(pick.to) ?? -1
                        case "ttl": known.lives[pick.index]?.expiry = Int64(pick.to)
                        case "persist": known.lives[pick.index]?.expiry = nil
                        case "new":
                            if known.lives[pick.index] != nil { known.renewed.insert(pick.index) }
                            known.lives[pick.index] = Life(value: Int(pick.to) ?? -1)
                        default: known.lives[pick.index] = nil
                        }
                    }
                }
                // It reads more than it writes, so that a key lives for some hundred writes.
                for _ in 0..<4 {
                    let reads = (0..<20).map { _ in
                        Command("GET", "session:\(Int.random(in: 0..<keys, using: &generator))")
                    }
                    _ = try await line.pipeline(reads, deadline: .seconds(20))
                }
            }
            await line.close()
        }
    }

    /// - Returns: by key, what the server has now.
    private func found(_ server: RedisServer, keys: Int) async throws -> [Life?] {
        let line = try Application.line(server)
        let names = (0..<keys).map { Array("session:\($0)".utf8) }
        let replies = try await line.pipeline(
            names.flatMap { [Command([Array("GET".utf8), $0]), Command([Array("PEXPIRETIME".utf8), $0])] },
            deadline: .seconds(20))
        await line.close()
        return try names.indices.map { index in
            guard let text = try? replies[2 * index].bytes else { return nil }
            let expiry = try replies[2 * index + 1].integer
            return Life(value: Int(String(decoding: text, as: UTF8.self)) ?? -1, expiry: expiry < 0 ? nil : expiry)
        }
    }

    private func compare(_ now: [Life?], _ then: [Life?], _ round: String) {
        let differing = now.indices.filter { !isSame(now[$0], then[$0]) }
        func count(_ isMeant: (Life?, Life?) -> Bool) -> Int { differing.count { isMeant(now[$0], then[$0]) } }
        let lost = count { now, then in now == nil && then != nil }
        let revived = count { now, then in now != nil && then == nil }
        let values = count { now, then in now != nil && then != nil && now?.value != then?.value }
        #expect(
            differing.isEmpty,
            "\(round): \(lost) lost, \(revived) revived, \(values) with another value, \(differing.count - lost - revived - values) with another TTL"
        )
    }

    /// The server's clock and its keys are looked at one after the other: a busy machine may rest between the two. What
    /// the application sets is minutes apart.
    private func isSame(_ now: Life?, _ then: Life?) -> Bool {
        guard let now, let then else { return now == nil && then == nil }
        guard let expiry = now.expiry, let due = then.expiry else { return now == then }
        return now.value == then.value && abs(expiry - due) <= 2000
    }

    @Test func nothingIsLostOrRevivedWhenAFlushEnds() async throws {
        let server = try RedisServer()
        let application = Application(keys: 5000, seed: 3, now: WallTime.now.milliseconds)
        try await application.fill(server)
        let operations = try operations(server)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        let running = Task { try await application.run(on: server) }
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .gentle, control: SweepControl())
        application.stop()
        try await running.value
        #expect(receipt.removed > 1000 && receipt.comparesWrites)
        let undone = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        #expect(undone.isWhole && undone.inDoubt == 0, "\(undone)")
        compare(try await found(server, keys: 5000), application.left, "a whole flush")
        #expect(try server.cli("KEYS", "cachewatch:*").allSatisfy(\.isNewline), "no mark is left")
    }

    /// `CACHEWATCH_KILLS=50` kills it fifty times.
    @Test func nothingIsLostOrRevivedWhenAFlushIsKilled() async throws {
        let server = try RedisServer()
        let kills = ProcessInfo.processInfo.environment["CACHEWATCH_KILLS"].flatMap { Int($0) } ?? 8
        let keys = 3000
        var generator = SeededGenerator(seed: 29)
        var (inTheMiddle, renewed) = (0, 0)
        // Where the machine was busy with others, the flush was over before it was killed.
        for round in 0..<kills * 10 where round < kills || inTheMiddle * 4 < kills || renewed <= kills {
            let application = Application(keys: keys, seed: UInt64(round), now: WallTime.now.milliseconds)
            try await application.fill(server)
            let running = Task { try await application.run(on: server) }
            let journal = server.folder.path + "/journal-\(round)"
            let child = try Child(
                [
                    Program.cachewatch, "flush", "session", "--yes", "--journal", journal, "--url", server.socketURL,
                    "--pace", round % 2 == 0 ? "gentle" : "fast",
                ], output: "/dev/null", errors: server.folder.path + "/errors",
                environment: ["XDG_STATE_HOME": server.folder.path + "/state", "HOME": server.folder.path])
            try eventually("the journal begins") { () throws -> Bool in access(journal, F_OK) == 0 }
            // From its first bytes to its last ones: 3000 keys take some 160,000.
            let length = Int.random(in: 0...180_000, using: &generator)
            while Self.length(of: journal) < length, Self.isRunning(child) { poll(nil, 0, 1) }
            child.signal(SIGKILL)
            _ = child.wait()
            let rest = try await found(server, keys: keys).count { $0 != nil }
            // Nobody tells the application that the flush is over.
            poll(nil, 0, 20)
            application.stop()
            try await running.value
            let expected = application.left
            if rest > 0, rest < expected.count(where: { $0 != nil }) { inTheMiddle += 1 }
            if (try? JournalReader(path: journal)) != nil {
                let undone = try await operations(server).undo(journal, pace: .fast, control: SweepControl())
                #expect(undone.failed == 0 && undone.verified == undone.restored && undone.inDoubt == 0, "\(undone)")
                // The journal tells by now what only the marks knew, and a second time brings nothing else back.
                #expect(try server.cli("KEYS", "cachewatch:*").allSatisfy(\.isNewline), "no mark is left")
                let again = try await operations(server).undo(journal, pace: .fast, control: SweepControl())
                #expect(again.restored == 0 && again.inDoubt == 0, "\(again)")
            }
            renewed += application.renewed
            compare(try await found(server, keys: keys), expected, "round \(round)")
        }
        #expect(inTheMiddle * 4 >= kills, "\(inTheMiddle) of \(kills) kills were in the middle")
        #expect(renewed > kills, "\(renewed) keys were created anew behind the flush")
    }

    /// The flush has met a key again that was written anew, and the application has deleted that before it could go.
    @Test(arguments: [false, true], [false, true])
    func newestLifeDecidesAlsoWhereItWasWithdrawn(tells: Bool, isTwice: Bool) async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "old")
        let old = try await dump(server, "session:1")
        try server.cli("SET", "session:1", "new")
        let new = isTwice ? old : try await dump(server, "session:1")
        try server.cli("DEL", "session:1")
        let path = server.folder.path + "/lives"
        let writer = try JournalWriter(path: path, header: try header(server), expected: nil)
        func append(_ dump: [UInt8]) throws -> UInt32 {
            try writer.append(
                [JournalEntry(key: Array("session:1".utf8), lifetime: nil, change: .removed(dump: dump))],
                takenAt: .now)
        }
        if tells { try writer.mark() }
        let first = try append(old)
        // A key that SCAN has returned twice is copied twice before it is known what became of the first copy.
        if tells, !isTwice { try writer.settle(upTo: first) }
        let second = try append(new)
        try writer.withdraw([JournalPlace(sequence: second, index: 0)])
        if tells { try writer.settle() }
        try writer.end()
        for isDryRun in [true, false] {
            let undone = try await operations(server).undo(
                path, UndoChoices(isDryRun: isDryRun), control: SweepControl())
            #expect(undone.entries == 1 && undone.restored == (isTwice ? 1 : 0), "\(undone)")
            #expect(undone.superseded == (isTwice ? 0 : 1))
        }
        #expect(try server.cli("EXISTS", "session:1").hasPrefix(isTwice ? "1" : "0"))
    }

    /// Of a flush that was killed without marks it is said what may be wrong.
    @Test func doubtIsSaidWhereNobodyCanBeAsked() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        let dump = try await dump(server, "session:1")
        try server.cli("DEL", "session:1")
        let header = try header(server)
        func look(_ name: String, _ body: (JournalWriter) throws -> Void) async throws -> UndoReceipt {
            let path = server.folder.path + "/" + name
            let writer = try JournalWriter(path: path, header: header, expected: nil)
            try body(writer)
            return try await operations(server).undo(path, UndoChoices(isDryRun: true), control: SweepControl())
        }
        let entry = JournalEntry(key: Array("session:1".utf8), lifetime: nil, change: .removed(dump: dump))
        let unmarked = try await look("unmarked") { writer in
            try writer.unmark()
            try writer.append([entry], takenAt: .now)
        }
        #expect(unmarked.restored == 1 && unmarked.inDoubt == 1 && !unmarked.areLastInDoubt)
        let silent = try await look("silent") { try $0.append([entry], takenAt: .now) }
        #expect(silent.restored == 1 && silent.inDoubt == 0 && silent.areLastInDoubt)
        let whole = try await look("whole") { writer in
            try writer.append([entry], takenAt: .now)
            try writer.end()
        }
        #expect(whole.inDoubt == 0 && !whole.areLastInDoubt)
        for receipt in [unmarked, silent] {
            #expect(OperationWords.receipt(receipt, isDryRun: true).contains { $0.contains("nobody knows whether") })
        }
    }

    /// A user without scripts: each removal that was answered is written down, and what was under way is told.
    @Test func flushWithoutScriptsTellsWhatIsInDoubt() async throws {
        let server = try RedisServer()
        try server.cli("EVAL", "for i=1,300 do redis.call('SET', 'session:'..i, i) end", "0")
        try server.cli("ACL", "SETUSER", "default", "-eval")
        let proxy = try FaultProxy(to: server.socket)
        let operations = try operations(server, url: proxy.url)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        proxy.begin(.reset, from: "UNLINK\r\n$9\r\nsession:2")
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(!receipt.outcome.isDone && receipt.uncertain > 0 && !receipt.comparesWrites)
        let checked = try JournalReader.check(path: try #require(receipt.journal))
        #expect(checked.inDoubt.count == receipt.uncertain && !checked.isMarked)
        await operations.close()
    }

    /// Where the journal cannot be written, the marks stay, and the next undo asks them again.
    @Test func marksStayWhereTheJournalCannotTellWhatTheyKnow() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        let dump = try await dump(server, "session:1")
        try server.cli("DEL", "session:1")
        let header = try header(server)
        let path = server.folder.path + "/killed"
        do {
            let writer = try JournalWriter(path: path, header: header, expected: nil)
            try writer.mark()
            try writer.append(
                [JournalEntry(key: Array("session:1".utf8), lifetime: nil, change: .removed(dump: dump))],
                takenAt: .now)
        }
        let link = server.folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        func mark(_ number: Int) -> String { "cachewatch:flush:\(String(header.id, radix: 16)):\(number)" }
        for number in 0..<2 { try server.cli("SET", mark(number), "") }
        func undo(_ path: String, isDryRun: Bool = false) async throws {
            let undone = try await operations(server).undo(
                path, UndoChoices(isDryRun: isDryRun), control: SweepControl())
            #expect(undone.restored == 0 && undone.inDoubt == 0 && undone.entries == 0, "\(undone)")
            #expect(try server.cli("EXISTS", "session:1").hasPrefix("0"))
        }
        func marks() throws -> Bool { try server.cli("EXISTS", mark(0), mark(1)).hasPrefix("2") }
        for _ in 0..<2 {
            try await undo(link)
            #expect(try marks(), "it is a link")
        }
        try await undo(path, isDryRun: true)
        #expect(try marks(), "a look changes nothing")
        try await undo(path)
        #expect(try !marks())
        try await undo(path)
    }

    /// Where the newest life of a key has run out, an older one is not what the application has left.
    @Test(arguments: [false, true]) func newestLifeOfAKeyDecides(replaces: Bool) async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "old")
        let old = try await dump(server, "session:1")
        try server.cli("SET", "session:1", "new", "PX", "1")
        let path = server.folder.path + "/lives"
        let writer = try JournalWriter(
            path: path, header: try header(server), expected: nil)
        func entry(_ key: String, _ lifetime: Int64?) -> JournalEntry {
            JournalEntry(key: Array(key.utf8), lifetime: lifetime, change: .removed(dump: old))
        }
        try writer.append([entry("session:1", nil), entry("session:2", 500_000)], takenAt: .now)
        try writer.append([entry("session:1", 1), entry("session:2", nil)], takenAt: WallTime(seconds: 1_700_000_000))
        try writer.end()
        let look = try await operations(server).undo(
            path, UndoChoices(replaces: replaces, isDryRun: true, isTargetNamed: true), control: SweepControl())
        #expect(look.restored == 1 && look.expired == 1 && look.superseded == 2, "\(look)")
        let undone = try await operations(server).undo(
            path, UndoChoices(replaces: replaces, isTargetNamed: true), control: SweepControl())
        #expect(undone.restored == 1 && undone.superseded == 2, "\(undone)")
        #expect(try server.cli("EXISTS", "session:1").hasPrefix("0"))
        #expect(try server.cli("PTTL", "session:2").hasPrefix("-1"))
    }

    /// Without an answer of the marks all that was journalled counts as removed, and the receipt says so.
    @Test func withoutMarksWhatIsInDoubtIsRestored() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        let dump = try await dump(server, "session:1")
        try server.cli("DEL", "session:1")
        let header = try header(server)
        func write(_ name: String) throws -> String {
            let path = server.folder.path + "/" + name
            let writer = try JournalWriter(path: path, header: header, expected: nil)
            try writer.mark()
            try writer.append(
                [JournalEntry(key: Array("session:1".utf8), lifetime: nil, change: .removed(dump: dump))],
                takenAt: .now)
            return path
        }
        let operations = try operations(server)
        let unknown = try await operations.undo(
            try write("unknown"), UndoChoices(isDryRun: true), control: SweepControl())
        #expect(unknown.restored == 1 && unknown.inDoubt == 1)
        #expect(OperationWords.receipt(unknown, isDryRun: true).contains { $0.contains("nobody knows") })
        // The marks are there and empty: it was somebody else who has deleted it.
        for number in 0..<2 {
            try server.cli("SET", "cachewatch:flush:\(String(header.id, radix: 16)):\(number)", "")
        }
        let path = try write("known")
        for _ in 0..<2 {
            let known = try await operations.undo(path, UndoChoices(isTargetNamed: true), control: SweepControl())
            #expect(known.restored == 0 && known.inDoubt == 0 && known.entries == 0, "\(known)")
            #expect(try server.cli("EXISTS", "session:1").hasPrefix("0"))
        }
    }

    /// Nobody is promised an undo that the server will refuse.
    @Test func undoThatIsRefusedIsNotPromised() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        try server.cli("ACL", "SETUSER", "hand", "on", ">pw", "~*", "+@all", "-restore")
        let operations = try operations(server, url: "unix://hand:pw@" + server.socket)
        let plan = try await operations.plan(flush: "session", acts: true, pace: .fast, control: SweepControl())
        #expect(OperationWords.plan(plan).contains { $0.contains("the undo takes another user") })
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(OperationWords.receipt(receipt).contains { $0.contains("the undo takes another user") })
        let journal = try #require(receipt.journal)
        let look = try await operations.undo(journal, UndoChoices(isDryRun: true), control: SweepControl())
        #expect(!look.canRestore && look.objection?.contains("restore") == true, "\(look)")
        await #expect(throws: CacheError.self) { try await operations.undo(journal, control: SweepControl()) }
    }

    /// What is refused for good stops an undo; what was restored in the same flight is counted all the same.
    @Test func whatWasRestoredBesideARefusalIsCounted() async throws {
        let server = try RedisServer()
        try server.cli(
            "EVAL",
            "for i=1,40 do redis.call('SET', 'session:'..i, string.rep('x', i % 8 == 0 and 2000000 or 10)) end", "0")
        let operations = try operations(server)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        let used = try server.cli("INFO", "memory").split(separator: "\r\n").first { $0.hasPrefix("used_memory:") }
        let bytes = try #require(used.flatMap { Int($0.dropFirst("used_memory:".count)) })
        try server.cli("CONFIG", "SET", "maxmemory", String(bytes + 4_000_000))
        let undone = try await operations.undo(try #require(receipt.journal), pace: .fast, control: SweepControl())
        let there = Int(try server.cli("DBSIZE").trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(!undone.outcome.isDone && undone.failed > 0)
        #expect(undone.restored == there, "\(undone)")
    }

    private static func isRunning(_ child: Child) -> Bool {
        var info = siginfo_t()
        // A child that has ended stays to be waited for.
        return waitid(P_PID, id_t(child.pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == 0
    }

    private static func length(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private func header(_ server: RedisServer) throws -> JournalHeader {
        let info = InfoParser.parse(Array(try server.cli("INFO").utf8))
        return JournalHeader(
            id: 0xabcdef, kind: .flush, scope: "session", target: "unix://\(server.socket)?db=0", database: 0,
            runID: info.server.runID ?? "", software: "", startedAt: .now)
    }

    private func dump(_ server: RedisServer, _ key: String) async throws -> [UInt8] {
        let line = Line(endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()))
        defer { Task { await line.close() } }
        return try await line.pipeline([Command("DUMP", key)], deadline: .seconds(5))[0].bytes
    }
}
