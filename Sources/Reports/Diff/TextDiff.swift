internal import CacheModel
internal import TerminalUI

/// A comparison for eyes and tickets.
///
/// ```
/// NOT THE SAME   2 differences, 41 the same
///
///   was   2026-11-25 14:20:07 UTC   R@14:20
///   is    2026-11-25 14:32:10 UTC   redis://cache-1:6379/0
///
///                               was              is               difference
/// Settings
///   maxmemory-policy            allkeys-lru      noeviction
/// Namespaces
///   product keys                1,914,000 ±1 %   2,410,000 ±2 %   +496,000, +25.9 %
/// ```
struct TextDiff {
    let report: DiffReport
    let clock: CivilClock

    private static let widths = [28, 22, 22]

    var text: String {
        var page = TextPage()
        let comparison = report.comparison
        page.line([heading, counts])
        if comparison.identity == .another {
            page.write(
                "Another deployment: what is compared are two servers, and not one at two times.", indent: 2)
        }
        page.blank()
        for (title, side) in [("was", report.was), ("is", report.now)] {
            let time = side.takenAt.map(clock.full) ?? "at a time that is not known"
            let place = side.source == side.target ? [side.target] : [side.source, side.target]
            page.field(title, [time] + place)
            for note in side.notes { page.field("", [note]) }
        }
        if !comparison.differences.isEmpty {
            page.blank()
            row(["", "was", "is", "difference"], to: &page)
        }
        for part in ComparedPart.allCases {
            let found = comparison.differences.filter { $0.part == part }
            guard !found.isEmpty else { continue }
            page.row(Self.title(part))
            for difference in found { row(difference, to: &page) }
        }
        writeGaps(to: &page)
        return page.text
    }

    private static func title(_ part: ComparedPart) -> String {
        let name = part.rawValue.prefix(1).uppercased() + part.rawValue.dropFirst()
        return part == .traffic ? "\(name), which is no difference" : name
    }

    private var heading: String {
        switch report.comparison.result {
        case .same: "THE SAME"
        case .different: "NOT THE SAME"
        case .unknown: "NOT KNOWN"
        }
    }

    private var counts: String {
        let comparison = report.comparison
        let deciding = comparison.gaps.count { $0.decides }
        let differences = comparison.differences.count { $0.decides }
        let words = [
            differences > 0 ? Format.count(differences, "difference") : nil,
            deciding > 0 ? "\(Format.count(deciding)) not known on one side" : nil,
            "\(Format.count(comparison.same)) the same",
        ]
        return words.compactMap { $0 }.joined(separator: ", ")
    }

    /// Of one server nobody needs its name in each line.
    private var namesNodes: Bool {
        let all =
            report.comparison.differences.filter { $0.part != .namespaces }.map(\.subject)
            + report.comparison.gaps.filter { $0.part != .namespaces }.map(\.subject)
        return Set(all.compactMap { $0 }).count > 1
    }

    private func name(_ part: ComparedPart, _ subject: String?, _ name: String) -> String {
        guard let subject, part == .namespaces || namesNodes || name == "member" else { return name }
        return "\(subject) \(name)"
    }

    private func row(_ difference: StateComparison.Difference, to page: inout TextPage) {
        let change: String
        switch (difference.was?.figure, difference.now?.figure) {
        case (let was?, let now?): change = Self.change(was.value.value, now.value.value, now.unit)
        default: change = difference.was == nil ? "new" : difference.now == nil ? "gone" : ""
        }
        row(
            [
                name(difference.part, difference.subject, difference.name), Self.words(difference.was),
                Self.words(difference.now), change,
            ], to: &page)
    }

    /// What is wider than its column goes on below.
    private func row(_ cells: [String], to page: inout TextPage) {
        var line = "  "
        for (index, cell) in cells.enumerated() {
            guard index < Self.widths.count else {
                line += cell
                continue
            }
            let width = Self.widths[index]
            if CharacterWidth.of(cell) >= width, !cells[(index + 1)...].allSatisfy(\.isEmpty) {
                page.row(line + cell)
                line = "  " + String(repeating: " ", count: Self.widths[...index].reduce(0, +|))
            } else {
                line += TextColumn.left(cell, to: width)
            }
        }
        page.row(line)
    }

    private func writeGaps(to page: inout TextPage) {
        guard !report.comparison.gaps.isEmpty else { return }
        page.blank()
        page.row("Not known")
        // What is missing for one reason is told once.
        struct Kind: Hashable {
            var side: StateComparison.Side
            var why: String
        }
        var order: [Kind] = []
        var names: [Kind: [String]] = [:]
        for gap in report.comparison.gaps {
            let kind = Kind(side: gap.side, why: gap.why)
            if names[kind] == nil { order.append(kind) }
            names[kind, default: []].append(name(gap.part, gap.subject, gap.name))
        }
        for kind in order {
            let side = kind.side == .was ? "then" : "now"
            page.write("\(side): \((names[kind] ?? []).joined(separator: ", ")): \(kind.why)", indent: 2, hanging: 4)
        }
    }

    // MARK: figures

    private static func words(_ value: ComparedValue?) -> String {
        switch value {
        case .text(let text)?: text
        case .flag(let flag)?: flag ? "yes" : "no"
        case .number(let number, let unit)?: words(number, unit)
        case .estimated(let figure, let unit)?: words(figure, unit)
        case .unknown?, nil: Format.unknown
        }
    }

    private static func words(_ figure: Estimated, _ unit: ComparedValue.Unit) -> String {
        let value = words(figure.value, unit)
        guard !figure.isExact else { return value }
        if unit == .share { return figure.percentage }
        guard figure.high.isFinite, figure.value > 0 else { return "\(value) ±\(Format.unknown)" }
        let margin = max(figure.high - figure.value, figure.value - figure.low)
        return "\(value) ±\(Format.percent(margin / figure.value))"
    }

    private static func words(_ number: Double, _ unit: ComparedValue.Unit) -> String {
        switch unit {
        case .bytes: Format.bytes(ByteCount(number.whole))
        case .count: Format.count(number.whole)
        case .share: Format.percent(number)
        case .perSecond: Format.rate(number)
        case .bytesPerSecond: Format.byteRate(number)
        }
    }

    private static func change(_ was: Double, _ now: Double, _ unit: ComparedValue.Unit) -> String {
        let apart = now - was
        let sign = apart < 0 ? "-" : "+"
        if unit == .share { return "\(sign)\(Format.number(abs(apart) * 100, digits: 1)) points" }
        let part = was > 0 ? ", \(sign)\(Format.percent(abs(apart) / was))" : ""
        return "\(sign)\(words(abs(apart), unit))\(part)"
    }
}
