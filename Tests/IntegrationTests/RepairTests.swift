import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct RepairTests {
    private func ttl(_ key: String, _ server: RedisServer) throws -> Int {
        Int(try server.cli("TTL", key).trimmingCharacters(in: .whitespacesAndNewlines)) ?? -99
    }

    /// Redis 6.2 knows no NX and LT: there a script does the same.
    @Test(arguments: RedisServer.Software.allCases)
    func breachesAreMendedAndUndone(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        try server.cli(
            "EVAL",
            """
            for i=1,500 do redis.call('SET', 'rate:limit:ip:'..i, 1) end
            for i=1,200 do redis.call('SET', 'rate:limit:u:'..i, 1, 'EX', 9000) end
            for i=1,100 do redis.call('SET', 'rate:limit:ok:'..i, 1, 'EX', 600) end
            redis.call('SET', 'other:1', 1) redis.call('SET', 'rate:limit', 1)
            """, "0")
        let operations = try operations(server)
        let plan = try await operations.plan(repair: "rate:limit", pace: .fast, control: SweepControl())
        #expect(plan.withoutTTL == 500 && plan.above == 200)
        #expect(plan.examples.count == 10)
        #expect(plan.maximumTTL == .seconds(3600))
        #expect(try ttl("rate:limit:ip:1", server) == -1)
        let receipt = try await operations.repair(
            plan, FlushConfirmation(typed: "rate:limit"), pace: .fast, control: SweepControl())
        #expect(receipt.outcome == .done)
        #expect(receipt.given == 500 && receipt.shortened == 200 && receipt.unchanged == 0)
        var given: Set<Int> = []
        for id in 1...40 { given.insert(try ttl("rate:limit:ip:\(id)", server)) }
        #expect(given.allSatisfy { (1700...3600).contains($0) })
        // They do not all expire at once.
        #expect(given.count > 20)
        #expect((3500...3600).contains(try ttl("rate:limit:u:1", server)))
        #expect((500...600).contains(try ttl("rate:limit:ok:1", server)))
        #expect(try ttl("other:1", server) == -1 && ttl("rate:limit", server) == -1)
        try server.cli("DEL", "rate:limit:u:5", "rate:limit:ip:5")
        let undone = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        #expect(undone.restored == 698 && undone.missing == 2 && undone.isWhole)
        #expect(try ttl("rate:limit:ip:1", server) == -1)
        #expect((8800...9000).contains(try ttl("rate:limit:u:1", server)))
    }

    /// What the application sets after a repair is its own business.
    @Test(arguments: RedisServer.Software.allCases)
    func undoLeavesWhatWasSetAnew(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        try server.cli(
            "EVAL",
            """
            for i=1,9 do redis.call('SET', 'rate:limit:ip:'..i, 1) end
            for i=1,3 do redis.call('SET', 'rate:limit:u:'..i, 1, 'EX', 100000) end
            """, "0")
        let operations = try operations(server)
        let plan = try await operations.plan(repair: "rate:limit", pace: .fast, control: SweepControl())
        let receipt = try await operations.repair(
            plan, FlushConfirmation(typed: "rate:limit"), pace: .fast, control: SweepControl())
        try server.cli("SET", "rate:limit:ip:1", "new", "EX", "600")
        try server.cli("EXPIRE", "rate:limit:u:1", "30")
        try server.cli("PERSIST", "rate:limit:ip:2")
        let journal = try #require(receipt.journal)
        let dry = try await operations.undo(journal, UndoChoices(isDryRun: true), control: SweepControl())
        #expect(dry.restored == 9 && dry.existing == 3)
        let undone = try await operations.undo(journal, control: SweepControl())
        #expect(undone.restored == 9 && undone.existing == 3 && undone.isWhole)
        #expect((500...600).contains(try ttl("rate:limit:ip:1", server)))
        #expect((1...30).contains(try ttl("rate:limit:u:1", server)))
        #expect(try ttl("rate:limit:ip:3", server) == -1)
        #expect((99_000...100_000).contains(try ttl("rate:limit:u:2", server)))
        let replaced = try await operations.undo(journal, UndoChoices(replaces: true), control: SweepControl())
        #expect(replaced.restored == 12)
        #expect(try ttl("rate:limit:ip:1", server) == -1)
    }

    @Test func aTTLOfTheOperatorsIsWhatIsMeasuredBy() async throws {
        let server = try RedisServer()
        try server.cli("SET", "rate:limit:a", "1", "EX", "3000")
        try server.cli("SET", "rate:limit:b", "1", "EX", "500")
        let operations = try operations(server)
        let plan = try await operations.plan(
            repair: "rate:limit", ttl: .seconds(600), pace: .fast, control: SweepControl())
        #expect(plan.above == 1 && plan.withoutTTL == 0)
        _ = try await operations.repair(
            plan, FlushConfirmation(typed: "rate:limit"), pace: .fast, control: SweepControl())
        #expect((500...600).contains(try ttl("rate:limit:a", server)))
        await #expect {
            _ = try await operations.plan(
                repair: "rate:limit", ttl: .seconds(7200), pace: .fast, control: SweepControl())
        } throws: { "\($0)".contains("would break the contract of rate:limit") }
        // It would be a deletion, and the journal would have times to live only.
        await #expect {
            _ = try await operations.plan(
                repair: "rate:limit", ttl: .seconds(30), pace: .fast, control: SweepControl())
        } throws: { "\($0)".contains("ends the keys before long") }
    }

    @Test func protectedNamespacesAreRefused() async throws {
        let server = try RedisServer()
        try server.cli("SET", "token:blacklist:a", "x")
        let operations = try operations(server)
        let plan = try await operations.plan(repair: "token:blacklist", pace: .fast, control: SweepControl())
        #expect(plan.withoutTTL == 1)
        await #expect {
            _ = try await operations.repair(
                plan, FlushConfirmation(typed: "token:blacklist"), pace: .fast, control: SweepControl())
        } throws: { "\($0)".contains("protected") }
        #expect(try ttl("token:blacklist:a", server) == -1)
    }
}
