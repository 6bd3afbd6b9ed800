import CacheModel
import Testing

@Suite struct CutOffTests {
    private let now = WallTime(milliseconds: 1_795_667_496_789)

    @Test func keysAndValuesAreThoseOfThePlatform() {
        func text(_ user: String) -> String { String(decoding: CutOff.key(of: user, keyPrefix: []), as: UTF8.self) }
        #expect(text("17") == "blacklist:since:17")
        #expect(
            text("F47AC10B-58CC-4372-A567-0E02B2C3D479")
                == "blacklist:since:f47ac10b-58cc-4372-a567-0e02b2c3d479")
        let cutOff = CutOff(user: "17", since: now)
        #expect(cutOff.value == "1795667496")
        #expect(CutOff(user: "17", value: Array(cutOff.value.utf8)) == cutOff)
        #expect(CutOff.user(in: Array("shop:blacklist:since:a:b".utf8), keyPrefix: Array("shop:".utf8)) == "a:b")
        for value in ["", "-1", "1e9", " 1", "1795667496.0", "9999999999999999"] {
            #expect(CutOff(user: "17", value: Array(value.utf8)) == nil, "\(value)")
        }
    }

    @Test(arguments: [
        ("now", 1_795_667_496), ("NOW", 1_795_667_496), ("1795667496", 1_795_667_496), ("1795667496.7", 1_795_667_496),
        ("2026-11-26T04:31:36Z", 1_795_667_496), ("2026-11-25T00:00:00+02:00", 1_795_557_600),
    ])
    func whatIsPastIsTaken(text: String, seconds: Int64) throws {
        let request = CutOffRequest(user: "17", since: try CutOffRequest.since(parsing: text))
        #expect(try request.cutOff(at: now).since == WallTime(seconds: seconds))
    }

    @Test(arguments: [
        ("17", "1795667497", "still to come"), ("17", "2099-01-01Z", "still to come"), ("17", "tomorrow", "not a time"),
        ("17", "2026-11-26", "not a time"), ("", "now", "is empty"), ("a b", "now", "blanks"),
        ("a\u{1b}", "now", "control"), ("17", "20261126", "ten digits"), ("17", "0", "ten digits"),
        ("17", "2026", "ten digits"), ("17", "202611260431", "ten digits"), ("eyJhbGciOiJIUzI1NiJ9", "now", "a token"),
        ("17eyJhbGciOiJIUzI1NiJ9", "now", "a token"), ("redis://:pw@h", "now", "a password"),
    ])
    func whatCannotBeMeantIsRefused(user: String, text: String, words: String) {
        #expect {
            try CutOffRequest(user: user, since: try CutOffRequest.since(parsing: text)).cutOff(at: now)
        } throws: { "\($0)".contains(words) }
    }

    /// It is kept in the audit, whole.
    @Test(arguments: [
        "stolen eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiJhIn0.c2ln", "tokeneyJhbGciOiJIUzI1NiJ9", "from redis://u:pw@h",
        "Bearer abcdef123456", "Bearer\tabcdef123456",
    ])
    func aSecretIsNoReason(reason: String) {
        let problem = #expect(throws: TokenInput.Problem.self) {
            try CutOffRequest(user: "17", reason: reason).cutOff(at: now)
        }
        let words = problem?.description ?? ""
        #expect(words.contains("the reason holds a token or a password") && !words.contains("eyJ"), "\(words)")
    }

    @Test func whatLooksAlikeIsAUserAndAReason() throws {
        for user in ["heyJackTheRipper", "eyJack", "u@shop.example", "auth0|5f7c", "a:b"] {
            #expect(try CutOffRequest(user: user, reason: "asked by keyJacob, twice").cutOff(at: now).user == user)
        }
    }

    /// Nobody is cut off by an instant of long ago, and that is not left unsaid.
    @Test func anInstantOfLongAgoIsDoubted() {
        func cutOff(_ seconds: Int64) -> CutOff {
            CutOff(user: "17", since: WallTime(seconds: now.seconds - seconds))
        }
        for seconds in [0, 60, 7 * 86_400] as [Int64] { #expect(cutOff(seconds).doubt(at: now) == nil) }
        let words = cutOff(7 * 86_400 + 2).doubt(at: now) ?? ""
        #expect(words.hasPrefix("That was 7 d ago."), "\(words)")
        #expect(words.hasSuffix("only tokens are refused that do not say when they were issued."), "\(words)")
        var result = CutOffResult(cutOff: cutOff(1_000_000_000), key: "k", state: .written)
        result.doubt = result.cutOff.doubt(at: now)
        #expect(RevocationWords.notes(result).first == result.doubt)
        let request = CutOffRequest(user: "17", since: .time(cutOff(1_000_000_000).since))
        let plan = RevocationWords.plan(request, key: "k", target: "t", at: now)
        #expect(plan.last?.hasPrefix("  That was 11574 d ago.") == true && plan[1].contains(", 11574 d ago"), "\(plan)")
        let yesterday = CutOffRequest(user: "17", since: .time(cutOff(86_400).since))
        let usual = RevocationWords.plan(yesterday, key: "k", target: "t", at: now)
        #expect(usual[1].contains("until 2026-11-25T04:31:36Z, 1 d ago,") && usual.count == plan.count - 1, "\(usual)")
    }

    /// Tokens are issued by other clocks than ours.
    @Test func nowIsTheLaterOfTwoClocks() {
        func later(_ seconds: Int64) -> WallTime { WallTime(milliseconds: now.milliseconds + seconds * 1000) }
        #expect(CutOff.now(now, server: nil) == now)
        #expect(CutOff.now(now, server: later(-60)) == now)
        #expect(CutOff.now(now, server: later(60)) == later(60))
        #expect(CutOff.now(now, server: later(86_400)) == now, "wrong, and who logs in next would be kept out")
    }

    @Test func resultsSayWhatStandsThere() {
        var result = CutOffResult(cutOff: CutOff(user: "17", since: now), key: "k", state: .written)
        result.lifetime = CutOff.lifetime
        #expect(
            result.words
                == "cut off: user 17, tokens issued until 2026-11-26T04:31:36Z; TTL 604,800 s, no replica")
        result.state = .unchanged
        #expect(result.words.hasPrefix("unchanged, cut off already: user 17, tokens issued until"))
        result.state = .failed("OOM")
        #expect(!result.holds && result.words == "not cut off: user 17: OOM")
    }
}
