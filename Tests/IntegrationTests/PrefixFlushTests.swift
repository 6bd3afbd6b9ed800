import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Acts on keys that no rule covers: by prefix, by pattern, and on keys that no journal can hold.
@Suite struct PrefixFlushTests {
    private func flush(
        _ operations: CacheOperations, _ scope: KeyScope, readmits: Bool = false, forGood: String? = nil
    ) async throws -> FlushReceipt {
        let plan = try await operations.plan(flush: scope, acts: true, pace: .fast, control: SweepControl())
        return try await operations.flush(
            plan, FlushConfirmation(typed: scope.name, readmits: readmits, forGood: forGood), journal: .automatic,
            pace: .fast, control: SweepControl())
    }

    private func keys(_ server: RedisServer, _ glob: String) throws -> Int {
        Int(
            try server.cli("EVAL", "return #redis.call('KEYS', ARGV[1])", "0", glob)
                .trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }

    @Test func prefixGoesWithAJournalAndComesBack() async throws {
        let server = try RedisServer(RedisServer.debugging(.installed))
        try server.cli(
            "EVAL",
            """
            for i=1,300 do redis.call('SET', 'reco:home:'..i, 'x', 'EX', 5000) end
            for i=1,20 do redis.call('SET', 'reco:homes:'..i, 'x') redis.call('SET', 'session:'..i, 'x') end
            redis.call('SET', 'reco:home', 'x') redis.call('SET', 'reco:home:', 'x')
            """, "0")
        let before = try await KeyspaceImage(of: server)
        let operations = try operations(server)
        let scope = KeyScope.prefix(Array("reco:home:".utf8))
        let plan = try await operations.plan(flush: scope, acts: true, pace: .fast, control: SweepControl())
        #expect(plan.keys == 301 && !plan.protected && plan.large.isEmpty)
        #expect(plan.parts.map(\.prefix) == ["reco:home:"])
        let receipt = try await flush(operations, scope)
        #expect(receipt.isWhole && receipt.removed == 301)
        #expect(try keys(server, "*") == before.keys.count - 301)
        let journal = try #require(receipt.journal)
        #expect(journal.contains("flush-reco-home-"))
        let undone = try await operations.undo(journal, control: SweepControl())
        #expect(undone.isWhole && undone.restored == 301 && undone.header.scope == "prefix reco:home:")
        let after = try await KeyspaceImage(of: server)
        #expect(after.keys.mapValues(\.digest) == before.keys.mapValues(\.digest))
        let audit = try String(contentsOfFile: server.folder.path + "/state/audit.jsonl", encoding: .utf8)
        #expect(audit.contains("\"prefix reco:home:\""))
        await operations.close()
    }

    /// What means something in a pattern, in a terminal or in a shell means itself in a prefix.
    @Test func hostilePrefixTakesItsOwnKeysAlone() async throws {
        let server = try RedisServer()
        let doomed: [UInt8] = Array("a*[b]?\\^ '\"".utf8) + [0x00, 0xff, 0x0a, 0x3a]
        let line = Line(
            endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()), purpose: .serve,
            allowsWrites: true)
        let spared: [[UInt8]] = [Array("axb".utf8), Array("a*b".utf8), Array("a*[b]?".utf8), Array(doomed.dropLast())]
        let names = spared + [doomed, doomed + [0x2a], doomed + [0x00]]
        _ = try await line.pipeline(
            names.map { Command([Array("SET".utf8), $0, Array("x".utf8)]) }, deadline: .seconds(5))
        let operations = try operations(server)
        let receipt = try await flush(operations, .prefix(doomed))
        #expect(receipt.removed == 3)
        #expect(try keys(server, "*") == spared.count)
        let undone = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        #expect(undone.isWhole && undone.restored == 3)
        let there = try await line.pipeline(
            names.map { Command([Array("EXISTS".utf8), $0]) }, deadline: .seconds(5))
        #expect(there.allSatisfy { $0 == .integer(1) })
        await line.close()
        await operations.close()
    }

