import Support
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct LayoutTests {
    /// The panels as boxes of letters.
    private func boxes(_ columns: Int, _ rows: Int) -> [(name: Character, rect: Rect)] {
        let size = Size(columns: columns, rows: rows)
        let layout = OverviewLayout(body: Layout(size).body, detail: Detail(size))
        return [
            ("M", layout.memory), ("C", layout.clients), ("T", layout.traffic), ("A", layout.alerts),
            ("N", layout.namespaces), ("S", layout.slowlog),
        ]
    }

    private func picture(_ columns: Int, _ rows: Int) -> String {
        var frame = Frame(size: Size(columns: columns, rows: rows))
        for (name, rect) in boxes(columns, rows) { frame.fill(rect, name) }
        return frame.text
    }

    @Test(arguments: [(120, 36), (100, 30), (80, 24), (200, 60), (60, 16)]) func panelsFillTheBodyAndDoNotOverlap(
        columns: Int, rows: Int
    ) {
        let body = Layout(Size(columns: columns, rows: rows)).body
        var owners = [Point: Int]()
        for (_, rect) in boxes(columns, rows) {
            for row in rect.row..<rect.endRow {
                for column in rect.column..<rect.endColumn { owners[Point(column: column, row: row), default: 0] += 1 }
            }
        }
        #expect(owners.values.allSatisfy { $0 == 1 })
        #expect(owners.count == body.columns * body.rows)
    }

    @Test func boxesOfTheUsualSizes() {
        expectGolden(
            picture(120, 36) + "\n\n" + picture(80, 24) + "\n\n" + picture(60, 16) + "\n", named: "layout-boxes")
    }

    @Test func detailFollowsTheSize() {
        #expect(Detail(Size(columns: 120, rows: 36)) == .full)
        #expect(Detail(Size(columns: 80, rows: 24)) == .compact)
        #expect(Detail(Size(columns: 59, rows: 24)) == .figures)
        #expect(Detail(Size(columns: 80, rows: 15)) == .figures)
        #expect(Detail(Size(columns: 19, rows: 24)) == .line)
        #expect(Detail(Size(columns: 80, rows: 4)) == .line)
    }
}
