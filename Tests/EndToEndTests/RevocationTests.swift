import CacheModel
import Foundation
import Support
import Testing

/// Revoking as an operator types it.
@Suite struct RevocationTests {
    private func run(_ server: RedisServer, _ words: String...) throws -> Program.Result {
        try Program.run(
            [Program.cachewatch] + words + ["--url", server.socketURL],
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
    }

    /// As the platform signs them: without an id of their own. On an empty server nothing shows which layout is in use.
    @Test(.enabled(if: Fetched.python != nil, "PyJWT and redis-py are not here; scripts/test fetches them"))
    func aPlatformTokenIsRevokedInBothLayouts() throws {
        let server = try RedisServer()
        let made = try Program.run([
            try #require(Fetched.python), "-c",
            """
            import jwt, time, uuid, hashlib
            now = int(time.time())
            token = jwt.encode({"sub": "f47ac10b-58cc-4372-a567-0e02b2c3d479", "email": "a@example.com",
                "token_type": "access", "permissions": [], "exp": now + 86400, "iat": now, "iss": "rcommerce",
                "aud": "rcommerce-api"}, "k" * 32, algorithm="HS256")
            print(token)
            h = bytearray(hashlib.sha256(token.rsplit(".", 1)[0].encode()).digest()[:16])
            h[6], h[8] = h[6] & 15 | 128, h[8] & 63 | 128
            print(uuid.UUID(bytes=bytes(h)))
            """,
        ]).output.split(separator: "\n").map(String.init)
        try #require(made.count == 2)
        let (token, id) = (try server.folder.write(made[0] + "\n", to: "platform.jwt"), made[1])
        let result = try Program.run(
            ["sh", "-c", "'\(Program.cachewatch)' revoke --file - --url '\(server.socketURL)' < '\(token)'"],
            environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.hasPrefix("1 of 1 holds\n\(id)  written in both layouts, TTL 86,"), "\(result.output)")
        #expect(result.output.contains("only where the servers ask for it"))
        #expect(result.output.contains("--user f47ac10b-58cc-4372-a567-0e02b2c3d479 --since now"))
        #expect(result.errors.contains("no revoked token among"))
        #expect(try server.cli("EXISTS", "token:blacklist:\(id)", "blacklist:token:\(id)").hasPrefix("2"))
        #expect(try server.cli("SISMEMBER", "blacklist:type:access", id).hasPrefix("1"))
        try server.cli("DEL", "blacklist:token:\(id)")
        let once = try run(server, "--once", "--format", "json")
        #expect(once.status == 2 && once.output.contains(id), "\(once.output)")
    }

    @Test func aPlanNamesTheKeysOfBothLayouts() throws {
        let server = try RedisServer()
        let plan = try run(server, "revoke", "xyz789", "--dry-run")
        let uuid = TokenID.uuid(for: "xyz789")
        #expect(plan.status == 0 && plan.output.contains("token:blacklist:xyz789  {"), "\(plan.errors)")
        #expect(plan.output.contains("blacklist:token:\(uuid)  {\"token_id\": \"\(uuid)\""), "\(plan.output)")
        #expect(!plan.output.replacing("\"ip_address\": null", with: "").contains("null"))
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
        // Without a server nobody knows: nothing is left out, and that is said.
        let blind = try Program.run(
            [Program.cachewatch, "revoke", "xyz789", "--dry-run", "--url", "unix:///nowhere/redis.sock"])
        #expect(blind.status == 0, "\(blind.errors)")
        #expect(blind.output.contains("blacklist:token:\(uuid)") && blind.errors.contains("could not be looked at"))
    }

    @Test func aUserIsCutOffAndLetInAgain() throws {
        let server = try RedisServer()
        let key = "blacklist:since:17"
        let plan = try run(server, "revoke", "--user", "17", "--since", "now", "--dry-run")
        #expect(plan.status == 0 && plan.output.contains("cut off user 17") && plan.output.contains(key))
        #expect(try server.cli("EXISTS", key).hasPrefix("0"))
        let done = try run(server, "revoke", "--user", "17", "--since", "now", "--reason", "laptop stolen")
        #expect(done.status == 0 && done.output.hasPrefix("cut off: user 17, tokens issued until "), "\(done.errors)")
        let since = try server.cli("GET", key)
        #expect(Int(since.dropLast()).map { abs($0 - Int(Date().timeIntervalSince1970)) < 60 } == true, "\(since)")
        let again = try run(server, "revoke", "--user", "17", "--since", "2025-01-01T00:00:00Z")
        #expect(again.status == 0 && again.output.hasPrefix("unchanged, cut off already"), "\(again.output)")
        #expect(try server.cli("GET", key) == since)
        let listed = try run(server, "revoked", "--format", "json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [String: Any])
        #expect((json["cut_offs"] as? [[String: Any]])?.compactMap { $0["user_id"] as? String } == ["17"])
        #expect(try run(server, "revoked").output.contains("cut off"))
        let audit = try String(contentsOfFile: server.folder.path + "/state/cachewatch/audit.jsonl", encoding: .utf8)
        #expect(audit.contains("laptop stolen") && audit.contains("\"cut off\""))
        let back = try run(server, "unrevoke", "--user", "17", "--yes")
        #expect(back.status == 0 && back.output == "removed \(key)\n", "\(back.errors)")
        #expect(try server.cli("EXISTS", key).hasPrefix("0"))
    }

    /// A token whose user is cut off stays out when it is taken off, and what lets it in is named.
    @Test func whatStaysRefusedIsSaidInTextAndJSON() throws {
        let server = try RedisServer()
        try server.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        try server.cli("CONFIG", "SET", "maxmemory", "1gb")
        let revoked = try run(server, "revoke", "t-1", "t-2", "--user", "17", "--format", "json")
        #expect(revoked.status == 0, "\(revoked.errors)")
        #expect(revoked.output.contains("\"held\": 2") && revoked.output.contains("only where the servers ask for it"))
        #expect(revoked.output.contains("allkeys-lru may take it once the server's memory is full"))
        #expect(try run(server, "revoke", "--user", "17", "--since", "now").output.contains("allkeys-lru may take it"))
        let listed = try run(server, "revoked")
        #expect(listed.output.split(separator: "\n").first?.split(separator: " ") == ["TTL", "id", "user", "reason"])
        #expect(listed.errors.contains("3 of 3 that were revoked from here hold"), "\(listed.errors)")
        #expect(
            listed.errors.contains("allkeys-lru may take it") && listed.errors.contains("only where the servers ask"))
        let text = try run(server, "unrevoke", "t-1", "--yes")
        #expect(text.status == 0 && text.output.contains("the token is still refused"), "\(text.output)\(text.errors)")
        #expect(
            text.output.contains("cachewatch unrevoke --url") && text.output.contains("--user 17"), "\(text.output)")
        let json = try run(server, "unrevoke", "t-2", "--yes", "--format", "json")
        #expect(json.status == 0 && json.output.contains("\"user_id\": \"17\""), "\(json.output)\(json.errors)")
        #expect(!json.output.contains("\"still_refused\": \"none\""), "\(json.output)")
        #expect(try run(server, "unrevoke", "t-2", "--yes", "--format", "json").status == 1, "it is not there any more")
    }

    /// What is looked for is found, wherever the walk meets it.
    @Test func theLimitIsOneOfWhatIsFound() throws {
        let server = try RedisServer()
        for number in 0..<40 {
            try server.cli("SET", "token:blacklist:tok\(number)", "{\"user_id\":\"user-\(number)\"}", "EX", "500")
        }
        for number in 0..<40 {
            let found = try run(server, "revoked", "--search", "user-\(number)", "--limit", "100")
            #expect(found.output.contains("tok\(number) "), "\(number)")
            let one = try run(server, "revoked", "--search", "tok\(number)", "--limit", "1")
            #expect(one.output.split(separator: "\n").count == 2 && one.output.contains("tok\(number)"), "\(number)")
        }
    }
}
