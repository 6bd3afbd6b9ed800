import RedisValues
import Support
import Testing

@Suite struct PrintableTests {
    @Test(arguments: [
        ("plain text", "plain text"), ("", ""), ("Käse 日本語 🧀", "Käse 日本語 🧀"), ("a\\b", "a\\\\b"),
        ("\n\r\t", "\\n\\r\\t"),
        ("\u{1b}[31m", "\\x1b[31m"), ("\0\u{7f}", "\\x00\\x7f"), ("\u{9b}31m", "\\u{9b}31m"),
        ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"), ("\u{200b}\u{200d}\u{feff}", "\\u{200b}\\u{200d}\\u{feff}"),
        ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("\u{e000}\u{e0041}", "\\u{e000}\\u{e0041}"), ("\u{a0}", "\\u{a0}"),
        ("🇩🇪 👍🏽", "\\u{1f1e9}\\u{1f1ea} 👍\\u{1f3fd}"), ("cafe\u{301} café", "cafe\\u{301} café"), ("कि", "क\\u{93f}"),
        ("\\\u{5b8}\u{ff}\u{1b}\u{5b8}", "\\\\\\u{5b8}ÿ\\x1b\\u{5b8}"), ("\u{3000}", "\\u{3000}"),
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

    @Test func whatIsWrittenOutCanBeReadBack() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...12, using: &generator)).flatMap { _ -> [UInt8] in
                let scalars: [Unicode.Scalar] = [
                    "\\", " ", "a", "\u{301}", "\u{5b8}", "ש", "\u{1f1e9}", "\u{1b}", "é", "}",
                ]
                return Bool.random(using: &generator)
                    ? Array(String(scalars.randomElement(using: &generator) ?? "b").utf8)
                    : [UInt8.random(in: 0...255, using: &generator)]
            }
            #expect(Printable.unescape(Printable.escape(bytes)) == bytes)
            for isASCII in [false, true] {
                let name = Printable.name(bytes, isASCII: isASCII)
                #expect(Printable.unescape(name) == bytes)
                #expect(!name.hasPrefix(" ") && !name.hasSuffix(" ") && !name.contains("  "))
                #expect(!isASCII || name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f })
            }
        }
    }

    @Test func blanksOfANameThatWouldNotBeSeenAreWrittenOut() {
        #expect(Printable.name("a b".utf8) == "a b")
        #expect(Printable.name(" a  b ".utf8) == "\\x20a \\x20b\\x20")
        #expect(Printable.name("é".utf8, isASCII: true) == "\\u{e9}")
    }

    @Test func longTextIsCutAtTheLimit() {
        #expect(Printable.escape("abcdef", limit: 4) == "abc…")
        #expect(Printable.escape("abcd", limit: 4) == "abcd")
        #expect(Printable.escape([UInt8](repeating: 0x1b, count: 1_000_000), limit: 9).count == 9)
        #expect(Printable.escape("abc", limit: 0) == "…")
    }
}
