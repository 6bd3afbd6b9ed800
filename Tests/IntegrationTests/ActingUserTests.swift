import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// What the user may do whose line `cachewatch acl --act` prints, and nobody else is asked for.
@Suite struct ActingUserTests {
    private func operations(_ server: RedisServer, without rights: [String] = []) throws -> CacheOperations {
        let line = AccessRules.line(user: "hand", for: .acting).replacing("PASSWORD", with: "pw")
        let words = line.split(separator: " ").map(String.init).filter { !rights.contains($0) }
        #expect(try server.cli(words).hasPrefix("OK"), "\(line)")
        return try IntegrationTests.operations(server, url: "unix://hand:pw@" + server.socket)
    }

    /// Everything that it does it can take back.
    @Test(arguments: RedisServer.Software.allCases)
    func whatItDoesItCanTakeBack(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        try server.cli(
            "EVAL",
            """
            for i=1,50 do redis.call('SET', 'session:'..i, i, 'EX', 5000 + i) end
            for i=1,30 do redis.call('SET', 'rate:limit:ip:'..i, 1) end
            for i=1,20 do redis.call('SET', 'rate:limit:u:'..i, 1, 'EX', 9000) end
            """, "0")
        let operations = try operations(server)
        func undo(_ journal: String?) async throws -> UndoReceipt {
            let path = try #require(journal)
            let look = try await operations.undo(path, UndoChoices(isDryRun: true), control: SweepControl())
            #expect(look.canRestore, "\(look)")
            let undone = try await operations.undo(path, control: SweepControl())
            #expect(undone.isWhole && undone.restored == look.restored, "\(undone)")
            return undone
        }
        #expect(try await operations.access() == .allowed)
        let plan = try await operations.plan(flush: "session", acts: true, pace: .fast, control: SweepControl())
        #expect(plan.undoObjection == nil)
        let flushed = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(flushed.removed == 50 && flushed.comparesWrites && flushed.undoObjection == nil)
        #expect(try await undo(flushed.journal).restored == 50)

        let breaches = try await operations.plan(repair: "rate:limit", acts: true, pace: .fast, control: SweepControl())
        #expect(breaches.undoObjection == nil)
        let repaired = try await operations.repair(
            breaches, FlushConfirmation(typed: "rate:limit"), pace: .fast, control: SweepControl())
        #expect(repaired.given == 30 && repaired.shortened == 20 && repaired.undoObjection == nil)
        #expect(try await undo(repaired.journal).restored == 50)
        #expect(try server.cli("TTL", "rate:limit:ip:1").hasPrefix("-1"))

        let key = Array("session:7".utf8)
        let removal = try #require(try await operations.remove(key))
        #expect(removal.undoObjection == nil)
        #expect(try await undo(removal.journal).restored == 1)
        #expect(try await operations.setLifetime(of: key, to: .seconds(100)))
        #expect(try await operations.setLifetime(of: key, to: nil))
        #expect(try server.cli("GET", "session:7").hasPrefix("7"))
        await operations.close()
    }

    /// Whoever may delete and not restore is not promised that the key comes back.
    @Test func deletionWithoutAWayBackIsSaid() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        let operations = try operations(server, without: ["+restore"])
        let removal = try #require(try await operations.remove(Array("session:1".utf8)))
        #expect(removal.undoObjection?.contains("restore") == true)
        await operations.close()
    }

    @Test func repairWithoutAWayBackIsSaid() async throws {
        let server = try RedisServer()
        try server.cli("SET", "rate:limit:1", "x")
        let operations = try operations(server, without: ["+eval"])
        let plan = try await operations.plan(repair: "rate:limit", acts: true, pace: .fast, control: SweepControl())
        #expect(plan.undoObjection?.contains("eval") == true)
        let receipt = try await operations.repair(
            plan, FlushConfirmation(typed: "rate:limit"), pace: .fast, control: SweepControl())
        #expect(receipt.given == 1 && receipt.undoObjection?.contains("eval") == true)
        #expect(OperationWords.receipt(receipt).contains { $0.contains("the undo takes another user") })
        await operations.close()
    }

    /// Neither INFO nor TIME: the script says so before it has looked at any key.
    @Test func undoOfARepairWithoutAClockIsRefusedBefore() async throws {
        let server = try RedisServer()
        try server.cli("SET", "rate:limit:1", "x")
        try server.cli("SET", "rate:limit:2", "x")
        let key = ProbeKey(in: Array("rate:limit:".utf8))
        let probes = GuardedAction.restoring(.lifetimes, key)
        try server.cli("ACL", "SETUSER", "blind", "on", ">pw", "~*", "+@all", "-info", "-time")
        let line = Line(
            endpoint: try Endpoint(url: "unix://blind:pw@" + server.socket), dialler: Dialler(settings: Settings()),
            purpose: .serve, allowsWrites: true)
        let replies = try await line.pipeline(probes.map(\.command), deadline: .seconds(5))
        let objections = zip(probes, replies).compactMap { WriteDemand.lastingObjection(in: $1, to: $0) }
        #expect(objections.count == 1 && objections[0].contains("can't run this command"), "\(objections)")
        await line.close()
    }

    /// A dump of a later version is found out before anything is restored, and nothing of it is kept.
    @Test(arguments: RedisServer.Software.allCases)
    func dryRunFindsOutThatValuesCannotBeRead(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        let operations = try IntegrationTests.operations(server)
        let line = Line(
            endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()), purpose: .serve,
            allowsWrites: true)
        try server.cli("SET", "session:1", "x")
        var dump = try await line.pipeline([Command("DUMP", "session:1")], deadline: .seconds(5))[0].bytes
        await line.close()
        let journal = try #require(try await operations.remove(Array("session:1".utf8))?.journal)
        let right = try await operations.undo(journal, UndoChoices(isDryRun: true), control: SweepControl())
        #expect(right.canRestore && right.restored == 1, "\(right)")
        #expect(try server.cli("DBSIZE").hasPrefix("0"), "nothing is kept of what was tried")
        // The version stands in front of the checksum.
        (dump[dump.count - 10], dump[dump.count - 9]) = (0xff, 0x7f)
        let reader = try JournalReader(path: journal)
        let path = server.folder.path + "/later"
        let writer = try JournalWriter(path: path, header: reader.header, expected: nil)
        try writer.append(
            [JournalEntry(key: Array("session:1".utf8), lifetime: nil, change: .removed(dump: dump))], takenAt: .now)
        try writer.end()
        let later = try await operations.undo(path, UndoChoices(isDryRun: true), control: SweepControl())
        #expect(!later.canRestore && later.objection?.contains("DUMP payload version") == true, "\(later)")
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
        await operations.close()
    }
}
