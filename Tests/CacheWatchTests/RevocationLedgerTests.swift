import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch

/// What is watched, and what a call that fails may take back.
@Suite struct RevocationLedgerTests {
    private let folder: TemporaryFolder
    private let ledger: RevocationLedger
    /// The name is somebody's: whoever answers there is meant.
    private let here = DeploymentIdentity(target: "redis://a:1/0", servers: [])

    init() throws {
        folder = try TemporaryFolder()
        ledger = RevocationLedger(path: folder.path + "/ledger", target: "redis://a:1/0", keyPrefix: [])
    }

    private func token(
        _ id: String, _ seconds: Int64, _ layouts: [BlacklistLayout] = [.documented]
    ) -> (RevokedToken, [BlacklistLayout], WallTime) {
        let until = WallTime(milliseconds: WallTime.now.milliseconds + seconds * 1000)
        let token = RevokedToken(
            id: id, user: nil, type: nil, reason: "\(seconds)", blacklistedAt: .now, expiresAt: until)
        return (token, layouts, until)
    }

    /// By id: for how many seconds it is watched, as its reason says.
    private var watched: [String: String?] {
        Dictionary(uniqueKeysWithValues: ledger.entries(at: .now).map { ($0.token.id, $0.token.reason) })
    }

    @Test func whatWasAddedIsTakenBack() throws {
        let added = try ledger.record([token("a", 100), token("b", 100)], on: here)
        #expect(watched == ["a": "100", "b": "100"])
        try ledger.takeBack(added, of: ["b", "nobody"])
        #expect(watched == ["a": "100"])
        try ledger.takeBack(added)
        #expect(watched.isEmpty)
    }

    @Test func whatWasWatchedBeforeStays() throws {
        _ = try ledger.record([token("a", 100)], on: here)
        let longer = try ledger.record([token("a", 200), token("b", 200)], on: here)
        #expect(watched == ["a": "200", "b": "200"])
        try ledger.takeBack(longer)
        #expect(watched == ["a": "100"], "as it was")
    }

    /// A revocation that holds for longer is not forgotten after a shorter one.
    @Test func whatIsWatchedForLongerIsLeftAlone() throws {
        _ = try ledger.record([token("a", 200)], on: here)
        let shorter = try ledger.record([token("a", 100)], on: here)
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
        let keys = ["a", "b"].map { Array($0.utf8) }
        #expect((try? RevocationLedger.lost(among: keys, replies)) == lost.map { Set($0.map { Array($0.utf8) }) })
    }

