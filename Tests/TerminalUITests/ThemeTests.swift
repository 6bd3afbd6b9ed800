import Foundation
import TerminalUI
import Testing

@Suite struct ThemeTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("themes")

    static var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".toml") }
            .sorted()
    }

    /// Theme files are flat: `key = "value"` or a list of values, a line each.
    static func theme(_ file: String) throws -> Theme {
        let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
        let entries = text.split(separator: "\n").enumerated().compactMap { index, line -> Theme.Entry? in
            guard let equals = line.firstIndex(of: "="), !line.hasPrefix("#") else { return nil }
            let values = line[equals...].split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }.map {
                String($0.element)
            }
            return Theme.Entry(
                key: line[..<equals].trimmingCharacters(in: .whitespaces), values: values, line: index + 1)
        }
        return try Theme(name: file, entries: entries)
    }

    private func luminance(_ colour: Colour) -> Double? {
        guard case .rgb(let red, let green, let blue) = colour else { return nil }
        let parts = [red, green, blue].map { part -> Double in
            let share = Double(part) / 255
            return share <= 0.03928 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }

    /// WCAG 2: a terminal's own dark ground counts as #1e1e1e.
    private func contrast(_ theme: Theme, _ role: Role) -> Double? {
        guard let ink = luminance(theme.colour(role)),
            let paper = luminance(theme.background == .default ? .rgb(30, 30, 30) : theme.background)
        else { return nil }
        return (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)
    }

    @Test func allTenAreThere() { #expect(Self.names.count == 10) }

    @Test(arguments: names) func wordsCanBeRead(file: String) throws {
        let theme = try Self.theme(file)
        guard !theme.isMonochrome else { return #expect(file == "mono.toml") }
        for role in [Role.text, .value, .title, .accent, .warning, .critical, .good, .key, .info] {
            #expect(try #require(contrast(theme, role)) >= 3.5, "\(role)")
        }
        #expect(try #require(contrast(theme, .text)) >= 4.5)
        #expect(try #require(contrast(theme, .dim)) >= 3)
    }

    @Test func darkFileIsTheFallback() throws {
        let dark = try Self.theme("dark.toml")
        for role in Role.allCases {
            for level in [UInt8(0), 50, 100] {
                #expect(dark.colour(role, level: level) == Theme.fallback.colour(role, level: level), "\(role)")
            }
        }
    }

    @Test func missingRoleLooksLikeItsParent() throws {
        let theme = try Theme(
            name: "x",
            entries: [
                Theme.Entry(key: "text", values: ["#102030"], line: 1),
                Theme.Entry(key: "accent", values: ["red"], line: 2),
            ])
        #expect(theme.colour(.borderMemory) == .rgb(0x10, 0x20, 0x30))
        #expect(theme.colour(.tabSelected) == .named(1))
    }

    @Test(arguments: [
        ("alarm", ["#ffffff"], "line 7: alarm: is no role"), ("text", ["#fffff"], "\"#fffff\" is no colour"),
        ("text", ["purple"], "\"purple\" is no colour"), ("text", [], "the list of colours is empty"),
        ("monochrome", ["yes"], "expected true or false"),
    ])
    func badEntryNamesLineAndRole(key: String, values: [String], words: String) {
        let error = #expect(throws: ThemeError.self) {
            try Theme(name: "x", entries: [Theme.Entry(key: key, values: values, line: 7)])
        }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
        #expect(error?.line == 7)
    }

    @Test func gradientIsMixed() throws {
        let theme = try Theme(
            name: "x", entries: [Theme.Entry(key: "meter", values: ["#000000", "#64c832", "#ffffff"], line: 1)])
        #expect(theme.colour(.meter, level: 0) == .rgb(0, 0, 0))
        #expect(theme.colour(.meter, level: 25) == .rgb(50, 100, 25))
        #expect(theme.colour(.meter, level: 50) == .rgb(100, 200, 50))
        #expect(theme.colour(.meter, level: 100) == .rgb(255, 255, 255))
    }

    @Test func coloursAreReducedToWhatATerminalHas() {
        #expect(Colour.rgb(255, 0, 0).reduced(to: .colours256) == .index(196))
        #expect(Colour.rgb(128, 128, 128).reduced(to: .colours256) == .index(244))
        #expect(Colour.rgb(250, 10, 10).reduced(to: .colours16) == .index(9))
        #expect(Colour.rgb(1, 2, 3).reduced(to: .none) == .default)
        #expect(Colour.rgb(1, 2, 3).reduced(to: .trueColour) == .rgb(1, 2, 3))
    }

    @Test(arguments: [
        ("#57ab5a", 2), ("#e3b341", 11), ("#ff6b66", 9), ("#6cb6ff", 14), ("#7d8590", 8), ("#f0f3f6", 15),
        ("#0c0c0c", 0),
    ])
    func hueSurvivesSixteenColours(text: String, index: UInt8) {
        #expect(Colour(text)?.reduced(to: .colours16) == .index(index))
    }

    @Test(arguments: names) func nothingIsInvisibleInSixteenColours(file: String) throws {
        let theme = try Self.theme(file)
        for role in Role.allCases where role != .selection {
            let look = theme.resolve(Style(role), depth: .colours16)
            #expect(look.foreground != .index(0) || look.background != .default, "\(role)")
            if look.foreground != .default { #expect(look.foreground != look.background, "\(role)") }
        }
    }

    @Test func stateIsToldApartInSixteenColours() throws {
        for file in Self.names {
            let theme = try Self.theme(file)
            let looks = [Role.good, .warning, .critical].map { theme.resolve(Style($0), depth: .colours16) }
            #expect(Set(looks).count == 3, "\(file)")
        }
    }

    @Test func withoutColourAttributesTellWhatMatters() {
        let critical = Theme.fallback.resolve(Style(.critical), depth: .none)
        let warning = Theme.fallback.resolve(Style(.warning), depth: .none)
        let text = Theme.fallback.resolve(Style(.text), depth: .none)
        #expect(critical.reverse && critical.foreground == .default)
        #expect(Set([critical, warning, text]).count == 3)
    }
}
