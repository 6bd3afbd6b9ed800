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
}
