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

    private func text(_ key: [UInt8]) -> String { String(decoding: key, as: UTF8.self) }

    @Test func layoutsNameTheirKeys() {
        let prefix = Array("shop:".utf8)
        let uuid = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
        #expect(text(BlacklistLayout.documented.key(of: "a", keyPrefix: prefix)) == "shop:token:blacklist:a")
        #expect(
            text(BlacklistLayout.deployed.key(of: "a.b", keyPrefix: []))
                == "blacklist:token:2e7336dc-8eba-87ef-872d-f568c35482ab")
        #expect(text(BlacklistLayout.deployed.key(of: uuid, keyPrefix: [])) == "blacklist:token:\(uuid)")
        #expect(text(BlacklistLayout.deployed.key(of: uuid.uppercased(), keyPrefix: [])) == "blacklist:token:\(uuid)")
        #expect(
            BlacklistLayout.keys(of: "a.b", keyPrefix: []).map { text($0.key) } == [
                "token:blacklist:a.b", "blacklist:token:2e7336dc-8eba-87ef-872d-f568c35482ab", "blacklist:token:a.b",
            ])
        #expect(BlacklistLayout.keys(of: uuid, keyPrefix: []).count == 2)
        var typed = token
        typed.type = "access"
        #expect(
            BlacklistLayout.deployed.indexKeys(of: typed, keyPrefix: prefix).map(text)
                == ["shop:blacklist:user:u", "shop:blacklist:type:access"])
        typed.user = uuid.uppercased()
        #expect(BlacklistLayout.deployed.indexKeys(of: typed, keyPrefix: []).map(text)[0] == "blacklist:user:\(uuid)")
        #expect(BlacklistLayout.documented.indexKeys(of: typed, keyPrefix: prefix).isEmpty)
        #expect(BlacklistLayout.documented.id(in: Array("token:blacklist:a:b".utf8), keyPrefix: []) == "a:b")
        #expect(BlacklistLayout.documented.id(in: Array("token:blacklist:".utf8), keyPrefix: []) == nil)
        #expect(BlacklistLayout.documented.id(in: Array("token:blacklisted".utf8), keyPrefix: []) == nil)
        #expect(BlacklistLayout.documented.id(in: Array("token:blacklist:".utf8) + [0xff], keyPrefix: []) == nil)
    }

    /// The platform's readers are strict: null or a missing member fails the record, and with it all others.
    @Test(
        arguments: BlacklistLayout.allCases,
        [
            ("f47ac10b-58cc-4372-a567-0e02b2c3d479", true), ("f47ac10b-58cc-4372-a567-0e02b2c3d479", false),
            ("xyz789", true), ("xyz789", false),
        ])
    func valuesHaveEveryMember(_ layout: BlacklistLayout, what: (id: String, isKnown: Bool)) throws {
        let (id, isKnown) = what
        let until = WallTime(seconds: 1_700_003_600)
        var token = RevokedToken(id: id, blacklistedAt: WallTime(seconds: 1_700_000_000))
        if isKnown { (token.user, token.type, token.reason) = ("17", "access", "stolen") }
        let bytes = Array(token.value(in: layout, until: until).line.utf8)
        let value = try JSONParser.parse(bytes)
        for name in ["token_id", "user_id", "token_type", "reason"] {
            #expect(value[name]?.string?.isEmpty == false, "\(name)")
        }
        #expect(value["expires_at"]?.wholeNumber == 1_700_003_600 && value["blacklisted_at"]?.wholeNumber != nil)
        let nobody = "00000000-0000-0000-0000-000000000000"
        switch layout {
        case .documented:
            #expect(value["token_id"]?.string == id && value["token_ref"] == nil && value["user_ref"] == nil)
            #expect(value["user_id"]?.string == (isKnown ? "17" : nobody))
        case .deployed:
            // What is no UUID would fail the record: it stands beside.
            #expect(value["token_id"]?.string == TokenID.uuid(for: id))
            #expect(value["token_ref"]?.string == (id == "xyz789" ? id : nil))
            #expect(value["user_id"]?.string == nobody && value["user_ref"]?.string == (isKnown ? "17" : nil))
        }
        #expect(value["token_type"]?.string == (isKnown ? "access" : "unknown"))
        // And reads as what it was.
        var read = RevokedToken(value: bytes, id: layout.name(of: id))
        #expect(read.expiresAt == until)
        read.expiresAt = nil
        #expect(read == token)
    }

    /// A value that names another token leads nowhere.
    @Test func aReferenceHasToLeadToItsKey() {
        let uuid = TokenID.uuid(for: "a")
        #expect(RevokedToken(value: Array(#"{"token_ref":"a"}"#.utf8), id: uuid).id == "a")
        #expect(RevokedToken(value: Array(#"{"token_ref":"b"}"#.utf8), id: uuid).id == uuid)
        #expect(RevokedToken(value: Array(#"{"token_ref":"b"}"#.utf8), id: "x").id == "x")
    }

    @Test func aTokenHoldsWhereAllItsKeysDo() {
        func result(_ layout: BlacklistLayout, _ state: RevocationResult.State) -> RevocationResult {
            var result = RevocationResult(token: token, layout: layout, key: layout.prefix, state: state)
            result.lifetime = layout == .documented ? .seconds(60) : .seconds(50)
            return result
        }
        let whole = result(.documented, .alreadyRevoked).joined(result(.deployed, .written))
        #expect(
            whole.holds && whole.state == .written && whole.words == "written in both layouts, TTL 50 s, no replica")
        let half = result(.documented, .written).joined(result(.deployed, .failed("NOPERM")))
        #expect(!half.holds && half.isThere)
        #expect(half.words == "revoked as token:blacklist:, but not as blacklist:token:: NOPERM")
        let none = result(.documented, .failed("OOM")).joined(result(.deployed, .failed("OOM")))
        #expect(none.words == "OOM")
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

    /// A ledger that cannot be read is not an empty one.
    @Test func whatCannotBeReadIsWarnedOfAndForgetsNothing() throws {
        var engine = AlertEngine()
        var node = NodeSnapshot(address: "a:1")
        node.info = ServerInfo()
        let checks = [
            RevocationCheck(problem: "/l: it is a link"), RevocationCheck(watched: 2, lost: ["a"]),
            RevocationCheck(problem: "/l: it is a link"), RevocationCheck(watched: 2, lost: []),
        ]
        let due: [(level: Alert.Level, words: String)?] = [
            (.warning, "Whether revocations hold is not watched: /l: it is a link"),
            (.critical, "1 of 2 revocations, a"), (.critical, "at least 1, a; /l: it is a link"), nil,
        ]
        for (second, (check, due)) in zip(checks, due).enumerated() {
            var snapshot = Snapshot(
                takenAt: WallTime(seconds: Int64(second)), elapsed: .seconds(second), target: "x", nodes: [node])
            snapshot.revocations = check
            _ = engine.evaluate(snapshot)
            let alert = engine.raised.first { $0.id == .revocationLost }
            #expect(alert?.level == due?.level, "poll \(second)")
            #expect(due.map { alert?.message.contains($0.words) == true } ?? (alert == nil), "\(alert?.message ?? "")")
        }
        #expect(RevocationWords.words(of: checks[0]).contains("is not known: /l"))
        #expect(!checks[0].holds && !checks[1].holds && checks[3].holds)
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
