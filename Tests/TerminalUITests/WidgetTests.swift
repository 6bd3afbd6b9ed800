import Testing

@testable import TerminalUI

@Suite struct WidgetTests {
    private func draw(_ columns: Int, _ rows: Int, _ body: (Rect, inout Frame) -> Void) -> String {
        var frame = Frame(size: Size(columns: columns, rows: rows))
        body(Rect(column: 0, row: 0, columns: columns, rows: rows), &frame)
        return frame.text
    }

    @Test func panelHasTitleAndNotesInItsEdges() {
        let panel = Panel([Span("Memory")], note: [Span("1 of 2")], footer: [Span("rss 3")])
        #expect(
            draw(26, 3) { panel.render(in: $0, into: &$1) } == """
                ╭─ Memory ────── 1 of 2 ─╮
                │                        │
                ╰─ rss 3 ────────────────╯
                """)
    }

    @Test func noteWithoutRoomIsLeftOut() {
        let panel = Panel([Span("Memory")], note: [Span("1 of 2 GiB")])
        #expect(draw(16, 2) { panel.render(in: $0, into: &$1) } == "╭─ Memory ─────╮\n╰──────────────╯")
    }

    @Test func panelInASCII() {
        let panel = Panel([Span("A")], charset: .ascii)
        #expect(draw(8, 3) { panel.render(in: $0, into: &$1) } == "+- A --+\n|      |\n+------+")
    }

    @Test func sparklineShowsTwoSamplesAColumnAndLeavesGaps() {
        let values: [Double?] = [0, 1, 2, 3, 4, 4, nil, nil, 4, nil]
        #expect(draw(5, 1) { Sparkline(values, maximum: 4, role: .chartTraffic).render(in: $0, into: &$1) } == "⣀⣴⣿ ⡇")
    }

    @Test func sparklineInASCII() {
        let values: [Double?] = [0, 0, 2, 2, 4, 4]
        #expect(
            draw(3, 1) { Sparkline(values, maximum: 4, role: .meter, charset: .ascii).render(in: $0, into: &$1) }
                == ".:#")
    }

    @Test func chartHasScaleAndLimit() {
        let values = (0..<20).map { Double?.some(Double($0) * 50) }
        let chart = LineChart(values, limit: 1000, limitLabel: "max", role: .chartMemory)
        #expect(
            draw(16, 4) { chart.render(in: $0, into: &$1) } == """
                   1k ┄┄ max ┄⣠⣴
                           ⢀⣤⣾⣿⣿
                  500    ⣠⣴⣿⣿⣿⣿⣿
                      ⣀⣤⣾⣿⣿⣿⣿⣿⣿⣿
                """)
    }

    /// How full something is is seen: a quarter is a quarter of the height, however far away the limit is.
    @Test func chartMayEndAtItsLimit() {
        let values = Array(repeating: Double?.some(50), count: 20)
        func top(_ endsAtLimit: Bool) -> Substring {
            let chart = LineChart(values, limit: 1000, endsAtLimit: endsAtLimit, role: .chartMemory)
            return draw(16, 4) { chart.render(in: $0, into: &$1) }.prefix(5)
        }
        #expect(top(true) == "   1k" && top(false) == "  100")
    }

    @Test func meterLeavesWhatIsBesideIt() {
        var frame = Frame(size: Size(columns: 10, rows: 1))
        let line = Rect(column: 0, row: 0, columns: 10, rows: 1)
        frame.restyle(line) { $0 = Style(.selection) }
        Meter(0.5).render(in: line, into: &frame)
        #expect(frame[4, 0].style.role == .meter && frame[5, 0].style.role == .selection)
    }

    @Test func chartOfWhichNothingIsKnownHasNoFigures() {
        let unknown = [Double?](repeating: nil, count: 20)
        #expect(draw(16, 4) { LineChart(unknown, role: .chartMemory).render(in: $0, into: &$1) } == "\n\n\n")
        let limited = LineChart(unknown, limit: 1000, limitLabel: "max", role: .chartMemory)
        #expect(draw(16, 4) { limited.render(in: $0, into: &$1) }.hasPrefix("   1k ┄┄ max ┄┄"))
        let one = LineChart(unknown + [3], role: .chartMemory)
        #expect(draw(16, 4) { one.render(in: $0, into: &$1) }.contains { $0.isNumber })
    }

    @Test func coloursTellHowNearTheLimitIs() {
        func highest(limit: Double) -> UInt8? {
            var frame = Frame(size: Size(columns: 20, rows: 8))
            LineChart(Array(repeating: 100, count: 40), limit: limit, role: .chartMemory)
                .render(in: Rect(column: 0, row: 0, columns: 20, rows: 8), into: &frame)
            return frame.cells.filter { $0.style.role == .chartMemory }.map(\.style.level).max()
        }
        #expect(highest(limit: 100) == 100)
        #expect((highest(limit: 10_000) ?? 100) <= 2)
    }

    @Test func scaleIsRoundAndDoesNotFollowEveryValue() {
        #expect(ScaleBase.decimal.ceiling(101) == 200)
        #expect(ScaleBase.decimal.ceiling(180) == 200)
        #expect(ScaleBase.bytes.ceiling(1100) == 2048)
        #expect(ScaleBase.decimal.ceiling(.infinity) == 1)
        #expect(ScaleBase.bytes.label(1_610_612_736) == "1.5G")
        #expect(ScaleBase.decimal.label(600) == "600")
    }

    @Test func meterIsInEighths() {
        #expect(draw(4, 1) { Meter(0.5).render(in: $0, into: &$1) } == "██")
        #expect(draw(4, 1) { Meter(0.53).render(in: $0, into: &$1) } == "██▏")
        #expect(draw(4, 1) { Meter(0.5, charset: .ascii).render(in: $0, into: &$1) } == "##..")
    }

    @Test func tableAlignsAndCuts() {
        let columns = [
            Table.Column("name", .flexible(minimum: 4)), Table.Column("keys", .fixed(6), align: .right),
        ]
        let table = Table(
            columns: columns, rows: [[Span("product:long"), Span("12")], [Span("cart"), Span("1,204")]])
        #expect(
            draw(15, 3) { table.render(in: $0, into: &$1) } == """
                name       keys
                product…     12
                cart      1,204
                """)
    }

    @Test func tableMarksItsSelectionAndItsRegions() {
        let table = Table(
            columns: [Table.Column("a", .flexible(minimum: 1))], rows: [[Span("x")], [Span("y")]], offset: 5,
            selection: 6)
        var frame = Frame(size: Size(columns: 4, rows: 3))
        table.render(in: Rect(column: 0, row: 0, columns: 4, rows: 3), into: &frame)
        #expect(frame[0, 1].style.role == .text)
        #expect(frame[0, 2].style.role == .selection)
        #expect(frame.region(at: Point(column: 3, row: 2))?.id == "row:6")
    }

    @Test func paragraphBreaksAtBlanksAndInsideLongWords() {
        #expect(Paragraph.wrap("the quick brown", columns: 9) == ["the quick", "brown"])
        #expect(Paragraph.wrap("abcdefghij k", columns: 4) == ["abcd", "efgh", "ij k"])
        #expect(Paragraph.wrap("", columns: 4) == [""])
        #expect(Paragraph.wrap("abc", columns: 0) == [])
    }

    /// There each letter that is written out takes eight columns.
    @Test func paragraphIsWrappedAsItsTerminalDrawsIt() {
        for text in ["корзинапокупок", "это корзина", "日本 語"] {
            for columns in 8...30 {
                for line in Paragraph.wrap(text, columns: columns, charset: .ascii) {
                    #expect(Charset.ascii.width(of: line) <= columns)
                }
            }
        }
    }

    @Test func panelMeasuresItsNoteAsItsTerminalDrawsIt() {
        let panel = Panel([Span("Memory")], note: [Span("ключ")], charset: .ascii)
        let text = draw(26, 2) { panel.render(in: $0, into: &$1) }
        #expect(!text.contains("k") && text.contains("Memory"), "no half of it: \(text)")
    }

    @Test func everyWidgetStaysWithinItsRectangleAtEverySize() {
        let values = (0..<40).map { $0 % 7 == 0 ? nil : Double?.some(Double($0)) }
        let rows = [[Span("日本語日本語", .text), Span("12", .value)]]
        let table = Table(
            columns: [Table.Column("a", .flexible(minimum: 3)), Table.Column("b", .fixed(4), align: .right)],
            rows: rows, selection: 0)
        let field = TextField("some text 日本")
        for charset in [Charset.unicode, .ascii] {
            for columns in 0...26 {
                for height in 0...7 {
                    var frame = Frame(size: Size(columns: 30, rows: 10))
                    frame.fill(Rect(column: 0, row: 0, columns: 30, rows: 10), "#", Style(.dim))
                    let rect = Rect(column: 2, row: 1, columns: columns, rows: height)
                    Panel([Span("T")], note: [Span("n")], footer: [Span("f")], charset: charset).render(
                        in: rect, into: &frame)
                    LineChart(values, limit: 50, limitLabel: "x", role: .chartMemory, charset: charset).render(
                        in: rect, into: &frame)
                    Sparkline(values, role: .chartHits, charset: charset).render(in: rect, into: &frame)
                    Meter(0.4, charset: charset).render(in: rect, into: &frame)
                    table.render(in: rect, into: &frame)
                    field.render(in: rect, into: &frame)
                    for row in 0..<10 {
                        for column in 0..<30 where !rect.contains(Point(column: column, row: row)) {
                            #expect(
                                frame[column, row] == Cell("#", style: Style(.dim)),
                                "\(columns)x\(height) at \(column),\(row)")
                        }
                    }
                }
            }
        }
    }
}