    private func watched(
        _ ids: [String], until: WallTime = WallTime(milliseconds: .max)
    ) -> [RevocationLedger.Watched] {
        ids.map { RevocationLedger.Watched(name: $0, keys: [Array($0.utf8)], until: until) }
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
            RevocationLedger.verdict(on: watched(["a", "b", "c"]), replies, at: .now)
                == RevocationCheck(watched: 3, lost: lost, unanswered: unanswered))
    }

    @Test func oneThatIsAboutToExpireIsNotLost() {
        let now = WallTime(milliseconds: 1_000_000)
        for (until, lost) in [(1_002_000, []), (1_002_001, ["a"]), (999_000, [])] as [(Int64, [String])] {
            let keys = watched(["a"], until: WallTime(milliseconds: until))
            #expect(
                RevocationLedger.verdict(on: keys, [.integer(0)], at: now) == RevocationCheck(watched: 1, lost: lost)
            )
        }
    }

    /// A token of two keys holds where both are there.
    @Test(
        arguments: [
            ([.integer(1), .integer(1), .integer(1)], [], []), ([.integer(1), .integer(0), .integer(1)], ["a"], []),
            ([.integer(0), nil, .integer(1)], ["a"], []), ([.integer(1), nil, .integer(1)], [], ["a"]),
            ([nil, nil, .integer(0)], ["b"], ["a"]), ([.integer(0), .integer(0), .integer(0)], ["a", "b"], []),
        ] as [([RESPValue?], [String], [String])])
    func aTokenIsLostWithOneOfItsKeys(replies: [RESPValue?], lost: [String], unanswered: [String]) {
        var watched = watched(["a", "b"])
        watched[0].keys = [Array("one".utf8), Array("two".utf8)]
        #expect(
            RevocationLedger.verdict(on: watched, replies, at: .now)
                == RevocationCheck(watched: 2, lost: lost, unanswered: unanswered))
    }

    @Test func keysOfBothLayoutsAreWatched() throws {
        _ = try ledger.record([token("a.b", 100, BlacklistLayout.allCases)], on: here)
        let due = ["token:blacklist:a.b", "blacklist:token:2e7336dc-8eba-87ef-872d-f568c35482ab"]
        #expect(ledger.watched(at: .now, on: here).flatMap(\.keys).map { String(decoding: $0, as: UTF8.self) } == due)
        // Whatever it is called when it is let in again.
        try ledger.forget(keys: [Array(due[1].utf8)], on: here)
        #expect(ledger.watched(at: .now, on: here).isEmpty)
    }

    /// What an earlier version has written is watched where that has put it.
    @Test func linesFromBeforeAreRead() throws {
        let line =
            #"{"server": "redis://a:1/0", "layout": "blacklist:token", "token": {"token_id": "new", "user_id": null}, "until_ms": 99999999999999}"#
        _ = try folder.write(line + "\n", to: "ledger")
        #expect(ledger.entries(at: .now).map(\.keys) == [[Array("blacklist:token:new".utf8)]])
        _ = try ledger.record([token("new", 100, [.deployed])], on: here)
        #expect(ledger.entries(at: .now).map(\.keys) == [[BlacklistLayout.deployed.key(of: "new", keyPrefix: [])]])
    }

    @Test func cutOffsAreWatchedUpToTheLatestInstant() throws {
        func cutOff(_ seconds: Int64) -> CutOff { CutOff(user: "17", since: WallTime(seconds: seconds)) }
        let (soon, late) = (
            WallTime(milliseconds: WallTime.now.milliseconds + 100_000),
            WallTime(milliseconds: WallTime.now.milliseconds + 200_000)
        )
        let first = try ledger.record(cutOff(10), until: soon, on: here)
        _ = try ledger.record(cutOff(5), until: soon, on: here)
        #expect(ledger.cutOffs(at: .now).map(\.cutOff) == [cutOff(10)])
        let later = try ledger.record(cutOff(5), until: late, on: here)
        #expect(ledger.cutOffs(at: .now).map(\.cutOff) == [cutOff(10)] && ledger.cutOffs(at: .now)[0].until == late)
        #expect(ledger.watched(at: .now, on: here).map(\.name) == ["user 17"])
        try ledger.takeBack(later)
        #expect(ledger.cutOffs(at: .now).map(\.until) == [soon], "as it was")
        try ledger.takeBack(first)
        #expect(ledger.cutOffs(at: .now).isEmpty)
        _ = try ledger.record(cutOff(10), until: late, on: here)
        try ledger.forget(users: ["17"], on: here)
        #expect(ledger.cutOffs(at: .now).isEmpty && ledger.entries(at: .now).isEmpty)
    }

    // MARK: behind a name that is nobody's

    /// A server that was seen at 1000 s and started at `startedAt`, in seconds.
    private func behindATunnel(_ runID: String, startedAt: Int64 = 10, history: String? = nil) -> DeploymentIdentity {
        var server = ServerIdentity(runID: runID)
        (server.startedAt, server.seenAt) = (WallTime(seconds: startedAt), WallTime(seconds: 1000))
        server.installation = ServerIdentity.Installation(
            port: 6379, executable: "/bin/redis", configFile: "", operatingSystem: "Linux")
        server.history = history.map { ServerIdentity.History(id: $0, offset: 100) }
        return DeploymentIdentity(target: Self.tunnel, servers: [server])
    }

    private static let tunnel = "redis://localhost:6379/0"

    private func names(_ ledger: RevocationLedger, _ here: DeploymentIdentity) -> [String] {
        ledger.watched(at: .now, on: here).map(\.name)
    }

    /// A tunnel leads elsewhere: what was revoked at its one end is not missed at the other, nor written there.
    @Test func whatIsAnotherDeploymentsIsNotMissedHere() throws {
        let ledger = RevocationLedger(path: folder.path + "/tunnel", target: Self.tunnel, keyPrefix: [])
        let (one, other) = (behindATunnel("a"), behindATunnel("b"))
        _ = try ledger.record([token("x", 100), token("y", 100)], on: one)
        _ = try ledger.record([token("x", 200)], on: other)
        let cutOff = CutOff(user: "17", since: WallTime(seconds: 5))
        _ = try ledger.record(cutOff, until: WallTime(milliseconds: WallTime.now.milliseconds + 100_000), on: other)
        #expect(names(ledger, one) == ["x", "y"] && names(ledger, other) == ["x", "user 17"])
        #expect(ledger.entries(at: .now, on: other).map(\.token.reason) == ["200"])
        // Another process of the user reads the same.
        let again = RevocationLedger(path: ledger.path, target: "redis://127.0.0.1:6379/0", keyPrefix: [])
        #expect(names(again, one) == ["x", "y"])
        try again.forget(keys: [Array("token:blacklist:x".utf8)], on: one)
        try again.forget(users: ["17"], on: one)
        #expect(names(ledger, one) == ["y"] && names(ledger, other) == ["x", "user 17"])
    }

    @Test func aServerThatWasStartedAgainIsTheSameOne() throws {
        let ledger = RevocationLedger(path: folder.path + "/tunnel", target: Self.tunnel, keyPrefix: [])
        _ = try ledger.record([token("x", 100)], on: behindATunnel("a", history: "h"))
        let restarted = behindATunnel("b", startedAt: 1200)
        _ = try ledger.record([token("y", 100)], on: restarted)
        #expect(names(ledger, restarted) == ["x", "y"])
        // A fail-over that has lost its last writes has lost what is to be missed.
        _ = try ledger.record([token("z", 100)], on: behindATunnel("c", startedAt: 20, history: "h"))
        #expect(names(ledger, behindATunnel("d", startedAt: 30, history: "h")).contains("z"))
    }

    /// What nobody can tell apart is not called lost, and not called held.
    @Test func whereNobodyKnowsWhoseItIsNothingIsLost() throws {
        let ledger = RevocationLedger(path: folder.path + "/tunnel", target: Self.tunnel, keyPrefix: [])
        let line =
            #"{"server": "redis://localhost:6379/0", "layout": "token:blacklist", "token": {"token_id": "old"}, "until_ms": 99999999999999}"#
        _ = try folder.write(line + "\n", to: "tunnel")
        let here = behindATunnel("a")
        let watched = ledger.watched(at: .now, on: here)
        #expect(
            RevocationLedger.verdict(on: watched, [.integer(0)], at: .now)
                == RevocationCheck(watched: 1, lost: [], unanswered: ["old"]))
        #expect(
            RevocationLedger.verdict(on: watched, [.integer(1)], at: .now) == RevocationCheck(watched: 1, lost: []))
        #expect(ledger.entries(at: .now, on: here).isEmpty, "nothing of it is written again")
        // Once it is revoked here, it is known.
        _ = try ledger.record([token("old", 100)], on: here)
        #expect(ledger.entries(at: .now).map(\.token.reason) == ["100"])
        #expect(ledger.entries(at: .now, on: here).map(\.token.id) == ["old"])
    }

    /// Whoever stands behind a name that is somebody's by now is to have what was revoked there.
    @Test func theNameOfSomebodyIsEnough() throws {
        var (before, now) = (here, here)
        before.servers = behindATunnel("a").servers
        now.servers = behindATunnel("b").servers
        _ = try ledger.record([token("x", 100)], on: before)
        #expect(names(ledger, now) == ["x"])
        #expect(try !String(contentsOfFile: ledger.path, encoding: .utf8).contains("place"))
    }
}
