import RedisValues
import Testing

@Suite struct TypedWordTests {
    @Test(
        arguments: [
            ("caf\u{e9}", "cafe\u{301}", false), ("cafe\u{301}", "caf\u{e9}", false), ("caf\u{e9}", "caf\u{e9}", true),
            ("\u{212b}", "\u{c5}", false), ("", "", true), ("session", "session", true), ("session", "session ", false),
        ] as [(String, String, Bool)])
    func wordsAreComparedByTheirBytes(typed: String, due: String, isSame: Bool) {
        #expect(TypedWord.isSame(typed, due) == isSame)
    }

    /// `a ` is shown as `a\x20`, which is another name byte by byte.
    @Test func whatOneNameIsShownAsNamesNoOther() {
        let (blank, escape) = (Array("a ".utf8), Array("a\\x20".utf8))
        #expect(TypedWord.names("a\\x20", blank) && !TypedWord.names("a\\x20", escape))
        #expect(TypedWord.names("a\\\\x20", escape) && !TypedWord.names("a\\\\x20", blank))
        #expect(TypedWord.names("a ", blank) && TypedWord.names("a\\q", Array("a\\q".utf8)))
    }
}
