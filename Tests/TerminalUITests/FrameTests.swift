import TerminalUI
import Testing

@Suite struct FrameTests {
    private func frame(_ columns: Int, _ rows: Int, _ draw: (inout Frame) -> Void) -> String {
        var frame = Frame(size: Size(columns: columns, rows: rows))
        draw(&frame)
        return frame.text
    }

    @Test func writingClipsAtTheEdges() {
        #expect(frame(6, 2) { $0.write("abcdefgh", at: Point(column: 3, row: 0)) } == "   abc\n")
        #expect(frame(6, 1) { $0.write("abcdefgh", at: Point(column: -3, row: 0)) } == "defgh")
        #expect(frame(6, 1) { $0.write("abc", at: Point(column: 0, row: 7)) } == "")
    }

    @Test func wideCharactersTakeTwoColumnsAndAreNeverSplit() {
        #expect(frame(5, 1) { $0.write("日本語", at: Point(column: 0, row: 0)) } == "日本")
        #expect(
            frame(4, 1) { frame in
                frame.write("日本", at: Point(column: 0, row: 0))
                frame.write("x", at: Point(column: 1, row: 0))
            } == " x本")
    }

    @Test func controlCharactersNeverGetIntoACell() {
        var frame = Frame(size: Size(columns: 20, rows: 1))
        frame.write("a\u{1b}[31m\u{7}\u{9b}\u{202e}\u{0}b", at: Point(column: 0, row: 0))
        let scalars = frame.cells.flatMap(\.glyph.unicodeScalars)
        #expect(scalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) && $0.value != 0x202e })
    }

    @Test func pileOfMarksIsCutToTwo() {
        let pile = "e" + String(repeating: "\u{301}", count: 500)
        var frame = Frame(size: Size(columns: 2, rows: 1))
        frame.write(pile, at: Point(column: 0, row: 0))
        #expect(frame[0, 0].glyph.unicodeScalars.count <= 3)
    }

    @Test func fieldEndsInAnEllipsis() {
        let field = Rect(column: 1, row: 0, columns: 5, rows: 1)
        #expect(frame(8, 1) { $0.write("abcdefg", in: field) } == " abcd…")
        #expect(frame(8, 1) { $0.write("ab", in: field, align: .right) } == "    ab")
        #expect(frame(8, 1) { $0.write("日本語語", in: field) } == " 日本…")
    }

    @Test func laterRegionsLieAboveEarlierOnes() {
        var frame = Frame(size: Size(columns: 10, rows: 10))
        frame.addRegion(Rect(column: 0, row: 0, columns: 10, rows: 10), id: "below")
        frame.addRegion(Rect(column: 2, row: 2, columns: 2, rows: 2), id: "above")
        #expect(frame.region(at: Point(column: 3, row: 3))?.id == "above")
        #expect(frame.region(at: Point(column: 4, row: 3))?.id == "below")
        #expect(frame.region(at: Point(column: 10, row: 3)) == nil)
    }

    @Test func asciifiedFrameIsASCII() {
        var frame = Frame(size: Size(columns: 12, rows: 1))
        frame.write("●▲…–日é⣿", at: Point(column: 0, row: 0))
        #expect(frame.asciified().text == "*!~-????")
    }
}

@Suite struct CharacterWidthTests {
    @Test(arguments: [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("日", 2), ("한", 2), ("😀", 2), ("●", 1), ("⣿", 1), ("█", 1), ("╭", 1),
        ("–", 1),
        ("\u{0}", 0), ("\u{1b}", 0), ("\u{7f}", 0), ("\u{85}", 0), ("\u{200b}", 0), ("\u{202e}", 0), ("\u{301}", 0),
        ("\u{feff}", 0),
        ("ｱ", 1), ("Ａ", 2), ("\u{e000}", 0),
    ])
    func widthOfACharacter(text: String, width: Int) {
        #expect(text.first.map { CharacterWidth.of($0) } == width)
    }
}
