import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Tokens as the platform signs them, and readers as strict as the platform's.
@Suite(.enabled(if: Fetched.python != nil, "PyJWT and redis-py are not here; scripts/test fetches them"))
struct PlatformTokenTests {
    private static let user = "f47ac10b-58cc-4372-a567-0e02b2c3d479"

    private func python(_ program: String) throws -> String {
        let result = try Program.run([try #require(Fetched.python), "-c", program])
        #expect(result.status == 0, "\(result.errors)")
        return result.output
    }

    /// An access token and the refresh token that belongs to it, made by a JWT library.
    private func platformTokens() throws -> [TokenInput] {
        let made = try python(
            """
            import jwt, time
            def make(kind, life):
                now = int(time.time())
                return jwt.encode({"sub": "\(Self.user)", "email": "a@example.com", "token_type": kind,
                    "permissions": ["orders:read"], "exp": now + life, "iat": now, "iss": "rcommerce",
                    "aud": "rcommerce-api"}, "k" * 32, algorithm="HS256")
            print(make("access", 86400))
            print(make("refresh", 7 * 86400))
            """)
        return try made.split(separator: "\n").map { try TokenInput(parsing: String($0)) }
    }

    /// What fails one record fails listing, statistics and clean-up of all.
    private func readStrictly(_ server: RedisServer) throws -> [String] {
        let read = try python(
            """
            import json, redis, uuid
            r = redis.Redis(unix_socket_path="\(server.socket)", decode_responses=True)
            def canonical(text):
                assert isinstance(text, str) and str(uuid.UUID(text)) == text, text
                return text
            for key in sorted(r.scan_iter("blacklist:token:*")):
                value = json.loads(r.get(key))
                token = canonical(value["token_id"])
                assert key == "blacklist:token:" + token, key
                user = canonical(value["user_id"])
                for name in ("token_type", "reason"):
                    assert isinstance(value[name], str), value
                for name in ("blacklisted_at", "expires_at"):
                    assert type(value[name]) is int and 1e9 < value[name] < 1e11, value
                assert value["ip_address"] is None or isinstance(value["ip_address"], str), value
                assert abs(value["expires_at"] - r.time()[0] - r.ttl(key)) <= 2, (value, r.ttl(key))
                if user != str(uuid.UUID(int=0)):
                    assert r.sismember("blacklist:user:" + user, token), user
                    assert r.ttl("blacklist:user:" + user) >= r.ttl(key)
                if value["token_type"] != "unknown":
                    assert r.sismember("blacklist:type:" + value["token_type"], token)
                print(token)
            for key in r.scan_iter("token:blacklist:*"):
                value = json.loads(r.get(key))
                assert key == "token:blacklist:" + value["token_id"], key
                assert all(v is not None for k, v in value.items() if k != "ip_address"), value
            """)
        return read.split(separator: "\n").map(String.init)
    }

    private func exists(_ server: RedisServer, _ keys: String...) throws -> Int {
        Int(try server.cli(["EXISTS"] + keys).trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }

    @Test(arguments: RevocationLayout.allCases)
    func isRevokedListedWatchedAndTakenBack(_ layout: RevocationLayout) async throws {
        let server = try RedisServer()
        // On an empty server both are written without being asked for.
        let operations = try operations(server) { $0.revocationLayout = layout == .both ? nil : layout }
        let tokens = try platformTokens()
        let ids = tokens.map(\.id)
        #expect(ids.allSatisfy(TokenID.isDerived) && Set(ids).count == 2)
        let results = try await operations.revoke(RevocationRequest(tokens: tokens, reason: "stolen"))
        #expect(results.allSatisfy { $0.state == .written && $0.layouts == layout.layouts }, "\(results)")
        let keys = layout.layouts.map { $0.prefix + ids[0] }
        for key in keys { #expect(try exists(server, key) == 1) }
        if layout != .documented { #expect(try readStrictly(server) == ids.sorted()) }
        let listed = try await operations.revoked(limit: 100, pace: .fast, control: SweepControl())
        #expect(listed.tokens.map(\.token.id) == ids && listed.isWhole)
        #expect(listed.tokens.allSatisfy { $0.layouts == layout.layouts && $0.token.user == Self.user })
        // One of the keys is enough to lose it.
        let collector = SnapshotCollector(settings: try settings(server.socketURL), ledger: operations.ledger)
        for key in keys {
            #expect(await collector.collect().revocations == RevocationCheck(watched: 2, lost: []))
            try server.cli("DEL", key)
            #expect(await collector.collect().revocations == RevocationCheck(watched: 2, lost: [ids[0]]))
            #expect(try await operations.rewriteLost().map(\.state) == [.written])
        }
        if layout != .documented { #expect(try readStrictly(server) == ids.sorted()) }
        #expect(try await operations.unrevoke(ids[0], typed: ids[0]).keys == keys)
        if layout != .documented {
            #expect(try server.cli("SISMEMBER", "blacklist:user:\(Self.user)", ids[0]).hasPrefix("0"))
        }
        #expect(await collector.collect().revocations == RevocationCheck(watched: 1, lost: []))
        await collector.close()
        await operations.close()
    }

    /// A value for a token of which nothing is known, and of ids and users that are no UUIDs.
    @Test func strictReadersTakeWhateverIsRevoked() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        let tokens = [
            TokenInput(id: "xyz789"), TokenInput(id: "b", user: "17", type: "access"),
            TokenInput(id: "F47AC10B-58CC-4372-A567-0E02B2C3D480", user: Self.user.uppercased()),
        ]
        #expect(try await operations.revoke(RevocationRequest(tokens: tokens)).allSatisfy(\.holds))
        #expect(try readStrictly(server) == tokens.map { TokenID.uuid(for: $0.id) }.sorted())
        let listed = try await operations.revoked(limit: 100, pace: .fast, control: SweepControl())
        #expect(Set(listed.tokens.map(\.token.id)) == Set(tokens.map(\.id)))
        #expect(listed.tokens.first { $0.token.id == "b" }?.token.user == "17")
        // The UUID that is seen in the deployed layout leads to both keys.
        let uuid = TokenID.uuid(for: "xyz789")
        #expect(
            try await operations.unrevoke(uuid, typed: uuid).keys == [
                "token:blacklist:xyz789", "blacklist:token:\(uuid)",
            ])
        #expect(operations.ledger.entries(at: .now).count == 2)
        await operations.close()
    }

    /// Hashes of our own agree with those of another implementation, whatever the length.
    @Test func derivedIDsAreThoseOfOthers() throws {
        let texts = (0..<300).map { length in String(repeating: "aé.", count: length) }
        let derived = try python(
            """
            import hashlib, uuid
            for n in range(300):
                h = bytearray(hashlib.sha256(("a\\u00e9." * n).encode()).digest()[:16])
                h[6] = h[6] & 0x0f | 0x80
                h[8] = h[8] & 0x3f | 0x80
                print(uuid.UUID(bytes=bytes(h)))
            """)
        #expect(texts.map { TokenID.derived(fromSigned: $0) } == derived.split(separator: "\n").map(String.init))
    }
}
