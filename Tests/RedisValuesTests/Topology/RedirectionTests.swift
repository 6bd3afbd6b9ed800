import RedisValues
import Testing

@Suite struct RedirectionTests {
    private func read(_ words: String) -> Redirection? { Redirection(.error(Array(words.utf8))) }

    @Test(arguments: [
        ("127.0.0.1:6381", "127.0.0.1:6381"), ("[::1]:6381", "[::1]:6381"), ("fd00::5:6379", "[fd00::5]:6379"),
        ("cache-1.example.com:6379", "cache-1.example.com:6379"), (":6381", ":6381"),
    ])
    func nodeIsReadHoweverItIsAnnounced(_ announced: String, _ name: String) {
        guard case .moved(3999, let moved?)? = read("MOVED 3999 \(announced)"),
            case .ask(0, let asked?)? = read("ASK 0 \(announced)")
        else {
            Issue.record("not read")
            return
        }
        #expect(moved.description == name && asked == moved)
    }

    @Test func nodeWhoseHostIsNotKnownIsNone() {
        #expect(read("MOVED 1 ?:6381") == .moved(slot: 1, to: nil))
        #expect(read("ASK 1 ?:6381") == .ask(slot: 1, to: nil))
    }

    @Test func someOfSeveralKeysAreElsewhere() {
        #expect(read("TRYAGAIN Multiple keys request during rehashing of slot") == .tryAgain)
    }

    @Test(arguments: [
        "", "ERR", "MOVED", "MOVED x y", "MOVED 16384 a:1", "MOVED -1 a:1", "MOVED +1 a:1", "MOVED 1 a:1 b", "ASK 1",
        "MOVED 1 a", "MOVED 1 a:0", "MOVED 1 ?:x", "MOVED 1 \u{1b}[2J:1", "MOVED 1 u:p@a:1", "ASKING 1 a:1",
        "moved 1 a:1",
        "MOVED 00000000001 a:1", "MOVED 99999999999999999999 a:1", "TRYAGAINST",
    ])
    func everythingElseIsNone(_ words: String) { #expect(read(words) == nil) }

    @Test func hostileWordsAreNone() {
        #expect(Redirection(words: ArraySlice("MOVED 1 ".utf8) + [0xff, 0x3a, 0x31]) == nil)
        #expect(read("MOVED 1 " + String(repeating: "a", count: 1 << 20) + ":1") == nil)
        #expect(Redirection(.status(Array("MOVED 1 a:1".utf8))) == nil)
    }
}
