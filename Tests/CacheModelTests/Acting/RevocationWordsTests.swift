import CacheModel
import Support
import Testing

@Suite struct RevocationWordsTests {
    private func memory(_ policy: String?, used: Int?, of limit: Int?, buffers: Int? = nil) -> ServerInfo.Memory {
        var memory = ServerInfo.Memory()
        memory.policy = policy
        memory.used = used.map { ByteCount($0) }
        memory.maximum = limit.map { ByteCount($0) }
        memory.notCountedForEviction = buffers.map { ByteCount($0) }
        return memory
    }

    /// A key that is written does not last on a server that is full and takes keys.
    @Test func serversThatEvictAreTold() {
        #expect(EvictionRisk(memory("noeviction", used: 100, of: 100)) == .none)
        #expect(EvictionRisk(memory("allkeys-lru", used: 100, of: 0)) == .none)
        #expect(EvictionRisk(memory("allkeys-lru", used: 100, of: nil)) == .unknown)
        #expect(EvictionRisk(memory(nil, used: 100, of: 100)) == .unknown)
        #expect(EvictionRisk(memory("allkeys-lru", used: nil, of: 100)) == .unknown)
        #expect(EvictionRisk(memory("volatile-ttl", used: 50, of: 100)) == .later(policy: "volatile-ttl"))
        // What replicas have not read yet is not counted.
        #expect(EvictionRisk(memory("allkeys-lru", used: 100, of: 100, buffers: 50)) == .later(policy: "allkeys-lru"))
        let full = EvictionRisk(memory("allkeys-random", used: 25_165_824, of: 25_165_824))
        #expect(full.words?.hasPrefix("will not last: allkeys-random takes keys, 24.0 MiB of 24.0 MiB") == true)
        #expect(EvictionRisk.worst(of: [.none, .later(policy: "a"), full, .unknown]) == full)
        #expect(EvictionRisk.worst(of: []) == .unknown)
    }

    @Test func howManyHoldComesFirst() {
        let results = (0..<11).map { Sample.revocation("t-\($0)") }
        #expect(RevocationWords.head(results) == "11 of 11 hold")
        #expect(RevocationWords.head([results[0]]) == "1 of 1 holds")
        #expect(RevocationWords.head(results + [Sample.revocation("x", state: .failed("OOM"))]) == "11 of 12 hold")
        #expect(RevocationWords.line([results[0]]) == "written, TTL 3,412 s, 1 replica acknowledged")
        #expect(RevocationWords.line(results).hasPrefix("11 of 11 tokens hold"))
    }

    /// A list says whether all is there that should be, and whether it will stay.
    @Test func whatAListIsWorth() {
        var list = RevokedList(tokens: Sample.revokedTokens)
        #expect(RevocationWords.notes(list) == [RevocationWords.barrier])
        list.risk = .later(policy: "allkeys-lru")
        list.check = RevocationCheck(watched: 12, lost: ["a", "b", "c", "d"], unanswered: ["e"])
        let notes = RevocationWords.notes(list)
        #expect(
            notes[0] == "7 of 12 that were revoked from here hold; lost: a, b, c and 1 more; 1 of 12 not answered")
        #expect(notes[1].hasPrefix("allkeys-lru may take it") && notes[2] == RevocationWords.barrier)
        #expect(RevocationWords.notes(list.matching(RevokedList.Search("token-1"))) == notes)
        // Nothing is listed, and something should be.
        let lost = RevokedList()
        #expect(RevocationWords.notes(lost).isEmpty)
        list = lost
        list.check = RevocationCheck(watched: 1, lost: ["a"])
        #expect(RevocationWords.notes(list) == ["0 of 1 that were revoked from here hold; lost: a"])
    }

    /// A plan says what a key is worth before it is written.
    @Test func aPlanPromisesNothing() {
        let plan = RevocationWords.plan(CutOffRequest(user: "17"), key: "k", target: "t")
        #expect(plan.contains { $0.contains(RevocationWords.barrier) })
    }

    /// Whoever holds the refresh token gets the next access token.
    @Test func theCutOffIsOfferedForAccessTokens() {
        func result(_ type: String?, _ user: String?) -> RevocationResult {
            var result = Sample.revocation("t")
            (result.token.type, result.token.user) = (type, user)
            return result
        }
        func offers(_ results: RevocationResult...) -> [String] {
            RevocationWords.notes(results) { "cut off \($0)" }.filter { $0.contains("cut off ") }
        }
        #expect(offers(result("access", "17"), result("access", "17")) == ["  cut off 17"])
        #expect(offers(result("refresh", "17"), result("access", nil), result(nil, "17")).isEmpty)
        let all = RevocationWords.notes((0..<5).map { result("access", "\($0)") }) { "cut off \($0)" }
        #expect(all.contains(RevocationWords.barrier) && all.contains(RevocationWords.renewal))
        #expect(all.suffix(4) == ["  cut off 0", "  cut off 1", "  cut off 2", "  and so for 2 more users"])
        #expect(RevocationWords.notes([Sample.revocation("t", state: .failed("OOM"))]) { $0 }.isEmpty)
        #expect(
            Invocation(options: ["--url", "redis://a b"]).cutOff("o'neil")
                == #"cachewatch revoke --url 'redis://a b' --user 'o'\''neil' --since now"#)
    }
}
