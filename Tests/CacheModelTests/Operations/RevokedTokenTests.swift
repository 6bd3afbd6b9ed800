import CacheModel
import Testing

@Suite struct RevokedTokenTests {
    private let token = RevokedToken(
        id: "t\"1", user: "u", type: nil, reason: "stolen\n", blacklistedAt: WallTime(seconds: 1_700_000_000),
        expiresAt: WallTime(seconds: 1_700_003_600))

    @Test func valueHasThePlatformsMembers() {
        #expect(
            token.json.line
                == #"{"token_id": "t\"1", "user_id": "u", "token_type": null, "reason": "stolen\u000a", "blacklisted_at": 1700000000, "expires_at": 1700003600, "ip_address": null}"#
        )
    }

    @Test func valueIsReadBack() {
        #expect(RevokedToken(value: Array(token.json.line.utf8), id: "t\"1") == token)
        let foreign = RevokedToken(value: Array("1".utf8), id: "x")
        #expect(foreign.id == "x")
        #expect(foreign.user == nil && foreign.expiresAt == nil)
    }

    @Test func layoutsNameTheirKeys() {
        let prefix = Array("shop:".utf8)
        func text(_ key: [UInt8]) -> String { String(decoding: key, as: UTF8.self) }
        #expect(text(BlacklistLayout.documented.key(of: "a", keyPrefix: prefix)) == "shop:token:blacklist:a")
        #expect(text(BlacklistLayout.deployed.key(of: "a", keyPrefix: [])) == "blacklist:token:a")
        var typed = token
        typed.type = "access"
        #expect(
            BlacklistLayout.deployed.indexKeys(of: typed, keyPrefix: prefix).map(text)
                == ["shop:blacklist:user:u", "shop:blacklist:type:access"])
        #expect(BlacklistLayout.documented.indexKeys(of: typed, keyPrefix: prefix).isEmpty)
        #expect(BlacklistLayout.documented.id(in: Array("token:blacklist:a:b".utf8), keyPrefix: []) == "a:b")
        #expect(BlacklistLayout.documented.id(in: Array("token:blacklist:".utf8), keyPrefix: []) == nil)
        #expect(BlacklistLayout.documented.id(in: Array("token:blacklisted".utf8), keyPrefix: []) == nil)
        #expect(BlacklistLayout.documented.id(in: Array("token:blacklist:".utf8) + [0xff], keyPrefix: []) == nil)
    }

    @Test func resultsSayExactlyWhatIsTrue() {
        var result = RevocationResult(token: token, layout: .documented, key: "k", state: .written)
        result.lifetime = .milliseconds(3_411_600)
        #expect(result.words == "written, TTL 3,412 s, no replica")
        (result.replicas, result.acknowledged) = (1, 1)
        #expect(result.words == "written, TTL 3,412 s, 1 replica acknowledged")
        (result.replicas, result.acknowledged) = (2, 1)
        #expect(
            result.words
                == "written, TTL 3,412 s, only 1 of 2 replicas acknowledged: a fail-over may lose it")
        result.state = .failed("OOM")
        #expect(result.words == "OOM")
        #expect(!result.holds)
    }

    @Test func lostRevocationsAreCritical() throws {
        var engine = AlertEngine()
        var snapshot = Snapshot(takenAt: WallTime(seconds: 0), elapsed: .zero, target: "x", nodes: [])
        var node = NodeSnapshot(address: "a:1")
        node.info = ServerInfo()
        snapshot.nodes = [node]
        snapshot.revocations = RevocationCheck(watched: 3, lost: [])
        _ = engine.evaluate(snapshot)
        #expect(!engine.raised.contains { $0.id == .revocationLost })
        snapshot.elapsed = .seconds(1)
        snapshot.revocations = RevocationCheck(watched: 3, lost: ["tok-1", "tok-2"])
        _ = engine.evaluate(snapshot)
        let alert = try #require(engine.raised.first { $0.id == .revocationLost })
        #expect(alert.level == .critical)
        #expect(alert.message.contains("2 of 3") && alert.message.contains("tok-1, tok-2"))
        #expect(alert.value == 2)
        // Nobody could ask: nothing is known, and it stands.
        snapshot.elapsed = .seconds(2)
        snapshot.revocations = nil
        _ = engine.evaluate(snapshot)
        #expect(engine.raised.contains { $0.id == .revocationLost })
        snapshot.elapsed = .seconds(3)
        snapshot.revocations = RevocationCheck(watched: 3, lost: [])
        _ = engine.evaluate(snapshot)
        #expect(!engine.raised.contains { $0.id == .revocationLost })
    }
}
