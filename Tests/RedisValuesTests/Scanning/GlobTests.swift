import RedisValues
import Testing

@Suite struct GlobTests {
    /// As `SCAN MATCH` answers; the integration tests ask a server the same.
    static let cases: [(glob: String, yes: [String], no: [String])] = [
        ("*", ["", "a", "a:b"], []),
        ("a*", ["a", "ab", "a:*"], ["", "ba"]),
        ("*a", ["a", "aa", "ba"], ["", "ab"]),
        ("a*b*c", ["abc", "aXbYc", "abbc", "abcbc"], ["ab", "acb", "abcd"]),
        ("?", ["a", "*"], ["", "ab"]),
        ("a?c", ["abc", "a:c"], ["ac", "abbc"]),
        ("[ab]c", ["ac", "bc"], ["cc", "c", "abc"]),
        ("[a-c]", ["a", "b", "c"], ["d", "-"]),
        ("[c-a]", ["a", "b", "c"], ["d"]),
        ("[^a]", ["b", "^"], ["a", ""]),
        ("[^a-c]x", ["dx"], ["ax", "x"]),
        ("[a^]", ["a", "^"], ["b"]),
        ("[\\]]", ["]"], ["\\", "a"]),
        ("[a\\-c]", ["a", "-", "c"], ["b", "\\"]),
        ("[]a", [], ["a", "]a", "]", ""]),
        ("[ab", ["a", "b"], ["[ab", "c"]),
        ("a\\*", ["a*"], ["a", "ab", "a\\*"]),
        ("a\\", ["a\\"], ["a"]),
        ("\\x41", ["x41"], ["A"]),
        ("", [""], ["a"]),
        ("a**b", ["ab", "axb"], ["a"]),
    ]

    @Test func keysAreToldApartAsTheServerDoes() {
        for (text, yes, no) in Self.cases {
            for key in yes { #expect(Glob(text).matches(Array(key.utf8)), "\(text) \(key)") }
            for key in no { #expect(!Glob(text).matches(Array(key.utf8)), "\(text) \(key)") }
        }
    }

    /// Whatever bytes a prefix has, they mean themselves.
    @Test func prefixMeansItself() {
        let prefixes: [[UInt8]] = [
            Array("reco:home:".utf8), Array("a*?[b]^\\:".utf8), Array("it's \"quoted\" :".utf8), [0, 0xff, 0xfe, 0x3a],
            Array("\n\u{1b}[2J".utf8), [0x5c], Array("商品:".utf8), (0...255).map { UInt8($0) },
        ]
        for prefix in prefixes {
            let glob = Glob(prefix: prefix)
            #expect(glob.matches(prefix) && glob.matches(prefix + [0x2a]) && glob.head == prefix)
            for index in prefix.indices {
                var other = prefix
                other[index] ^= 1
                #expect(!glob.matches(other + [0x61]), "\(prefix) \(index)")
            }
            #expect(!glob.matches(Array(prefix.dropLast())) && !glob.isOfEverything)
        }
    }

    @Test func whatChoosesNothingIsKnown() {
        for text in ["*", "**", "?*", "*?*", "[^]*", "*[^]"] { #expect(Glob(text).isOfEverything, "\(text)") }
        for text in ["", "?", "a*", "*a", "[a-z]*", "\\*", "*:*"] { #expect(!Glob(text).isOfEverything, "\(text)") }
    }

    /// A pattern with many stars is not tried in every way.
    @Test func starsCostNoTime() {
        let glob = Glob(String(repeating: "a*", count: 200) + "b")
        #expect(!glob.matches([UInt8](repeating: 0x61, count: 20_000)))
    }
}