    @Test func patternTakesWhatTheServerMatches() async throws {
        let server = try RedisServer()
        for (glob, yes, no) in [
            ("cart:*:v[1-3]", ["cart:a:v1", "cart:b:v3"], ["cart:a:v4", "cart:v1"]),
            ("we[^b]r?\\*", ["wear1*"], ["webr1*", "wear1x"]),
        ] {
            for key in yes + no { try server.cli("SET", key, "x") }
            #expect(try keys(server, glob) == yes.count, "the server's own opinion")
            let operations = try operations(server)
            let receipt = try await flush(operations, .pattern(Glob(glob)))
            #expect(receipt.removed == yes.count)
            for key in no { #expect(try server.cli("EXISTS", key).hasPrefix("1"), "\(key)") }
            #expect(
                try await operations.undo(try #require(receipt.journal), control: SweepControl()).restored == yes.count)
            await operations.close()
        }
    }

    /// By which keys it matches, and not by its name.
    @Test func whatReachesRevokedTokensIsHeldToTheirProtection() async throws {
        let server = try RedisServer()
        try server.cli("SET", "token:blacklist:7f3c", "1", "EX", "5000")
        try server.cli("SET", "token:user:7", "x")
        let operations = try operations(server)
        for scope in [KeyScope.prefix(Array("tok".utf8)), .prefix(Array("token:".utf8)), .pattern("*7f3c")] {
            #expect { try operations.precheck(flush: scope, FlushConfirmation(typed: scope.name)) } throws: {
                "\($0)".contains("token:blacklist") && "\($0)".contains("second word")
            }
            await #expect(throws: CacheError.self) { _ = try await flush(operations, scope) }
            #expect(throws: CacheError.self) {
                try operations.precheck(repair: scope, FlushConfirmation(typed: scope.name))
            }
        }
        for scope in [KeyScope.pattern("*"), .prefix([])] {
            await #expect {
                _ = try await operations.plan(flush: scope, pace: .fast, control: SweepControl())
            } throws: { "\($0)".contains("FLUSHDB") }
            await #expect(throws: CacheError.self) {
                _ = try await operations.plan(repair: scope, ttl: .seconds(600), pace: .fast, control: SweepControl())
            }
        }
        #expect(try keys(server, "*") == 2)
        let plan = try await operations.plan(
            flush: .prefix(Array("token:".utf8)), acts: true, pace: .fast, control: SweepControl())
        #expect(plan.protected && plan.parts.contains { $0.namespace == "token:blacklist" && $0.keys == 1 })
        let receipt = try await flush(operations, plan.scope, readmits: true)
        #expect(receipt.removed == 2)
        await operations.close()
    }

    @Test func prefixWithoutAContractIsMendedByTheTTLThatIsNamed() async throws {
        let server = try RedisServer()
        try server.cli(
            "EVAL",
            """
            for i=1,50 do redis.call('SET', 'reco:home:'..i, 'x') redis.call('SET', 'session:'..i, 'x') end
            redis.call('SET', 'reco:home:long', 'x', 'EX', 90000)
            """, "0")
        let operations = try operations(server)
        let scope = KeyScope.prefix(Array("reco:home:".utf8))
        await #expect {
            _ = try await operations.plan(repair: scope, pace: .fast, control: SweepControl())
        } throws: { "\($0)".contains("--ttl") }
        let plan = try await operations.plan(
            repair: scope, ttl: .seconds(600), acts: true, pace: .fast, control: SweepControl())
        #expect(plan.withoutTTL == 50 && plan.above == 1)
        let receipt = try await operations.repair(
            plan, FlushConfirmation(typed: "reco:home:"), pace: .fast, control: SweepControl())
        #expect(receipt.given == 50 && receipt.shortened == 1)
        #expect(try server.cli("TTL", "session:1").hasPrefix("-1"))
        #expect(try await operations.undo(try #require(receipt.journal), control: SweepControl()).restored == 51)
        #expect(try server.cli("TTL", "reco:home:1").hasPrefix("-1"))
        await operations.close()
    }

    /// A pattern says nothing of what the namespaces that it meets are promised.
    @Test func namespacesThatAPatternMeetsAreHeldToTheirContracts() async throws {
        let server = try RedisServer()
        try server.cli(
            "EVAL",
            """
            for i=1,5 do redis.call('SET', 'session:'..i, 'x') redis.call('SET', 'shelf:'..i, 'x') end
            redis.call('SET', 'session:long', 'x', 'EX', 90000) redis.call('SET', 'session:held', 'x', 'EX', 7000)
            redis.call('SET', 'sales:1', 'x')
            """, "0")
        let operations = try operations(server) {
            $0.namespaces = [NamespaceRule(name: "shelf", prefixes: ["shelf"], mustExpire: false)]
        }
        let plan = try await operations.plan(
            repair: .pattern("s*"), ttl: .seconds(30 * 86_400), acts: true, pace: .fast, control: SweepControl())
        #expect(plan.withoutTTL == 6 && plan.above == 1)
        #expect(
            plan.parts == [
                FlushPlan.Part(prefix: "session:", keys: 6, namespace: "session"),
                FlushPlan.Part(prefix: "sales:", keys: 1),
            ])
        let receipt = try await operations.repair(
            plan, FlushConfirmation(typed: "s*"), pace: .fast, control: SweepControl())
        #expect(receipt.given == 6 && receipt.shortened == 1)
        func ttl(_ key: String) throws -> Int {
            Int(try server.cli("TTL", key).trimmingCharacters(in: .whitespacesAndNewlines)) ?? -99
        }
        #expect(try ttl("shelf:1") == -1)
        #expect((3500...7200).contains(try ttl("session:1")))
        #expect((7100...7200).contains(try ttl("session:long")))
        #expect((6900...7000).contains(try ttl("session:held")))
        #expect(try ttl("sales:1") > 7200)
        #expect(try await operations.undo(try #require(receipt.journal), control: SweepControl()).restored == 7)
        await operations.close()
    }

    /// It is named before, stays where nobody has said more, and is told as gone for good where somebody has.
    @Test func keyThatNoJournalCanHoldGoesAfterAWordOfItsOwn() async throws {
        let server = try RedisServer()
        try server.cli(
            "EVAL",
            """
            for i=1,150 do redis.call('SET', 'session:'..i, 'x') end
            redis.call('SET', 'session:giant', string.rep('x', 50*1024*1024))
            redis.call('HSET', 'mixed:1', 'a', 'small')
            for i=1,2 do redis.call('HSET', 'mixed:1', 'big'..i, string.rep('x', 25*1024*1024)) end
            """, "0")
        let operations = try operations(server)
        let scope = KeyScope.namespace("session")
        let plan = try await operations.plan(flush: scope, acts: true, pace: .fast, control: SweepControl())
        #expect(plan.keys == 151 && plan.large.count == 1 && plan.large.due == "session:giant")
        await #expect { _ = try await flush(operations, scope, forGood: "session") } throws: {
            "\($0)".contains("session:giant")
        }
        let kept = try await flush(operations, scope)
        #expect(kept.kept == ["session:giant"] && kept.removed == 150 && !kept.isWhole)
        #expect(try await operations.undo(try #require(kept.journal), control: SweepControl()).restored == 150)

        let gone = try await flush(operations, scope, forGood: "session:giant")
        #expect(gone.isWhole && gone.removed == 151 && gone.forGoodCount == 1 && gone.journalKeys == 150)
        #expect(try keys(server, "session:*") == 0)
        let undone = try await operations.undo(try #require(gone.journal), control: SweepControl())
        #expect(undone.restored == 150 && undone.header.forGood.map(\.key) == ["session:giant"])
        #expect(
            OperationWords.receipt(undone, isDryRun: false).contains {
                $0.contains("too large for this journal: session:giant")
            })

        // Few keys are looked at whole, whatever a sample says of them.
        let mixed = KeyScope.pattern("mixed:1")
        #expect(try await operations.remove(Array("mixed:1".utf8)) == .stays(bytes: try size(server, "mixed:1")))
        let few = try await operations.plan(flush: mixed, acts: true, pace: .fast, control: SweepControl())
        #expect(few.large.due == "mixed:1")
        guard case .gone = try await operations.remove(Array("mixed:1".utf8), forGood: true) else {
            Issue.record("it is there still")
            return
        }
        #expect(try keys(server, "mixed:*") == 0)
        let audit = try String(contentsOfFile: server.folder.path + "/state/audit.jsonl", encoding: .utf8)
        #expect(audit.contains("\"for_good\": 1") && audit.contains("\"for_good\": true"))
        await operations.close()
    }

    private func size(_ server: RedisServer, _ key: String) throws -> Int {
        Int(try server.cli("MEMORY", "USAGE", key, "SAMPLES", "0").trimmingCharacters(in: .whitespacesAndNewlines))
            ?? -1
    }
}
