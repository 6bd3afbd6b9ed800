import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// An open value: the whole screen, page after page, and what is looked for in it.
@Suite struct ValuePaneTests {
    private let key = Array("session:\(String(repeating: "long", count: 60)):end".utf8)

    private func driver(_ columns: Int = 120, _ rows: Int = 36) -> Driver {
        var driver = Driver(columns: columns, rows: rows)
        driver.show(Sample.busy)
        driver.press(.character("3"))
        var page = KeyPage()
        page.rows = [KeyRow(name: key)]
        driver.send(.keys(.page(page, ticket: 0)))
        return driver
    }

    private func inspection(_ type: KeyType, _ count: Int, of length: Int, next: KeyCursor?) -> KeyInspection {
        var inspection = KeyInspection(key: key, typeName: type.name)
        (inspection.type, inspection.length) = (type, length)
        inspection.content.elements = (0..<count).map {
            KeyContent.Element(label: Array("field-\($0)".utf8), value: Array("value-\($0)".utf8))
        }
        inspection.content.next = next
        return inspection
    }

    private func opened(_ inspection: KeyInspection, _ columns: Int = 120, _ rows: Int = 36) -> Driver {
        var driver = driver(columns, rows)
        driver.send(.keys(.inspected(inspection)))
        driver.press(.enter)
        _ = driver.takeEffects()
        return driver
    }

    @Test(arguments: [(120, 36), (80, 24), (44, 12)])
    func enterShowsTheValueOnTheWholeScreenWithTheWholeName(columns: Int, rows: Int) {
        var driver = driver(columns, rows)
        driver.send(.keys(.inspected(Sample.inspection(key))))
        driver.press(.enter)
        // On a narrow screen it was not asked for before.
        driver.send(.keys(.inspected(Sample.inspection(key))))
        let shown = driver.screen.split(separator: "\n").dropFirst(3).joined().filter { !"│ \n".contains($0) }
        #expect(shown.contains(String(decoding: key, as: UTF8.self)), "wrapped, and whole")
        #expect(!driver.screen.contains("as found"))
        driver.press(.end)
        #expect(driver.screen.contains(#""total": 24.5"#))
        driver.press(.escape)
        #expect(driver.screen.contains("as found"))
    }

    @Test func itSaysWhenItExpiresAndWhatIsPromised() {
        let driver = opened(Sample.inspection(Array("session:1".utf8)))
        #expect(driver.state.keys.opened != nil)
        var other = Driver()
        other.show(Sample.busy)
        other.press(.character("3"))
        other.send(.keys(.page(Sample.keyPage(.namespace("session"), from: 0, count: 1, pages: 1), ticket: 0)))
        other.send(.keys(.inspected(Sample.inspection(Array("session:0".utf8)))))
        other.press(.enter)
        #expect(other.screen.contains("expires in 58 min, at "))
        #expect(other.screen.contains("contract of session: expires, at most 2 h"))
    }

    @Test func elementsAreCountedAgainstAllOfThem() {
        var driver = opened(inspection(.hash, 100, of: 20_000, next: .scan([55])))
        #expect(driver.screen.contains("1-24 of 20,000"), "the name takes its lines")
        driver.press(.end)
        #expect(driver.screen.contains("-100 of 20,000"))
        driver.press(.pageDown)
        #expect(driver.takeEffects() == [.inspect(key, from: .scan([55]))])
        driver.send(.keys(.inspected(inspection(.hash, 90, of: 20_000, next: .scan([56])))))
        driver.press(.end)
        #expect(driver.screen.contains("-190 of 20,000"))
        driver.press(.home, .pageUp)
        #expect(driver.takeEffects() == [.inspect(key, from: .start)])
        driver.send(.keys(.inspected(inspection(.hash, 100, of: 20_000, next: .scan([55])))))
        #expect(driver.screen.contains("1-24 of 20,000"))
    }

