import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct CutOffTests {
    private static let key = "blacklist:since:17"

    private func request(_ seconds: Int64) -> CutOffRequest {
        CutOffRequest(user: "17", since: .time(WallTime(seconds: seconds)))
    }

    private func number(_ text: String) -> Int { Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -9 }

    @Test(arguments: RedisServer.Software.allCases)
    func onlyLaterAndOnlyLonger(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        let operations = try operations(server)
        let first = try await operations.cutOff(request(1_700_000_000), typed: "17")
        #expect(first.state == .written && first.words.hasSuffix("; TTL 604,800 s, no replica"), "\(first.words)")
        #expect(try server.cli("GET", Self.key) == "1700000000\n")
        // An earlier instant changes nothing; the same one is there.
        for seconds in [1_600_000_000, 1_700_000_000, 0] as [Int64] {
            let again = try await operations.cutOff(request(seconds), typed: "17")
            #expect(again.state == .unchanged && again.cutOff.since == WallTime(seconds: 1_700_000_000))
            #expect(try server.cli("GET", Self.key) == "1700000000\n")
        }
        // A shorter time is made longer, with the instant or without.
        for (seconds, state) in [(1_700_000_000, .unchanged), (1_700_000_001, .written)]
            as [(Int64, CutOffResult.State)]
        {
            try server.cli("EXPIRE", Self.key, "100")
            #expect(try await operations.cutOff(request(seconds), typed: "17").state == state)
            #expect(number(try server.cli("TTL", Self.key)) > 604_790)
        }
        // A longer one stays, and so does a key that never expires.
        try server.cli("EXPIRE", Self.key, "9000000")
        #expect(try await operations.cutOff(request(1_700_000_002), typed: "17").state == .written)
        #expect(number(try server.cli("TTL", Self.key)) > 8_999_000)
        try server.cli("PERSIST", Self.key)
        for seconds in [1_700_000_002, 1_700_000_003] as [Int64] {
            let result = try await operations.cutOff(request(seconds), typed: "17")
            #expect(result.lifetime == nil && result.words.contains("never expires"))
            #expect(number(try server.cli("TTL", Self.key)) == -1)
        }
        let now = try await operations.cutOff(CutOffRequest(user: "17"), typed: "17")
        #expect(WallTime.now - now.cutOff.since < .seconds(5) && now.state == .written)
        await operations.close()
    }

    /// What is not a number cuts nobody off; what is not a string is somebody else's.
    @Test func whatStandsThereIsNotTakenForACutOff() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        for value in ["nan", "inf", "", "1e99", "-5", "soon", "{}", "99999999999999999999"] {
            try server.cli("SET", Self.key, value)
            #expect(try await operations.cutOff(request(1_700_000_000), typed: "17").state == .written, "\(value)")
            #expect(try server.cli("GET", Self.key) == "1700000000\n")
            try server.cli("DEL", Self.key)
        }
        try operations.ledger.forget(
            users: ["17"], on: DeploymentIdentity(target: server.socketURL, servers: []))
        try server.cli("SADD", Self.key, "a")
        let result = try await operations.cutOff(request(1_700_000_000), typed: "17")
        #expect(!result.holds && result.words.contains("WRONGTYPE"))
        #expect(try server.cli("SISMEMBER", Self.key, "a").hasPrefix("1"))
        #expect(operations.ledger.cutOffs(at: .now).isEmpty, "nobody watches for it")
        await operations.close()
    }

    @Test func isListedWatchedWrittenAgainAndTakenBack() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "a", user: "17")]))
        _ = try await operations.cutOff(request(1_700_000_000), typed: "17")
        let listed = try await operations.revoked(limit: 100, pace: .fast, control: SweepControl())
        #expect(listed.cutOffs.map(\.cutOff) == [CutOff(user: "17", since: WallTime(seconds: 1_700_000_000))])
        #expect(listed.tokens.map(\.token.id) == ["a"] && listed.isWhole)
        let collector = SnapshotCollector(settings: try settings(server.socketURL), ledger: operations.ledger)
        #expect(await collector.collect().revocations == RevocationCheck(watched: 2, lost: []))
        try server.cli("DEL", Self.key)
        let snapshot = await collector.collect()
        #expect(snapshot.revocations == RevocationCheck(watched: 2, lost: ["user 17"]))
        var engine = AlertEngine(immediate: true)
        _ = engine.evaluate(snapshot)
        #expect(engine.raised.contains { $0.id == .revocationLost && $0.message.contains("user 17") })
        #expect(try await operations.rewriteLost().isEmpty)
        let again = try await operations.rewriteLostCutOffs()
        #expect(again.map(\.state) == [.written])
        #expect(try server.cli("GET", Self.key) == "1700000000\n")
        #expect(number(try server.cli("TTL", Self.key)) > 604_700, "until the same instant")
        #expect(try await operations.rewriteLostCutOffs().isEmpty)
        #expect(await collector.collect().revocations?.lost == [])
        #expect(try await operations.unrevoke(user: "17", typed: "17") == Self.key)
        #expect(try await operations.unrevoke(user: "17", typed: "17") == nil)
        #expect(await collector.collect().revocations == RevocationCheck(watched: 1, lost: []))
        let audit = try String(contentsOfFile: operations.audit.path, encoding: .utf8)
        for words in [#""cut off""#, #""cut off again""#, #""unrevoke""#, #""since": "1700000000""#] {
            #expect(audit.contains(words), "\(words)")
        }
        await collector.close()
        await operations.close()
    }

    /// A token whose user is cut off is refused, whatever the blacklist says of it.
    @Test func whoIsTakenOffMayBeRefusedAllTheSame() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        func token(_ id: String, user: String?, issuedAt: Int64) -> TokenInput {
            TokenInput(id: id, user: user, issuedAt: WallTime(seconds: issuedAt), isJWT: true)
        }
        let tokens = [
            token("early", user: "17", issuedAt: 900), token("late", user: "17", issuedAt: 1100),
            token("by-id", user: "17", issuedAt: 900), token("free", user: "18", issuedAt: 900),
            token("nobody", user: nil, issuedAt: 900),
        ]
        _ = try await operations.revoke(RevocationRequest(tokens: tokens, lifetime: .seconds(3600)))
        _ = try await operations.cutOff(request(1000), typed: "17")
        let cutOff = CutOff(user: "17", since: WallTime(seconds: 1000))
        func barrier(_ id: String, _ claims: TokenInput? = nil) async throws -> CutOffBarrier {
            let done = try await operations.unrevoke(id, typed: id, claims: claims)
            #expect(done.keys.count == 2)
            return done.barrier
        }
        #expect(try await barrier("early", tokens[0]) == .refuses(cutOff))
        #expect(try await barrier("late", tokens[1]) == .issuedLater(cutOff))
        // Whose it was stands in its record; when it was issued does not.
        #expect(try await barrier("by-id") == .mayRefuse(cutOff))
        #expect(try await barrier("free", tokens[3]) == .absent)
        #expect(try await barrier("nobody") == .userUnknown)
        // Of a record that is lost the ledger still knows whose it was; one that was revoked before the cut-off is refused.
        _ = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "lost", user: "17")]))
        try server.cli("DEL", "token:blacklist:lost", "blacklist:token:\(TokenID.uuid(for: "lost"))")
        _ = try await operations.cutOff(CutOffRequest(user: "17"), typed: "17")
        let lost = try await operations.unrevoke("lost", typed: "lost")
        #expect(lost.keys.isEmpty && lost.barrier.user == "17", "\(lost)")
        // What cannot be asked is not known.
        _ = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "deaf", user: "17")]))
        try server.cli(
            "ACL", "SETUSER", "default", "resetkeys", "~token:*", "~blacklist:token:*",
            "~blacklist:user:*")
        let deaf = try await operations.unrevoke("deaf", typed: "deaf")
        guard case .unanswered("17", _) = deaf.barrier else {
            Issue.record("\(deaf)")
            return
        }
        await operations.close()
    }

    /// A list says how many hold of what was revoked from here, and whether they will stay.
    @Test func aListSaysHowManyHold() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        func list() async throws -> RevokedList {
            try await operations.revoked(limit: 100, pace: .fast, control: SweepControl())
        }
        #expect(try await list().check == nil)
        let tokens = [TokenInput(id: "a"), TokenInput(id: "b")]
        _ = try await operations.revoke(RevocationRequest(tokens: tokens))
        #expect(try await list().check == RevocationCheck(watched: 2, lost: []))
        #expect(try await list().risk == EvictionRisk.none)
        try server.cli("DEL", "token:blacklist:a")
        try server.cli("CONFIG", "SET", "maxmemory-policy", "volatile-lru")
        try server.cli("CONFIG", "SET", "maxmemory", "1gb")
        #expect(try await list().check == RevocationCheck(watched: 2, lost: ["a"]))
        #expect(try await list().risk == .later(policy: "volatile-lru"))
        await operations.close()
    }

    /// A value that was set back, or that nobody can read, lets tokens in as none does.
    @Test func aCutOffIsWatchedByItsValue() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.cutOff(request(1_700_000_000), typed: "17")
        let collector = SnapshotCollector(settings: try settings(server.socketURL), ledger: operations.ledger)
        let watcher = try settings("redis://w:pw@127.0.0.1:\(server.port)")
        let line = AccessRules.line(user: "w").replacing("PASSWORD", with: "pw").split(separator: " ").map(String.init)
        try server.cli(line)
        let other = SnapshotCollector(settings: watcher, ledger: operations.ledger)
        let holds = RevocationCheck(watched: 1, lost: [])
        for value in ["1699999999", "0", "soon", "1700000000.0", "17000000000000000000", ""] {
            try server.cli("SET", Self.key, value, "EX", "1000")
            #expect(await collector.collect().revocations?.lost == ["user 17"], "\(value)")
            // Whoever may not read it sees that something stands there.
            for _ in 0..<2 { #expect(await other.collect().revocations == holds) }
            #expect(try await operations.rewriteLostCutOffs().map(\.state) == [.written], "\(value)")
            #expect(try server.cli("GET", Self.key) == "1700000000\n")
            #expect(await collector.collect().revocations == holds)
        }
        try server.cli("SET", Self.key, "1700000001", "EX", "1000")
        #expect(await collector.collect().revocations == holds)
        #expect(try await operations.rewriteLostCutOffs().isEmpty)
        try server.cli("DEL", Self.key)
        #expect(await other.collect().revocations?.lost == ["user 17"])
        #expect(await other.collect().nodes[0].denied.allSatisfy { $0.command != "GETRANGE" }, "it is not missed")
        try server.cli("SADD", Self.key, "a")
        #expect(await collector.collect().revocations?.lost == ["user 17"])
        #expect(try await operations.rewriteLostCutOffs().allSatisfy { !$0.holds })
        await collector.close()
        await other.close()
        await operations.close()
    }

    /// What was meant for something else is not kept.
    @Test func noTokenGetsIntoTheAudit() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJhIn0.S3cr3t"
        for request in [CutOffRequest(user: token), CutOffRequest(user: "17", reason: "stolen \(token)")] {
            await #expect {
                _ = try await operations.cutOff(request, typed: request.user)
            } throws: { "\($0)".contains("a token or a password") }
        }
        await #expect(throws: CacheError.self) { _ = try await operations.unrevoke(user: token, typed: token) }
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
        for path in [operations.audit.path, operations.ledger.path] {
            #expect(!((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").contains("eyJ"))
        }
        await operations.close()
    }

    @Test func replicasAcknowledge() async throws {
        let (primary, replica) = (try RedisServer(), try RedisServer())
        try replica.cli("REPLICAOF", "127.0.0.1", "\(primary.port)")
        try eventually("the replica is in sync") {
            try replica.cli("INFO", "replication").contains("master_link_status:up")
                && primary.cli("INFO", "replication").contains("state=online")
        }
        let operations = try operations(primary)
        // It is waited for a second, in which a busy machine may not run it.
        var (instant, words) = (Int64(1000), "")
        while !words.hasSuffix("1 replica acknowledged"), instant < 1020 {
            words = try await operations.cutOff(request(instant), typed: "17").words
            instant += 1
        }
        #expect(words.hasSuffix("1 replica acknowledged"), "\(words)")
        #expect(try replica.cli("GET", Self.key) == "\(instant - 1)\n")
        await operations.close()
    }

    @Test func aTimeToComeIsRefusedBeforeAnythingIsSent() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        await #expect {
            _ = try await operations.cutOff(self.request(WallTime.now.seconds + 3600), typed: "17")
        } throws: { "\($0)".contains("still to come") }
        #expect(try server.cli("EXISTS", Self.key).hasPrefix("0"))
        await operations.close()
    }

    /// What stands in both layouts says nothing of which one servers ask; a key of one alone does.
    @Test func bothLayoutsAreWrittenUntilOneIsSeenInUse() async throws {
        let server = try RedisServer()
        for number in 0..<3 {
            let operations = try operations(server)
            let finding = try await operations.blacklistLayout()
            #expect(finding.layout == .both, "\(finding.words)")
            let results = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "t-\(number)")]))
            #expect(results[0].layouts == BlacklistLayout.allCases && results[0].holds)
            await operations.close()
        }
        try server.cli("SET", "blacklist:token:f47ac10b-58cc-4372-a567-0e02b2c3d479", "{}", "EX", "1000")
        let operations = try operations(server)
        let finding = try await operations.blacklistLayout()
        #expect(finding.layout == .deployed && finding.deployed == 1 && finding.documented == 0, "\(finding)")
        try server.cli("SET", "token:blacklist:one", "{}", "EX", "1000")
        let both = try self.operations(server)
        #expect(try await both.blacklistLayout().layout == .both)
        #expect(try await both.blacklistLayout().words.contains("both are in use"))
        await operations.close()
        await both.close()
    }

    private func operations(_ server: RedisServer) throws -> CacheOperations {
        try IntegrationTests.operations(server)
    }

    /// The limit is one of what is found, not of what is looked at.
    @Test func theLimitCountsWhatIsFound() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        let tokens = (0..<600).map { TokenInput(id: "t-\($0)", user: $0 == 599 ? "needle" : "other") }
        _ = try await operations.revoke(RevocationRequest(tokens: tokens))
        let found = try await operations.revoked(
            RevokedList.Search("NEEDLE"), limit: 1, pace: .fast, control: SweepControl())
        #expect(found.tokens.map(\.token.id) == ["t-599"])
        let none = try await operations.revoked(
            RevokedList.Search("nobody"), limit: 1, pace: .fast, control: SweepControl())
        #expect(none.count == 0 && none.isWhole)
        let some = try await operations.revoked(limit: 5, pace: .fast, control: SweepControl())
        #expect(some.tokens.count == 5 && !some.isWhole)
        await operations.close()
    }

    /// A key that is written on a server that is full does not last, and that is said.
    @Test func serversThatEvictAreTold() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        let request = RevocationRequest(tokens: [TokenInput(id: "a")])
        #expect(try await operations.revoke(request)[0].risk == EvictionRisk.none)
        try server.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
        try server.cli("CONFIG", "SET", "maxmemory", "1gb")
        #expect(try await operations.revoke(request)[0].risk == .later(policy: "allkeys-random"))
        #expect(try await operations.cutOff(self.request(1000), typed: "17").risk == .later(policy: "allkeys-random"))
        try server.cli("CONFIG", "SET", "maxmemory", "1")
        let result = try await operations.revoke(request)[0]
        guard case .now = result.risk else {
            Issue.record("\(result)")
            return
        }
        await operations.close()
    }
}
