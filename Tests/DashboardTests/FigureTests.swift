import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// Figures are there whole or not at all, however wide the screen is: what is read in a narrow one stands in a wide one,
/// too, where everything has room.
@Suite struct FigureTests {
    /// A number as it is read, and the unit behind it.
    struct Figure: Hashable {
        var number: String
        var unit: String
    }

    private static let units: Set = [
        "B", "KiB", "MiB", "GiB", "k", "M", "G", "%", "ms", "µs", "s", "min", "h", "d",
    ]
    private static let rows = 36

    /// The figures of a screen, and where a unit runs into what is beside it.
    ///
    /// What is a part of a name, an address, a clock or the scale of a chart is none; what is cut says so by its `…`.
    /// Bytes are fast to read, and some thousand screens are read.
    static func read(_ screen: String) -> (figures: Set<Figure>, joined: [String]) {
        let bytes = Array(screen.utf8) + Array(repeating: 0x20, count: 4)
        let end = bytes.count - 4
        func isDigit(_ index: Int) -> Bool { bytes[index] >= 0x30 && bytes[index] <= 0x39 }
        func isLetter(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5a || byte >= 0x61 && byte <= 0x7a }
        func isCut(_ index: Int) -> Bool {
            bytes[index] == 0xe2 && bytes[index + 1] == 0x80 && bytes[index + 2] == 0xa6
        }
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        var (figures, joined, index) = (Set<Figure>(), [String](), 0)
        while index < end {
            guard isDigit(index) else {
                index += 1
                continue
            }
            let start = index
            while isDigit(index) || (bytes[index] == 0x2e || bytes[index] == 0x2c) && isDigit(index + 1) { index += 1 }
            let before = start > 0 ? bytes[start - 1] : 0x20
            let isSigned = before == 0x2d && start > 1 && bytes[start - 2] == 0x20
            guard !isLetter(before), isSigned || !parts.contains(before), !isLetter(bytes[index]),
                !parts.contains(bytes[index]), !isCut(index), !isCut(index + 1) || bytes[index] == 0x20
            else {
                while bytes[index] > 0x20, index < end { index += 1 }
                continue
            }
            var last = index + 1
            while isLetter(bytes[last]) || bytes[last] == 0x25 || bytes[last] == 0xc2 && bytes[last + 1] == 0xb5 {
                last += bytes[last] == 0xc2 ? 2 : 1
            }
            let word = bytes[index] == 0x20 && last > index + 1 ? text(index + 1..<last) : ""
            // Half a unit is none of a wide screen.
            let isUnit = !isCut(last) && !word.isEmpty && units.contains { $0.hasPrefix(word) }
            if isUnit, isDigit(last) { joined.append(text(start..<last + 1)) }
            figures.insert(Figure(number: text(start..<index), unit: isUnit ? word : ""))
        }
        return (figures, joined)
    }

    /// What joins digits to a name, an address or a clock.
    private static let parts = Set(":/-_@#*=\\\"}".utf8)

    @Test func readingKnowsWhatIsAFigure() {
        func read(_ line: String) -> Set<String> {
            Set(Self.read(line).figures.map { $0.unit.isEmpty ? $0.number : "\($0.number) \($0.unit)" })
        }
        #expect(read("18,… 19.… │ 20 │ 21 …") == ["20", "21"], "a unit may follow on the next line")
        #expect(read("│ product  1.91 M  38.2 % ±1.3  512 MiB │") == ["1.91 M", "38.2 %", "1.3", "512 MiB"])
        #expect(read("95.9 % ±0.520.0 MiB") == ["95.9 %", "0.520.0 MiB"], "two that run together are another one")
        #expect(read("14:31:58 10.0.3.7:51234 session:19 redis-7 2.0G 1,2… 12 M…") == ["12"])
        #expect(read("1,204 Mi") == ["1,204 Mi"], "a unit that is cut is another one")
        #expect(read("12 µs, -70 s 9 x") == ["12 µs", "70 s", "9"])
        #expect(Self.read("1.91 M38.2 %").joined == ["1.91 M3"])
    }

    // MARK: what is shown

    private static func driver(_ snapshot: Snapshot, _ report: NamespaceReport) -> Driver {
        var driver = Driver(columns: 120, rows: rows)
        driver.show(snapshot, count: 90)
        driver.look("estimated", report)
        driver.show(snapshot)
        return driver
    }

    private static let scenes: [(name: String, driver: Driver)] = {
        var scenes: [(String, Driver)] = []
        for screen in Screen.allCases where screen != .keys {
            for (kind, report) in [("estimate", Sample.giants), ("sweep", Sample.fullSweep)] {
                var driver = driver(Sample.full, report)
                driver.press(.character(Character(String(screen.rawValue))))
                scenes.append(("\(screen.title), \(kind)", driver))
            }
        }
        var detail = driver(Sample.busy, Sample.giants)
        detail.press(.character("2"), .enter)
        scenes.append(("a namespace", detail))
        var keys = driver(Sample.busy, Sample.giants)
        keys.press(.character("2"), .character("b"))
        keys.answerKeys()
        scenes.append(("Keys", keys))
        keys.press(.enter)
        keys.answerKeys()
        scenes.append(("a value", keys))
        for screen in [Screen.overview, .clients, .nodes] {
            var driver = driver(Sample.troubled, Sample.giants)
            driver.press(.character(Character(String(screen.rawValue))))
            scenes.append(("\(screen.title) of a cluster", driver))
        }
        return scenes
    }()

    private static func text(_ state: DashboardState, _ columns: Int, _ rows: Int = rows) -> String {
        var state = state
        state.size = Size(columns: columns, rows: rows)
        return state.render().text
    }

    /// What wide screens show, and what a screen without panels shows instead.
    private static func whole(_ state: DashboardState) -> Set<Figure> {
        var whole: Set<Figure> = []
        for (columns, rows) in [(241, rows), (281, rows), (321, rows), (321, 90)] {
            whole.formUnion(read(text(state, columns, rows)).figures)
        }
        let figures = state.figures
        for words in [Format.count(figures?.keys), Format.bytes(figures?.info?.memory.used)] {
            whole.formUnion(read(words + " .").figures)
        }
        return whole
    }

    @Test func everyFigureIsWholeAtEveryWidth() async {
        await sideBySide(Self.scenes) { name, driver in
            let whole = Self.whole(driver.state)
            let numbers = Set(whole.map(\.number))
            for columns in 40...240 {
                let text = Self.text(driver.state, columns)
                let (figures, joined) = Self.read(text)
                // Without a unit it may be the end of a line, or a part of one that has none.
                let odd = figures.subtracting(whole).filter { !$0.unit.isEmpty || !numbers.contains($0.number) }
                let words = odd.map { "\($0.number) \($0.unit)" }
                #expect(words.isEmpty && joined.isEmpty, "\(name), \(columns) columns: \(words) \(joined)\n\(text)")
            }
        }
    }
}
