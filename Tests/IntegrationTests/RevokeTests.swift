import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct RevokeTests {
    private func request(
        _ ids: String..., lifetime: Duration? = .seconds(3600), user: String? = nil, type: String? = nil
    )
        -> RevocationRequest
    {
        RevocationRequest(
            tokens: ids.map { TokenInput(id: $0, user: user, type: type) }, reason: "test", lifetime: lifetime)
    }

    @Test(arguments: RedisServer.Software.allCases)
    func documentedLayout(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        let operations = try operations(server) { $0.revocationLayout = .documented }
        let results = try await operations.revoke(request("tok-1", "tok-2"))
        #expect(results.map(\.state) == [.written, .written])
        #expect(results.allSatisfy { $0.lifetime.map { $0 > .seconds(3500) && $0 <= .seconds(3600) } == true })
        let value = try server.cli("GET", "token:blacklist:tok-1")
        #expect(value.contains(#""token_id": "tok-1""#) && value.contains(#""reason": "test""#))
        let again = try await operations.revoke(request("tok-1"))
        #expect(again[0].state == .alreadyRevoked)
        // A longer time is written.
        #expect(try await operations.revoke(request("tok-1", lifetime: .seconds(9000)))[0].state == .written)
        let listed = try await operations.revoked(limit: 100, pace: .fast, control: SweepControl())
        #expect(listed.isWhole && listed.tokens.map(\.token.id) == ["tok-2", "tok-1"])
        #expect(try await operations.unrevoke("tok-1", typed: "tok-1").keys == ["token:blacklist:tok-1"])
        #expect(try await operations.unrevoke("tok-1", typed: "tok-1").keys.isEmpty)
        #expect(operations.ledger.entries(at: .now).map(\.token.id) == ["tok-2"])
    }

    @Test func deployedLayoutIsFoundAndItsIndexesAreKept() async throws {
        let server = try RedisServer()
        for id in 0..<20 { try server.cli("SET", "blacklist:token:old-\(id)", "{}", "EX", "100") }
        try server.cli("SADD", "blacklist:user:u1", "old-1")
        try server.cli("EXPIRE", "blacklist:user:u1", "100")
        let operations = try operations(server)
        let finding = try await operations.blacklistLayout()
        #expect(finding.layout == .deployed && finding.deployed > 0 && finding.documented == 0)
        let results = try await operations.revoke(request("new", user: "u1", type: "access"))
        #expect(results[0].indexes == ["blacklist:user:u1", "blacklist:type:access"])
        let uuid = TokenID.uuid(for: "new")
        #expect(try server.cli("EXISTS", "blacklist:token:\(uuid)").hasPrefix("1"))
        #expect(try server.cli("SMEMBERS", "blacklist:user:u1").contains(uuid))
        // It would have gone before its member.
        #expect(
            Int(try server.cli("TTL", "blacklist:user:u1").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 3500)
        #expect(
            Int(try server.cli("TTL", "blacklist:type:access").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
                > 3500)
        #expect(try await operations.unrevoke("new", typed: "new").keys == ["blacklist:token:\(uuid)"])
        #expect(try server.cli("SISMEMBER", "blacklist:user:u1", uuid).hasPrefix("0"))
        #expect(try server.cli("SISMEMBER", "blacklist:user:u1", "old-1").hasPrefix("1"))
        // What others have put there as it is comes off as well.
        #expect(try await operations.unrevoke("old-1", typed: "old-1").keys == ["blacklist:token:old-1"])
    }

    private func seconds(_ server: RedisServer, _ key: String) throws -> Int {
        Int(try server.cli("TTL", key).trimmingCharacters(in: .whitespacesAndNewlines)) ?? -9
    }

    /// A set that goes before its members hides them from whoever asks for all tokens of a user.
    @Test(arguments: [true, false])
    func anIndexSetLivesAsLongAsItsLongestMember(mayRunScripts: Bool) async throws {
        let server = try RedisServer()
        if !mayRunScripts { try server.cli("ACL", "SETUSER", "default", "-eval") }
        let operations = try operations(server) { $0.revocationLayout = .deployed }
        // What lives longest comes first, in one request and in two.
        let now = WallTime.now.milliseconds
        let tokens = [604_800, 86_400, 3600].map { life in
            TokenInput(
                id: "t-\(life)", user: "u1", type: "access",
                expiresAt: WallTime(milliseconds: now + Int64(life) * 1000), isJWT: true)
        }
        for part in [tokens, [TokenInput(id: "later", user: "u1", type: "access")]] {
            #expect(try await operations.revoke(RevocationRequest(tokens: part)).allSatisfy(\.holds))
            for set in ["blacklist:user:u1", "blacklist:type:access"] {
                #expect(try seconds(server, set) > 604_700)
            }
        }
        #expect(try server.cli("SCARD", "blacklist:user:u1").hasPrefix("4"))
        // One that never expires stays so.
        try server.cli("PERSIST", "blacklist:user:u1")
        #expect(try await operations.revoke(request("last", user: "u1"))[0].holds)
        #expect(try seconds(server, "blacklist:user:u1") == -1)
        await operations.close()
    }

    /// Two operators revoke at the same time: neither shortens what the other has made longer.
    @Test func indexSetsOnlyGetLongerWhateverOthersDo() async throws {
        let server = try RedisServer()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let operations = try operations(server, folder: "\(server.folder.path)/\(writer)") {
                        $0.revocationLayout = .deployed
                    }
                    for number in 0..<25 {
                        let life = (writer * 25 + number) * 7919 % 100
                        let token = TokenInput(id: "\(writer)-\(number)", user: "u1")
                        let request = RevocationRequest(tokens: [token], lifetime: .seconds(1000 + life * 1000))
                        #expect(try await operations.revoke(request)[0].holds)
                    }
                    await operations.close()
                }
            }
            try await group.waitForAll()
        }
        #expect(try server.cli("SCARD", "blacklist:user:u1").hasPrefix("100"))
        #expect(try seconds(server, "blacklist:user:u1") > 99_000)
    }

    /// A JWT that is taken off is read for its id; the token itself is written nowhere.
    @Test func unrevokeTakesAJWTAndKeepsItToItself() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.revoke(request("a-1"))
        let keys = ["token:blacklist:a-1", "blacklist:token:\(TokenID.uuid(for: "a-1"))"]
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJhLTEifQ.SECRETSIGNATURE"
        #expect(try await operations.unrevoke(jwt, typed: jwt).keys == keys)
        for path in [operations.audit.path, operations.ledger.path] {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("a-1") && !text.contains("SECRETSIGNATURE"))
        }
    }

    /// What a crash has left half written does not swallow the next line.
    @Test func tornLedgerLineLosesNothingElse() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.revoke(request("first"))
        let ledger = try #require(FileHandle(forWritingAtPath: operations.ledger.path))
        try ledger.seekToEnd()
        try ledger.write(contentsOf: Data(#"{"server": "redis"#.utf8))
        try ledger.close()
        _ = try await operations.revoke(request("second"))
        #expect(operations.ledger.entries(at: .now).map(\.token.id) == ["first", "second"])
    }

    @Test func tokenThatIsRevokedButNotListedIsWatched() async throws {
        let server = try RedisServer()
        try server.cli("SET", "blacklist:user:u1", "no set")
        let operations = try operations(server) { $0.revocationLayout = .deployed }
        let results = try await operations.revoke(request("new", user: "u1"))
        #expect(!results[0].holds && results[0].isThere)
        #expect(results[0].words.contains("revoked, but not listed in its index sets"))
        #expect(operations.ledger.entries(at: .now).map(\.token.id) == ["new"])
    }

    @Test func layoutAndPrefixAreSettable() async throws {
        let server = try RedisServer()
        let operations = try operations(server) {
            $0.revocationLayout = .deployed
            $0.keyPrefix = "shop:"
        }
        _ = try await operations.revoke(request("a"))
        #expect(try server.cli("EXISTS", "shop:blacklist:token:\(TokenID.uuid(for: "a"))").hasPrefix("1"))
        #expect(try await operations.blacklistLayout().isSet)
    }

    @Test func replicasAcknowledge() async throws {
        let (primary, replica) = (try RedisServer(), try RedisServer())
        try replica.cli("REPLICAOF", "127.0.0.1", "\(primary.port)")
        try eventually("the replica is in sync") {
            try replica.cli("INFO", "replication").contains("master_link_status:up")
                && primary.cli("INFO", "replication").contains("state=online")
        }
        let operations = try operations(primary)
        var result = try await operations.revoke(request("a"))[0]
        // It is waited for a second, in which a busy machine may not run it.
        for number in 0..<20 where result.acknowledged == 0 {
            result = try await operations.revoke(request("a-\(number)"))[0]
        }
        #expect(result.acknowledged == 1 && result.replicas == 1)
        #expect(result.words.hasSuffix("1 replica acknowledged"))
        #expect(try replica.cli("EXISTS", "token:blacklist:a").hasPrefix("1"))
        await #expect {
            _ = try await self.operationsOn(replica).revoke(self.request("b"))
        } throws: { "\($0)".contains("replica") }
    }

    private func operationsOn(_ server: RedisServer) throws -> CacheOperations { try operations(server) }

    @Test func twoRoundTripsDoIt() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.revoke(request("warm"))
        // Each round trip leaves one trace of a read from the socket.
        let before = try #require(try stats(server)["total_reads_processed"])
        let between = try #require(try stats(server)["total_reads_processed"])
        _ = try await operations.revoke(request("a", "b", "c"))
        let after = try #require(try stats(server)["total_reads_processed"])
        // What asking itself costs is taken off.
        #expect(after - between - (between - before) <= 2)
    }

    @Test func aServerThatIsFullSaysSo() async throws {
        let server = try RedisServer(["--maxmemory", "1", "--maxmemory-policy", "noeviction"])
        let operations = try operations(server) { $0.revocationLayout = .documented }
        let result = try await operations.revoke(request("a"))[0]
        guard case .failed(let words) = result.state else {
            Issue.record("\(result.state)")
            return
        }
        #expect(words.contains("OOM"))
        // It is not revoked, and nobody watches for it.
        #expect(operations.ledger.entries(at: .now).isEmpty)
    }

    @Test func lostRevocationsAreFoundAndWrittenAgain() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.revoke(request("kept", "lost-1", "lost-2"))
        let collector = SnapshotCollector(settings: try settings(server.socketURL), ledger: operations.ledger)
        #expect(await collector.collect().revocations == RevocationCheck(watched: 3, lost: []))
        try server.cli("DEL", "token:blacklist:lost-1", "token:blacklist:lost-2")
        #expect(await collector.collect().revocations == RevocationCheck(watched: 3, lost: ["lost-1", "lost-2"]))
        let again = try await operations.rewriteLost()
        #expect(again.map(\.token.id).sorted() == ["lost-1", "lost-2"])
        #expect(again.allSatisfy { $0.state == .written })
        #expect(await collector.collect().revocations == RevocationCheck(watched: 3, lost: []))
        // As it was: until the same instant, for the same reason.
        #expect(try server.cli("GET", "token:blacklist:lost-1").contains(#""reason": "test""#))
        #expect(try await operations.rewriteLost().isEmpty)
        // What cannot be read is not said to be nothing.
        try FileManager.default.moveItem(atPath: operations.ledger.path, toPath: operations.ledger.path + ".kept")
        try FileManager.default.createSymbolicLink(
            atPath: operations.ledger.path, withDestinationPath: operations.ledger.path + ".kept")
        let problem = try #require(await collector.collect().revocations?.problem)
        #expect(problem.contains("is a link"), "\(problem)")
    }

    /// What is lost stays lost until it is written: the alert must not go out with an attempt that was refused.
    @Test func refusedRevocationsLeaveTheLedgerAsItWas() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.revoke(request("kept", "lost"))
        let collector = SnapshotCollector(settings: try settings(server.socketURL), ledger: operations.ledger)
        try server.cli("DEL", "token:blacklist:lost")
        let entries = operations.ledger.entries(at: .now)
        try server.cli("ACL", "SETUSER", "default", "-set")
        await #expect(throws: CacheError.self) { _ = try await operations.rewriteLost() }
        await #expect(throws: CacheError.self) { _ = try await operations.revoke(self.request("kept")) }
        await #expect(throws: CacheError.self) { _ = try await operations.revoke(self.request("never")) }
        #expect(operations.ledger.entries(at: .now) == entries)
        #expect(await collector.collect().revocations?.lost == ["lost"])
        try server.cli("ACL", "SETUSER", "default", "+set")
        #expect(try await operations.rewriteLost().map(\.holds) == [true])
        #expect(await collector.collect().revocations?.lost == [])
        await collector.close()
        await operations.close()
    }

    /// A server without memory refuses each token by itself.
    @Test func aLostRevocationThatCannotBeWrittenStaysLost() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.revoke(request("lost"))
        try server.cli("DEL", "token:blacklist:lost")
        try server.cli("CONFIG", "SET", "maxmemory-policy", "noeviction")
        try server.cli("CONFIG", "SET", "maxmemory", "1")
        #expect(try await operations.rewriteLost().map(\.holds) == [false])
        #expect(operations.ledger.entries(at: .now).map(\.token.id) == ["lost"])
        await operations.close()
    }

    /// Whoever may not look cannot say that nothing is lost.
    @Test func evictionIsFoundOut() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.revoke(request("victim"))
        let collector = SnapshotCollector(settings: try settings(server.socketURL), ledger: operations.ledger)
        #expect(await collector.collect().revocations?.lost == [])
        try server.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
        try server.cli("CONFIG", "SET", "maxmemory", "1")
        try eventually("it is evicted") {
            _ = try server.cli("SET", "x", "y")
            return try server.cli("EXISTS", "token:blacklist:victim").hasPrefix("0")
        }
        var engine = AlertEngine()
        for _ in 0..<2 { _ = engine.evaluate(await collector.collect()) }
        #expect(engine.raised.contains { $0.id == .revocationLost && $0.level == .critical })
    }

    @Test func expiredTokensAreNothingToRevoke() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        let past = TokenInput(
            id: "old", expiresAt: WallTime(milliseconds: WallTime.now.milliseconds - 10_800_000), isJWT: true)
        await #expect {
            _ = try await operations.revoke(RevocationRequest(tokens: [past]))
        } throws: { "\($0)".contains("expired 3 h ago") || "\($0)".contains("expired 3 h 0 min ago") }
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
        let anyway = try await operations.revoke(RevocationRequest(tokens: [past], lifetime: .seconds(60)))
        #expect(anyway[0].state == .written)
    }

    /// Whoever may not look cannot say that nothing is lost.
    @Test func rewritingSaysThatItCouldNotLook() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        _ = try await operations.revoke(request("stolen"))
        try server.cli("DEL", "token:blacklist:stolen")
        try server.cli("ACL", "SETUSER", "default", "-exists")
        await #expect { try await operations.rewriteLost() } throws: { "\($0)".contains("exists") }
        #expect(operations.ledger.entries(at: .now).map(\.token.id) == ["stolen"])
        #expect(try server.cli("ACL", "SETUSER", "default", "+exists").hasPrefix("OK"))
        #expect(try await operations.rewriteLost().map(\.state) == [.written])
        await operations.close()
    }

    /// Whoever may not read a token's value does not know which sets go on listing it.
    @Test func unrevokingSaysThatItCouldNotReadTheIndexes() async throws {
        let server = try RedisServer()
        let operations = try operations(server) { $0.revocationLayout = .deployed }
        _ = try await operations.revoke(request("new", user: "u1"))
        try server.cli("ACL", "SETUSER", "default", "-get")
        await #expect { try await operations.unrevoke("new", typed: "new") } throws: { "\($0)".contains("get") }
        let key = "blacklist:token:\(TokenID.uuid(for: "new"))"
        #expect(try server.cli("EXISTS", key).hasPrefix("1"))
        try server.cli("ACL", "SETUSER", "default", "+get")
        #expect(try await operations.unrevoke("new", typed: "new").keys == [key])
        #expect(try server.cli("EXISTS", "blacklist:user:u1").hasPrefix("0"))
        await operations.close()
    }
}
