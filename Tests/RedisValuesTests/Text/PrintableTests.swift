import RedisValues
import Testing

@Suite struct PrintableTests {
    @Test(arguments: [
        ("plain text", "plain text"), ("", ""), ("Käse 日本語 🧀", "Käse 日本語 🧀"), ("a\\b", "a\\\\b"),
        ("\n\r\t", "\\n\\r\\t"),
        ("\u{1b}[31m", "\\x1b[31m"), ("\0\u{7f}", "\\x00\\x7f"), ("\u{9b}31m", "\\u{9b}31m"),
        ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"), ("\u{200b}\u{200d}\u{feff}", "\\u{200b}\\u{200d}\\u{feff}"),
        ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("\u{e000}\u{e0041}", "\\u{e000}\\u{e0041}"), ("\u{a0}", "\\u{a0}"),
        ("\u{3164}\u{115f}", "\\u{3164}\\u{115f}"), ("\u{ad}\u{61c}", "\\u{ad}\\u{61c}"), ("\u{85}", "\\u{85}"),
    ]) func whatCannotBeSeenIsWrittenOut(text: String, expected: String) {
        #expect(Printable.escape(text) == expected)
    }

    @Test(
        arguments: [
            ([0xff], "\\xff"), ([0x61, 0x80, 0x62], "a\\x80b"), ([0xe2, 0x82], "\\xe2\\x82"),
            ([0xc0, 0xaf], "\\xc0\\xaf"),
            ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"), ([0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
            ([0xe2, 0x82, 0xac], "€"), ([0xc3, 0x28], "\\xc3("),
        ] as [([UInt8], String)]) func bytesThatAreNoTextAreWrittenOut(bytes: [UInt8], expected: String)
    {
        #expect(Printable.escape(bytes) == expected)
    }

    @Test func escapesCannotBeForged() {
        #expect(Printable.escape("\\x1b") != Printable.escape("\u{1b}"))
        #expect(Printable.escape([0xc2, 0x85]) != Printable.escape([0x85]))
    }

    @Test func everyByteSequenceBecomesPrintable() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect(Printable.escape(bytes).unicodeScalars.allSatisfy(Printable.isPrintable))
        }
    }

    @Test func longTextIsCutAtTheLimit() {
        #expect(Printable.escape("abcdef", limit: 4) == "abc…")
        #expect(Printable.escape("abcd", limit: 4) == "abcd")
        #expect(Printable.escape([UInt8](repeating: 0x1b, count: 1_000_000), limit: 9).count == 9)
        #expect(Printable.escape("abc", limit: 0) == "…")
    }
}
