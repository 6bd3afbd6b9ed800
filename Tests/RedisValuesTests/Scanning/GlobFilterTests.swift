import RedisValues
import Testing

/// Patterns as the server understands them.
@Suite struct GlobFilterTests {
    /// As `stringmatchlen` of Redis answers.
    @Test(arguments: [
        ("*", "", true), ("*", "abc", true), ("a*", "abc", true), ("a*c", "abc", true), ("a*c", "abd", false),
        ("?b?", "abc", true), ("?", "", false), ("a[bc]d", "acd", true), ("a[^bc]d", "acd", false),
        ("a[^bc]d", "aed", true), ("[a-c]x", "bx", true), ("[c-a]x", "bx", true), ("[a-c]x", "dx", false),
        (#"a\*b"#, "a*b", true), (#"a\*b"#, "axb", false), (#"[\]]"#, "]", true), ("[ab", "b", true),
        ("**a**", "xxaxx", true), ("", "", true), ("", "a", false), ("a*b*c", "a-b-b-c", true), (#"a\"#, #"a\"#, true),
    ])
    func matchesAsTheServerDoes(pattern: String, name: String, expected: Bool) {
        #expect(Glob(Array(pattern.utf8)).matches(Array(name.utf8)) == expected)
    }

    @Test(arguments: [
        ("giant", "*giant*"), ("a^b", #"*a\^b*"#), ("cart:*", "cart:*"), ("user?", "user?"), ("[ab]", "[ab]"),
        (#"a\\b"#, #"*a\\b*"#), ("a]b", #"*a\]b*"#),
    ])
    func filterWithoutGlobCharactersMeansContains(text: String, pattern: String) {
        #expect(Glob(filter: text).bytes == Array(pattern.utf8))
    }

    /// Names are filtered by what is on the screen.
    @Test func escapesOfNamesAreWhatTheyStandFor() {
        #expect(Glob(filter: #"a\xff\n"#).bytes == Array("*a".utf8) + [0xff, 0x0a] + Array("*".utf8))
        #expect(Glob(filter: #"a\xff"#).matches([0x78, 0x61, 0xff, 0x78]))
        // What this program never writes is taken as it is.
        #expect(Glob(filter: #"C:\q"#).matches(Array(#"x C:\q y"#.utf8)))
    }

    /// No pattern takes more than its length times that of the name: 2^32 ways would take years.
    @Test func hostileNamesTakeNoTime() {
        let pattern = Glob(Array(String(repeating: "a*", count: 32).utf8) + Array("b".utf8))
        #expect(!pattern.matches([UInt8](repeating: UInt8(ascii: "a"), count: 20_000)))
    }
}
