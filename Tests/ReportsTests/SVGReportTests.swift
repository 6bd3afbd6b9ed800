import Foundation
import Reports
import TerminalUI
import Testing

@Suite struct SVGReportTests {
    private func picture(_ draw: (inout Frame) -> Void) -> String {
        var frame = Frame(size: Size(columns: 10, rows: 2))
        draw(&frame)
        return SVGReport.render(frame, theme: .fallback)
    }

    @Test func itIsWellFormedWhateverIsWritten() throws {
        let svg = picture { $0.write("<&>\u{1b}]\"日", at: Point(column: 0, row: 0), Style(.critical, reverse: true)) }
        #expect(svg.contains("&lt;&amp;&gt;"))
        #expect(!svg.contains("\u{1b}"))
        let opened = svg.components(separatedBy: "<text").count
        #expect(opened == svg.components(separatedBy: "</text>").count)
        #expect(opened > 1)
    }

    @Test func chartsAreBarsAndNoText() {
        let svg = picture {
            Sparkline([1, 2, 3, 4], maximum: 4, role: .meter).render(
                in: Rect(column: 0, row: 0, columns: 2, rows: 1), into: &$0)
        }
        #expect(svg.contains("<path"))
        #expect(!svg.unicodeScalars.contains { (0x2800...0x28ff).contains($0.value) })
    }

    @Test func wordsCarryTheirColour() {
        let svg = picture { $0.write("fine", at: Point(column: 0, row: 1), Style(.good)) }
        #expect(svg.contains("fill=\"#57ab5a\">fine<"))
    }

    /// Bright colours were drawn as the dark ones: `bright-black` for hints could not be read on a dark ground.
    @Test func eachOfTheTerminalsColoursHasItsOwn() throws {
        let colours = try Colour.names.map { name in
            let theme = try Theme(
                name: name,
                entries: [
                    Theme.Entry(key: "background", values: ["#16181d"], line: 1),
                    Theme.Entry(key: "good", values: [name], line: 2),
                ])
            var frame = Frame(size: Size(columns: 10, rows: 1))
            frame.write("fine", at: Point(column: 0, row: 0), Style(.good))
            let svg = SVGReport.render(frame, theme: theme)
            let end = try #require(svg.range(of: "\">fine<")).lowerBound
            return String(svg[..<end].suffix(7))
        }
        #expect(colours.allSatisfy { $0.hasPrefix("#") })
        #expect(Set(colours).count == 16, "\(colours)")
    }
}