    @Test func aCollectionIsSearchedByTheServerPartAfterPart() {
        var driver = opened(inspection(.hash, 100, of: 20_000, next: .scan([55])))
        driver.press(.character("/"))
        driver.type("mail")
        #expect(driver.screen.contains("Enter looks in it for *mail*"))
        driver.press(.enter)
        let pattern = Array("*mail*".utf8)
        #expect(driver.screen.contains(" looking ") && !driver.screen.contains("found"), "what is there is of before")
        #expect(driver.takeEffects() == [.inspect(key, from: .matching(pattern, from: Array("0".utf8)))])
        var part = inspection(.hash, 2, of: 20_000, next: .matching(pattern, from: [57]))
        part.content.walked = 5000
        driver.send(.keys(.inspected(part)))
        #expect(driver.screen.contains("2 found, 25 % of 20,000 walked") && driver.screen.contains("x stops"))
        #expect(driver.takeEffects() == [.inspect(key, from: .matching(pattern, from: [57]))], "it goes on by itself")
        driver.press(.character("x"))
        part.content.next = .matching(pattern, from: [58])
        driver.send(.keys(.inspected(part)))
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.screen.contains("4 found, 50 % of 20,000 walked") && driver.screen.contains("x goes on"))
        driver.press(.character("x"))
        #expect(driver.takeEffects() == [.inspect(key, from: .matching(pattern, from: [58]))])
        part.content.next = nil
        part.content.walked = 10_000
        driver.send(.keys(.inspected(part)))
        #expect(driver.screen.contains("6 found of 20,000"))
        // Esc leaves the search, and then the value.
        driver.press(.escape)
        #expect(driver.takeEffects() == [.inspect(key, from: .start)] && driver.state.keys.isOpen)
        driver.send(.keys(.inspected(inspection(.hash, 100, of: 20_000, next: nil))))
        driver.press(.escape)
        #expect(!driver.state.keys.isOpen && driver.state.screen == .keys)
    }

    /// A list has no order that a server could look in.
    @Test(arguments: [KeyType.list, .stream, .string])
    func whatCannotBeSearchedSaysSo(type: KeyType) {
        var driver = opened(inspection(type, 3, of: 3, next: nil))
        driver.press(.character("/"))
        driver.type("mail")
        driver.press(.enter)
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.screen.contains("Servers look in hashes, sets and sorted sets only"))
    }

    /// What was found is bounded.
    @Test func searchEndsWhereNobodyReadsOn() {
        var board = KeyBoard()
        board.openValue(of: key)
        _ = board.follow(key)
        board.record(.inspected(inspection(.set, 1, of: 1_000_000, next: nil), ticket: 1))
        let search = ValueSearch("x")
        var (ticket, asked) = (2, board.search(for: search))
        var parts = 0
        while asked != nil, parts < 100 {
            var part = inspection(.set, 100, of: 1_000_000, next: .matching(search.pattern.bytes, from: [50]))
            part.content.walked = 100
            board.record(.inspected(part, ticket: ticket))
            (ticket, asked, parts) = (ticket + 1, board.searchFurther(), parts + 1)
        }
        #expect(parts == 10 && board.shown?.content.elements.count == ValueSearch.mostFound)
    }

    /// Behind the fields of an entry its date would be read as theirs.
    @Test func theDateOfAnEntryStandsWithItsID() throws {
        var inspection = inspection(.stream, 1, of: 1, next: nil)
        inspection.content.elements = [
            KeyContent.Element(label: Array("1764190391000-0".utf8), value: Array("sku 17".utf8))
        ]
        let driver = opened(inspection)
        let lines = driver.screen.split(separator: "\n")
        let place = try #require(lines.firstIndex { $0.contains("1764190391000-0") })
        #expect(lines[place].contains("(2025-11-26 20:53:11 UTC)") && !lines[place].contains("sku"))
        #expect(lines[place + 1].contains("sku 17"))
        // It has the whole screen: nothing is opened by Enter, and how to leave is said.
        #expect(!driver.state.hints(columns: 200).contains { $0.label == "Enter" })
        #expect(driver.screen.contains("Esc closes"))
    }

    @Test func streamsTellTheirGroups() {
        var inspection = inspection(.stream, 2, of: 2, next: nil)
        var group = StreamGroup(name: Array("mailers".utf8))
        (group.consumers, group.pending, group.lag) = (1, 3, 7)
        group.members = [StreamGroup.Consumer(name: Array("a\u{1b}".utf8), pending: 3, idle: .seconds(90))]
        inspection.groups = .known([group], all: 1)
        let screen = opened(inspection).screen
        #expect(screen.contains("group mailers, pending 3, consumers 1, not delivered 7"))
        #expect(screen.contains(#"a\x1b, pending 3, idle 1 min"#))
        group.name = Array("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl".utf8)
        group.members = [StreamGroup.Consumer(name: group.name, pending: 3, idle: nil)]
        inspection.groups = .known([group], all: 1)
        let masked = opened(inspection).screen
        #expect(masked.contains("group ***, pending") && masked.contains("***, pending 3") && !masked.contains("eyJ"))
        inspection.groups = .unknown("not permitted (NOPERM): needs +xinfo|groups")
        #expect(opened(inspection).screen.contains("groups not known: not permitted (NOPERM): needs +xinfo|groups"))
    }

    /// A token is no value to show, in whichever way.
    @Test func tokensAreMaskedInEveryView() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"
        var inspection = Sample.inspection(key)
        inspection.content.elements = [KeyContent.Element(value: Array(token.utf8))]
        var hash = inspection
        (hash.type, hash.typeName) = (.hash, "hash")
        hash.content.elements[0].label = Array("token".utf8)
        for inspection in [inspection, hash] {
            var driver = driver()
            driver.send(.keys(.inspected(inspection)))
            for isOpen in [false, true] {
                if isOpen { driver.press(.enter) }
                for _ in 0..<3 {
                    #expect(!driver.screen.contains("eyJ") && !driver.screen.contains("65 79 4a"))
                    #expect(driver.screen.contains("**"))
                    driver.press(.character("v"))
                }
            }
        }
    }

    /// Names of fields are no better a place for one than values.
    @Test func tokensAreMaskedInNamesOfFields() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"
        var inspection = inspection(.hash, 3, of: 3, next: nil)
        inspection.content.elements[1].label = Array(token.utf8)
        inspection.content.elements[2].label = Array("of \(token)".utf8)
        var driver = driver()
        driver.send(.keys(.inspected(inspection)))
        for isOpen in [false, true] {
            if isOpen { driver.press(.enter) }
            for _ in 0..<3 {
                #expect(!driver.screen.contains("eyJ") && !driver.screen.contains("c2lnbmF0dXJl"))
                #expect(driver.screen.contains("of ***") && driver.screen.contains("field-0"))
                driver.press(.character("v"))
            }
        }
    }

    /// The next page of a string begins with the rest of it.
    @Test func tokenThatCrossesAPageIsMaskedOnBoth() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"
        var first = inspection(.string, 0, of: 80, next: .position(38))
        first.content.elements = [KeyContent.Element(value: Array(#"{"t":"\#(token.prefix(32))"#.utf8))]
        var second = inspection(.string, 0, of: 80, next: nil)
        second.content.elements = [KeyContent.Element(value: Array(#"\#(token.dropFirst(32))","n":1}"#.utf8))]
        second.content.offset = 38
        var driver = opened(first)
        for isSecond in [false, true] {
            if isSecond {
                driver.press(.end, .pageDown)
                driver.send(.keys(.inspected(second)))
            }
            for _ in 0..<3 {
                #expect(!driver.screen.contains("eyJ") && !driver.screen.contains("c2lnbmF0dXJl"))
                // In hexadecimal: `eyJ`, and `c2ln`.
                #expect(!driver.screen.contains("65 79 4a") && !driver.screen.contains("63 32 6c"))
                #expect(driver.screen.contains("**"))
                driver.press(.character("v"))
            }
        }
        #expect(driver.screen.contains(#"***","n":1}"#))
    }

    /// A value of a page is worked out once: keys move through it within a frame.
    @Test func keysMoveThroughALargeValueWithoutWorkingItOutAgain() {
        var inspection = Sample.inspection(key)
        let text = (0..<3000).map { #"{"sku":"A-\#($0)","n":\#($0)}"# }.joined(separator: ",")
        inspection.content.elements = [KeyContent.Element(value: Array("[\(text)]".utf8))]
        inspection.length = text.utf8.count + 2
        var driver = opened(inspection)
        let lines = driver.state.keptValue?.lines.count ?? 0
        #expect(lines > 9000)
        let before = driver.state.keptValue?.key
        driver.press(.down, .pageDown, .end)
        #expect(driver.state.keptValue?.key == before && driver.state.shownValue?.key == before)
        #expect(driver.state.keys.valueOffset == lines - 31)
    }
}