@Suite struct TextFieldTests {
    private func typed(_ keys: [Key], in text: String = "") -> TextField {
        var field = TextField(text)
        for key in keys { _ = field.edit(key) }
        return field
    }

    @Test func editing() {
        #expect(typed([.character("a"), .character("b"), .left, .character("c")]).value == "acb")
        #expect(typed([.backspace, .home, .delete], in: "abc").value == "b")
        #expect(typed([.control("w")], in: "one two ").value == "one ")
        #expect(typed([.left, .control("u")], in: "abc").value == "c")
        #expect(typed([.left, .left, .left, .left, .backspace, .end, .right, .delete], in: "ab").value == "ab")
    }

    @Test func pasteLosesControlCharactersAndEnds() {
        var field = TextField()
        field.insert("a\u{1b}[2J\nb" + String(repeating: "x", count: 1 << 20))
        #expect(field.value.hasPrefix("a[2Jb"))
        #expect(field.value.count == TextField.capacity)
    }

    @Test func endWithTheCursorIsShown() {
        var frame = Frame(size: Size(columns: 5, rows: 1))
        TextField("abcdefgh").render(in: Rect(column: 0, row: 0, columns: 5, rows: 1), into: &frame)
        #expect(frame.text == "efgh")
        #expect(frame.cursor == Point(column: 4, row: 0))
    }
}
