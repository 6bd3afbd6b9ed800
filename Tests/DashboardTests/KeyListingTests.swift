import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// The list of keys is worked out when keys, filter or order change, and not when it is looked at.
@Suite struct KeyListingTests {
    private static func rows(_ count: Int, _ generator: inout SeededGenerator) -> [KeyRow] {
        (0..<count).map { _ in
            let number = Int.random(in: 0..<500, using: &generator)
            let name = Array("Key:\(number):\(["é", "\u{1b}", "A", "b"][number % 4])".utf8)
            let lifetime: KeyFacts.Lifetime? = [nil, .never, .milliseconds(number % 7)][number % 3]
            let facts = KeyFacts(type: .string, lifetime: lifetime, bytes: number % 5 == 0 ? nil : number % 11)
            return KeyRow(name: name, facts: number % 13 == 0 ? nil : facts)
        }
    }

    /// What the list is by its definition.
    private static func plain(_ rows: [KeyRow], _ filter: String, _ order: KeyOrder) -> [KeyRow] {
        var arrangement = KeyArrangement()
        arrangement.sort(by: order, [])
        arrangement.filter(by: SearchText(filter), [])
        arrangement.arrange(rows)
        let found = rows.filter {
            filter.isEmpty || Printable.escape($0.name).lowercased().contains(filter.lowercased())
        }
        let listed = Array(arrangement.listing(of: rows))
        #expect(listed.count == found.count && listed.allSatisfy(found.contains))
        if order == .found { #expect(listed == found) }
        return listed
    }

    @Test func whatIsKeptIsWhatWouldBeWorkedOutAnew() {
        var generator = SeededGenerator(seed: 75)
        for _ in 0..<15 {
            var rows: [KeyRow] = []
            var arrangement = KeyArrangement()
            var filter = ""
            for _ in 0..<12 {
                switch Int.random(in: 0..<5, using: &generator) {
                case 0, 1:
                    let first = Int.random(in: 0...rows.count, using: &generator)
                    rows.removeLast(rows.count - first)
                    rows += Self.rows(Int.random(in: 0...20, using: &generator), &generator)
                    arrangement.replace(from: first, rows)
                case 2:
                    filter += ["1", ":", "K", "\\x", "é"].randomElement(using: &generator) ?? ""
                    arrangement.filter(by: SearchText(filter), rows)
                case 3:
                    filter = String(filter.dropFirst(Int.random(in: 0...1, using: &generator)))
                    arrangement.filter(by: SearchText(filter), rows)
                default:
                    arrangement.sort(by: KeyOrder.allCases.randomElement(using: &generator) ?? .found, rows)
                }
                #expect(Array(arrangement.listing(of: rows)) == Self.plain(rows, filter, arrangement.order))
            }
        }
    }

    private func driver(_ names: [String], columns: Int = 120, charset: Charset = .unicode) -> Driver {
        var driver = Driver(columns: columns, rows: 36, charset: charset)
        driver.show(Sample.busy)
        driver.press(.character("3"))
        var page = KeyPage()
        page.rows = names.map { KeyRow(name: Array($0.utf8)) }
        driver.send(.keys(.page(page, ticket: 0)))
        return driver
    }

    @Test func neitherPollsNorKeysWorkTheListOutAnew() {
        var driver = driver((0..<200).map { "session:\($0)" })
        driver.press(.character("o"), .character("/"))
        driver.type("1")
        driver.press(.enter)
        var page = KeyPage()
        page.rows = (0..<200).filter { "\($0)".contains("1") }.map { KeyRow(name: Array("session:\($0)".utf8)) }
        driver.send(.keys(.page(page, ticket: 1)))
        #expect(!driver.state.keyRows.isEmpty)
        let version = driver.state.keys.version
        driver.show(Sample.busy, count: 3)
        driver.press(.down, .pageDown, .end, .home, .character("1"), .character("3"))
        #expect(driver.state.keys.version == version)
    }

    @Test func filterFindsWhatIsPastedAsItIs() {
        var driver = driver(["cart:🇩🇪:1", "cart:🇩🇰:2", "cart:cafe\u{301}:3", "cart:CAFÉ:4", "a\\x1b"])
        func count(_ pasted: String) -> Int {
            driver.press(.character("/"), .control("u"))
            driver.send(.terminal(.paste(pasted)))
            defer { driver.press(.escape) }
            return driver.state.keyRows.count
        }
        #expect(count("🇩🇪") == 1)
        #expect(count("\\u{1f1e9}") == 2)
        #expect(count("café") == 1, "é in two scalars is another name")
        #expect(count("CART:") == 4)
        #expect(count("\\\\x1b") == 1)
    }

    /// The rows of the list as cells, from the top.
    private func lines(_ driver: Driver) -> [[Cell]] {
        let frame = driver.state.render()
        return frame.regions.filter { $0.id.hasPrefix("row:") }.map { region in
            (0..<region.rect.columns).map { frame[region.rect.column + $0, region.rect.row] }
        }
    }

    @Test(arguments: [Charset.unicode, .ascii])
    func namesThatDifferAreListedDifferently(charset: Charset) {
        let names = [
            "a", "a ", " a", "a  b", "a b", "a\u{3000}b", "a\u{2800}b", "🇩🇪", "🇩🇰", "👍🏻", "👍🏿", "é", "e\u{301}", "e", "कि",
            "का",
            "ᄀ\u{1161}", "가", "ᄀ\u{1163}", "µ", "u", "…", "~", "\\u{e9}", "❤", "❤\u{fe0f}", "\u{212b}", "Å", "A\u{30a}",
            "x\u{200b}", "x",
            "ש\u{5b8}\u{5bc}", "ש\u{5bc}\u{5b8}",
        ]
        let driver = driver(names, charset: charset)
        var cells = lines(driver)
        // The selection is another look of the same.
        for index in cells.indices { for column in cells[index].indices { cells[index][column].style = Style() } }
        #expect(cells.count >= 30)
        #expect(Set(cells).count == cells.count)
        let border = driver.state.render()
        for row in 3..<30 { #expect([Character("│"), "|"].contains(border[0, row].glyph), "\(row)") }
    }

    @Test func nameThatIsPastedAsItIsConfirms() {
        for name in ["cart:🇩🇪", "e\u{301}", " a ", "👩\u{200d}🚀"] {
            #expect(TypedWord.names(name, Array(name.utf8)))
            #expect(TypedWord.names(Printable.name(name.utf8, isASCII: true), Array(name.utf8)))
        }
        #expect(!TypedWord.names("é", Array("e\u{301}".utf8)))
        #expect(!TypedWord.names("\\q", Array("q".utf8)))
    }
}
