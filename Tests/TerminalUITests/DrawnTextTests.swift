import Glibc
import Support
import Testing

@testable import TerminalUI

/// Glibc's module leaves it out.
@_silgen_name("wcwidth") private func wcwidth(_ character: wchar_t) -> Int32

/// Characters as terminals have them: what they do not draw alike is written out.
@Suite struct DrawnTextTests {
    static func drawn(_ text: String, columns: Int = 260, charset: Charset = .unicode) -> Frame {
        var frame = Frame(size: Size(columns: columns, rows: 1), charset: charset)
        frame.write(text, in: Rect(column: 0, row: 0, columns: columns, rows: 1), ellipsis: charset.ellipsis)
        return frame
    }

    @Test(arguments: [
        ("🇩🇪", "\\u{1f1e9}\\u{1f1ea}"), ("👍🏽", "👍\\u{1f3fd}"), ("👩\u{200d}🚀", "👩\\u{200d}🚀"), ("❤\u{fe0f}", "❤\\u{fe0f}"),
        ("1\u{fe0f}\u{20e3}", "1\\u{fe0f}\\u{20e3}"), ("ᄒ\u{1161}\u{11ab}", "\\u{1112}\\u{1161}\\u{11ab}"), ("한", "한"),
        ("é", "é"), ("e\u{301}", "e\\u{301}"), ("\u{212b}", "\\u{212b}"), ("か\u{3099}", "か\\u{3099}"),
        ("कि", "क\\u{93f}"), ("क\u{94d}ष", "क\\u{94d}ष"), ("\u{958}", "\\u{958}"), ("น้ำ", "น้ำ"), ("น\u{e33}", "น\u{e33}"),
        ("น\u{e4d}\u{e32}", "น\\u{e4d}\u{e32}"), ("ກ\u{eb3}", "ກ\u{eb3}"), ("ກ\u{ecd}\u{eb2}", "ກ\\u{ecd}\u{eb2}"),
        ("ที่", "ที่"),
        ("שָׁ", "ש\u{5b8}\u{5c1}"), ("ش\u{64e}\u{651}", "ش\u{64e}\u{651}"), ("ش\u{651}\u{64e}", "ش\u{651}\\u{64e}"),
        ("\u{1fae8}", "\\u{1fae8}"), ("\u{105c0}", "\\u{105c0}"), ("\u{16d40}", "\\u{16d40}"), ("䷀", "\\u{4dc0}"),
        ("\u{2800}", "\\u{2800}"), ("\u{3000}", "\\u{3000}"), ("ｶ\u{ff9e}", "ｶ\\u{ff9e}"), ("\u{301}a", "\\u{301}a"),
        ("🏴\u{e0067}\u{e007f}", "🏴\\u{e0067}\\u{e007f}"), ("🧀 日本 Käse", "🧀 日本 Käse"),
    ]) func whatTerminalsDoNotDrawAlikeIsWrittenOut(text: String, expected: String) {
        #expect(Self.drawn(text).text.unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    /// The library's tables are those of the machine; this one does not draw what any of them has otherwise.
    @Test func whatIsDrawnHasTheColumnsThatTheCLibraryGivesIt() throws {
        let locale = try #require(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))
        let before = uselocale(locale)
        defer {
            uselocale(before)
            freelocale(locale)
        }
        var wrong: [String] = []
        // All up to the ideographs, and some of those; what is common, in few steps.
        let values =
            Array(UInt32(0x20)...0x33ff) + stride(from: 0x3400, to: 0x2ffff, by: 29)
            + Array(0x1f000...0x1fbff)
        for value in values {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let glyphs = Charset.unicode.glyphs(of: String(scalar))
            guard glyphs.count == 1, let glyph = glyphs.first else { continue }
            if Int(wcwidth(wchar_t(value))) != glyph.columns { wrong.append(String(value, radix: 16)) }
        }
        #expect(wrong.isEmpty)
    }

    private static let tricky: [[Unicode.Scalar]] = [
        "🇩🇪🇰", "👍🏻🏿\u{200d}👩❤\u{fe0f}\u{fe0e}", "ᄀᄒ\u{1161}\u{1163}\u{11ab}가각한",
        "éèêe\u{301}\u{300}\u{302}\u{323}\u{316}ạa",
        "कखि\u{93f}\u{94d}\u{93c}\u{941}\u{958}", "น้ำทีุ่\u{e33}", "שׁ\u{5b8}\u{5bc}\u{fb2a}", "شّ\u{64e}\u{651}\u{653}",
        "\u{1fae8}\u{105c0}\u{16d40}\u{1f6d8}", "\u{0}\u{7}\u{1b}\u{7f}\u{9b}\u{85}",
        "\u{200b}\u{202e}\u{2066}\u{feff}\u{e0041}\u{34f}",
        "\u{3164}\u{115f}\u{2800}\u{3000}\u{a0}\u{ad}", "Å\u{212b}A\u{30a}Ω\u{2126}\u{f900}豈\u{2329}〈", "ab \\{}ux1f01",
        "日本ｶ\u{ff9e}ガか\u{3099}",
    ].map { Array($0.unicodeScalars) }

    private static func name(_ generator: inout SeededGenerator) -> String {
        var name = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 1...7, using: &generator) {
            let group = tricky[Int.random(in: 0..<tricky.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                name.append(group[Int.random(in: 0..<group.count, using: &generator)])
            }
        }
        return String(name)
    }

    @Test func widthsAreTheColumnsThatAreWritten() {
        var generator = SeededGenerator(seed: 62)
        for _ in 0..<300 {
            let name = Self.name(&generator)
            for charset in [Charset.unicode, .ascii] {
                var frame = Frame(size: Size(columns: 400, rows: 1), charset: charset)
                let end = frame.write(name, at: Point(column: 3, row: 0))
                #expect(end - 3 == charset.width(of: name))
                // A wide one and its half, and nothing between.
                let isStraight = (3..<end).allSatisfy { column in
                    let glyph = frame[column, 0].glyph
                    let isWide = glyph != Cell.continuation && CharacterWidth.of(glyph) == 2
                    return (CharacterWidth.of(glyph) > 0 || glyph == Cell.continuation)
                        && isWide == (column + 1 < end && frame[column + 1, 0].glyph == Cell.continuation)
                }
                #expect(isStraight, "\(name.debugDescription)")
            }
        }
    }

    /// Without backslashes, which are doubled before they come here.
    @Test func namesThatDifferInAByteAreNotDrawnAlike() {
        var generator = SeededGenerator(seed: 21)
        var known: [[Cell]: [UInt8]] = [:]
        for _ in 0..<700 {
            let name = Self.name(&generator).filter { $0 != "\\" && $0 != " " }
            guard name.unicodeScalars.allSatisfy({ $0 != "\\" }) else { continue }
            let cells = Self.drawn(name).cells
            let bytes = Array(name.utf8)
            #expect(known.updateValue(bytes, forKey: cells).map { $0 == bytes } ?? true, "\(name.debugDescription)")
        }
    }

    /// Two spellings of one text are two names: of those that are drawn as they are none is another one's.
    @Test func spellingsOfOneTextLookDifferent() {
        var generator = SeededGenerator(seed: 5)
        var known: [String: [UInt8]] = [:]
        for _ in 0..<700 {
            let name = Self.name(&generator).filter { $0 != "\\" }
            let bytes = Array(name.utf8)
            // Swift's strings are equal where they are canonically equivalent.
            let drawn = Charset.unicode.drawn(name)
            #expect(known.updateValue(bytes, forKey: drawn).map { $0 == bytes } ?? true, "\(name.debugDescription)")
        }
    }

    @Test func whatWasDrawnIsDrawnAgainAsItIs() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let name = Self.name(&generator)
            for charset in [Charset.unicode, .ascii] {
                let drawn = charset.drawn(name)
                #expect(charset.drawn(drawn).utf8.elementsEqual(drawn.utf8))
                for columns in [1, 4, 9] {
                    let cut = Frame.fitted(name, columns: columns, ellipsis: charset.ellipsis, charset: charset)
                    #expect(charset.width(of: cut) <= columns)
                }
            }
        }
    }

    @Test func linesAreOfAtMostSoManyColumnsAndLoseNothing() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<150 {
            let name = Self.name(&generator)
            for columns in [2, 5, 13] {
                let lines = Paragraph.fold(name, columns: columns)
                #expect(lines.allSatisfy { CharacterWidth.of($0) <= columns })
                #expect(lines.joined().utf8.elementsEqual(Charset.unicode.drawn(name).utf8))
                #expect(Paragraph.wrap(name, columns: columns).allSatisfy { CharacterWidth.of($0) <= columns })
            }
        }
    }

    @Test func inASCIIAllElseIsWrittenOut() {
        #expect(Self.drawn("é日🇩\u{1b}x", charset: .ascii).text == "\\u{e9}\\u{65e5}\\u{1f1e9}\\x1bx")
        #expect(Self.drawn("5 µs – 3 °C", charset: .ascii).text == "5 us - 3 \\u{b0}C")
    }

    @Test func fieldPutsItsCursorBehindWhatIsDrawn() {
        var frame = Frame(size: Size(columns: 60, rows: 1))
        TextField("a🇩🇪é").render(in: Rect(column: 0, row: 0, columns: 60, rows: 1), into: &frame)
        #expect(frame.text == "a\\u{1f1e9}\\u{1f1ea}é")
        #expect(frame.cursor?.column == 20)
    }
}
