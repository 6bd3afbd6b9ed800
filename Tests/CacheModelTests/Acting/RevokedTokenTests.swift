import CacheModel
import Foundation
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

    /// What each poll says, what the alert names as lost after it, and how often it was raised until then.
    private struct Poll {
        var lost: [String] = []
        var unanswered: [String] = []
        var named: [String]
        var raised: Int
    }

    @Test func whatWasNotAnsweredIsNeitherHeldNorLostAnew() throws {
        let polls = [
            // Nobody knows whether any holds: that is no alert, and it is not fine.
            Poll(unanswered: ["a", "b", "c"], named: [], raised: 0),
            Poll(lost: ["a"], named: ["a"], raised: 1),
            // Its node is silent, while others answer.
            Poll(unanswered: ["a"], named: ["a"], raised: 1),
            Poll(unanswered: ["a", "b"], named: ["a"], raised: 1),
            // Another is lost meanwhile.
            Poll(lost: ["c"], unanswered: ["a"], named: ["c", "a"], raised: 1),
            // It is back, and holds; then the other one, of which the alert stood on alone.
            Poll(unanswered: ["c"], named: ["c"], raised: 1),
            Poll(unanswered: ["a"], named: [], raised: 1),
            // What held when it was last answered is not lost by being silent.
            Poll(unanswered: ["a", "b", "c"], named: [], raised: 1),
            Poll(lost: ["b"], named: ["b"], raised: 2),
        ]
        var engine = AlertEngine()
        var node = NodeSnapshot(address: "a:1")
        node.info = ServerInfo()
        var raised = 0
        for (second, poll) in polls.enumerated() {
            var snapshot = Snapshot(
                takenAt: WallTime(seconds: Int64(second)), elapsed: .seconds(second), target: "x", nodes: [node])
            snapshot.revocations = RevocationCheck(watched: 3, lost: poll.lost, unanswered: poll.unanswered)
            for case .raised(let alert) in engine.evaluate(snapshot) where alert.id == .revocationLost { raised += 1 }
            let alert = engine.raised.first { $0.id == .revocationLost }
            #expect(alert?.value.map(Int.init) ?? 0 == poll.named.count, "poll \(second)")
            #expect(raised == poll.raised, "poll \(second)")
            if let alert {
                #expect(alert.message.contains("3 revocations, " + poll.named.joined(separator: ", ")))
                let count = poll.unanswered.count
                #expect(alert.message.hasSuffix("; \(count) of 3 not answered") == (count > 0), "poll \(second)")
            }
        }
    }

    @Test func checksFromBeforeAreRead() throws {
        let old = try JSONDecoder().decode(
            RevocationCheck.self, from: Data(#"{"watched": 3, "lost": ["a"]}"#.utf8))
        #expect(old == RevocationCheck(watched: 3, lost: ["a"]))
        #expect(old.unansweredWords == nil)
        let new = RevocationCheck(watched: 24, lost: [], unanswered: ["a", "b"])
        #expect(new.unansweredWords == "2 of 24 not answered")
        #expect(try JSONDecoder().decode(RevocationCheck.self, from: JSONEncoder().encode(new)) == new)
        #expect(!String(decoding: try JSONEncoder().encode(old), as: UTF8.self).contains("unanswered"))
    }
}
