import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch

/// What is watched, and what a call that fails may take back.
@Suite struct RevocationLedgerTests {
    private let folder: TemporaryFolder
    private let ledger: RevocationLedger

    init() throws {
        folder = try TemporaryFolder()
        ledger = RevocationLedger(path: folder.path + "/ledger", target: "redis://a:1/0", keyPrefix: [])
    }

    private func token(_ id: String, _ seconds: Int64) -> (RevokedToken, BlacklistLayout, WallTime) {
        let until = WallTime(milliseconds: WallTime.now.milliseconds + seconds * 1000)
        let token = RevokedToken(
            id: id, user: nil, type: nil, reason: "\(seconds)", blacklistedAt: .now, expiresAt: until)
        return (token, .documented, until)
    }

    /// By id: for how many seconds it is watched, as its reason says.
    private var watched: [String: String?] {
        Dictionary(uniqueKeysWithValues: ledger.entries(at: .now).map { ($0.token.id, $0.token.reason) })
    }

    @Test func whatWasAddedIsTakenBack() throws {
        let added = try ledger.record([token("a", 100), token("b", 100)])
        #expect(watched == ["a": "100", "b": "100"])
        try ledger.takeBack(added, of: ["b", "nobody"])
        #expect(watched == ["a": "100"])
        try ledger.takeBack(added)
        #expect(watched.isEmpty)
    }

    @Test func whatWasWatchedBeforeStays() throws {
        _ = try ledger.record([token("a", 100)])
        let longer = try ledger.record([token("a", 200), token("b", 200)])
        #expect(watched == ["a": "200", "b": "200"])
        try ledger.takeBack(longer)
        #expect(watched == ["a": "100"], "as it was")
    }

    /// A revocation that holds for longer is not forgotten after a shorter one.
    @Test func whatIsWatchedForLongerIsLeftAlone() throws {
        _ = try ledger.record([token("a", 200)])
        let shorter = try ledger.record([token("a", 100)])
        #expect(watched == ["a": "200"])
        try ledger.takeBack(shorter)
        #expect(watched == ["a": "200"])
    }

    /// Whether a key is lost is said by a count, and by nothing else.
    @Test(
        arguments: [
            ([.integer(0), .integer(1)], ["a"]), ([.integer(1), .integer(1)], []), ([.integer(1), .integer(0)], ["b"]),
            ([.integer(0), .error(Array("NOPERM no".utf8))], nil), ([.null, .integer(1)], nil),
            ([.integer(-1), .integer(1)], nil), ([.error(Array("MOVED 1 a:1".utf8)), .integer(1)], nil),
        ] as [([RESPValue], [String]?)])
    func whatIsLostIsSaidAndNotSupposed(replies: [RESPValue], lost: [String]?) {
        let entries = entries(["a", "b"])
        let found = try? RevocationLedger.lost(among: entries, replies).map(\.token.id)
        #expect(found == lost)
    }

    private func entries(_ ids: [String], until: WallTime = WallTime(milliseconds: .max)) -> [RevocationLedger.Entry] {
        ids.map { id in
            RevocationLedger.Entry(
                token: RevokedToken(id: id, blacklistedAt: .now), layout: .documented, key: Array(id.utf8),
                until: until)
        }
    }

    /// What was not asked, and whatever is not a count, is neither held nor lost.
    @Test(
        arguments: [
            ([.integer(0), .integer(1), .integer(1)], ["a"], []), ([.integer(1), .integer(1), .integer(1)], [], []),
            ([nil, nil, nil], [], ["a", "b", "c"]), ([.integer(0), nil, .integer(1)], ["a"], ["b"]),
            ([nil, .integer(0), .integer(0)], ["b", "c"], ["a"]),
            ([.error(Array("LOADING x".utf8)), .integer(1), .integer(0)], ["c"], ["a"]),
            ([.error(Array("MOVED 1 a:1".utf8)), .null, .integer(-1)], [], ["a", "b", "c"]),
            ([.string(Array("0".utf8)), .array([]), .integer(2)], [], ["a", "b"]),
        ] as [([RESPValue?], [String], [String])])
    func whatWasNotAnsweredIsNeitherHeldNorLost(replies: [RESPValue?], lost: [String], unanswered: [String]) {
        #expect(
            RevocationLedger.verdict(on: entries(["a", "b", "c"]), replies, at: .now)
                == RevocationCheck(watched: 3, lost: lost, unanswered: unanswered))
    }

    @Test func oneThatIsAboutToExpireIsNotLost() {
        let now = WallTime(milliseconds: 1_000_000)
        for (until, lost) in [(1_002_000, []), (1_002_001, ["a"]), (999_000, [])] as [(Int64, [String])] {
            let entries = entries(["a"], until: WallTime(milliseconds: until))
            #expect(
                RevocationLedger.verdict(on: entries, [.integer(0)], at: now) == RevocationCheck(watched: 1, lost: lost)
            )
        }
    }
}
