internal import CacheModel
internal import TerminalUI

/// The text report's part on namespaces.
struct TextNamespaces {
    var report: NamespaceReport
    var clock: TextClock

    /// Prefixes of other keys that are listed.
    private static let prefixes = 10
    private static let widths = [15, 9, 13, 11, 13, 8, 8, 7]
    private static let biggest = 5

    func write(to page: inout TextPage) {
        page.blank()
        page.line(["Namespaces", method, clock.short(report.takenAt)])
        if let refusal = report.refusal {
            page.field(
                "Not whole", [refusal.detail.isEmpty ? refusal.reason : "\(refusal.reason): \(refusal.detail)"])
        }
        for denied in report.denied {
            page.field("Denied", [denied.command, denied.reason])
        }
        guard report.isKnown else { return page.field("Receipt", receipt) }
        row(["", "bytes", "of bytes", "keys", "of keys", "avg", "p99", "TTL"], to: &page)
        for usage in report.ranked where usage.keys.high > 0 || (usage.share.high > 0 && !report.countsAreKnown) {
            row(usage, to: &page)
        }
        if let found = report.unexplained {
            row(
                [UnexplainedBytes.name, bytes(found.bytes.value), report.unexplainedShare?.percentage ?? ""], to: &page)
        }
        for prefix in report.other.prefix(Self.prefixes) {
            let name = prefix.prefix.isEmpty ? "(no prefix)" : prefix.prefix
            row(
                ["  \(name)", bytes(known(prefix.bytes)), "", Format.count(known(whole(prefix.keys.value)))], to: &page)
        }
        let more = report.other.count - Self.prefixes
        if more > 0 { page.row("    and \(more == 1 ? "one more prefix" : "\(Format.count(more)) more prefixes")") }
        if let found = report.unexplained { page.field("Not explained", [interval(found.bytes), found.reason.words]) }
        for (index, key) in report.biggest.prefix(Self.biggest).enumerated() {
            let title = report.hasAllSizes ? "Biggest" : "Biggest met"
            page.field(index == 0 ? title : "", [key.key, key.sizeWords, key.type?.name])
        }
        findings(to: &page)
        for (doubt, names) in report.doubts { page.field("Interval", [names.joined(separator: ", "), doubt.words]) }
        if !report.sampledSizes.isEmpty {
            page.field("Sizes", [report.sampledSizes.joined(separator: ", "), NamespaceReport.sampledSizesWords])
        }
        page.field("Receipt", receipt)
    }

    private var method: String {
        let examined = Format.count(report.examined)
        let keys = Format.count(report.examined, "key")
        switch report.method {
        case .estimate where !report.isKnown: return "not known"
        case .estimate where !report.sizeIsKnown: return "estimate from \(keys)"
        case .estimate:
            let draws = report.draws ?? report.examined
            // Of few keys the same ones come again and again.
            return draws > report.examined
                ? "estimate from \(Format.count(draws, "draw")) among \(Format.count(report.keys, "key"))"
                : "estimate from \(examined) of \(Format.count(report.keys, "key"))"
        case .sweepCounts where !report.isKnown, .sweepFull where !report.isKnown: return "not known"
        case .sweepCounts, .sweepFull:
            let kind = report.method == .sweepFull ? "full sweep" : "sweep"
            return report.complete
                ? "\(kind) of \(keys)" : "part of a \(kind): \(examined) of \(Format.count(report.keys, "key"))"
        }
    }

    private func row(_ usage: NamespaceUsage, to page: inout TextPage) {
        row(
            [
                usage.name, size(usage),
                usage.isUnmet ? "" : report.bytesShare(of: usage)?.percentage ?? Format.unknown,
                keys(usage), usage.share.percentage, bytes(known(usage.meanSize)),
                bytes(usage.p99Size),
                Format.percent(usage.coverage),
                usage.contract == .broken ? "broken" : "",
            ], to: &page)
    }

    /// A name that is wider than its column has a line of its own: it is what commands take.
    private func row(_ cells: [String], to page: inout TextPage) {
        var cells = cells
        if CharacterWidth.of(cells[0]) > Self.widths[0] {
            page.row("  " + cells[0])
            cells[0] = ""
        }
        let padded = cells.enumerated().map { index, cell -> String in
            guard index < Self.widths.count else { return cell }
            let width = Self.widths[index]
            return index == 0 ? TextColumn.left(cell, to: width) : TextColumn.right(cell, to: width)
        }
        page.row("  " + padded.joined(separator: " "))
    }

    private func size(_ usage: NamespaceUsage) -> String {
        let value = known(usage.isUnmet ? nil : usage.bytes?.value)
        return (value != nil && usage.sizesAreSampled ? "~" : "") + bytes(value)
    }

    private func interval(_ bytes: Estimated) -> String {
        "\(self.bytes(bytes.low)) to \(self.bytes(bytes.high.isFinite ? bytes.high : nil))"
    }

    /// Where none was drawn, as many as there may be at most.
    private func keys(_ usage: NamespaceUsage) -> String {
        let most = usage.keys.high.isFinite ? known(whole(usage.keys.high)) : nil
        return usage.isUnmet ? "≤ \(Format.count(most))" : Format.count(known(whole(usage.keys.value)))
    }

    /// nil where nobody knows how many keys there are.
    private func known<Figure>(_ figure: Figure?) -> Figure? { report.countsAreKnown ? figure : nil }

    private func findings(to page: inout TextPage) {
        guard report.countsAreKnown else { return }
        for usage in report.items where usage.contract == .broken {
            var words: [String] = []
            if usage.mustExpire, let never = usage.withoutTTL, never.value > 0 {
                words.append(counted(never, one: "never expires", many: "never expire"))
            }
            if let above = usage.aboveContract, above.value > 0, let maximum = usage.maximumTTL {
                words.append("\(counted(above, one: "lives", many: "live")) longer than \(Format.duration(maximum))")
            }
            page.field(usage.name, words)
            page.field("", usage.breaches.prefix(3).map { "such as \($0.key)" })
        }
        for usage in report.all {
            let cliffs = usage.forecast.cliffs
            guard let worst = cliffs.max(by: { usage.forecast.perMinute[$0] < usage.forecast.perMinute[$1] }) else {
                continue
            }
            let count = whole(usage.forecast.perMinute[worst])
            let about = usage.keys.isExact && usage.lifetimes.total >= usage.keys.value.whole ? "" : "about "
            page.field(
                usage.name,
                [
                    "\(about)\(Format.count(count, "key")) \(count == 1 ? "expires" : "expire") within one minute, \(worst) min from then"
                ])
        }
    }

    /// `1 key never expires`, `about 41 (20 to 60) keys never expire`.
    private func counted(_ figure: Estimated, one: String, many: String) -> String {
        let isOne = figure.isExact && whole(figure.value) == 1
        return "\(count(figure)) \(isOne ? "key \(one)" : "keys \(many)")"
    }

    private func count(_ figure: Estimated) -> String {
        let count = Format.count(whole(figure.value))
        return figure.isExact
            ? count : "about \(count) (\(Format.count(whole(figure.low))) to \(end(figure.high)))"
    }

    private var receipt: [String] {
        let receipt = report.receipt
        return [
            "took \(Format.duration(report.took))", Format.count(receipt.commands, "command"),
            "\(Format.bytes(ByteCount(receipt.bytesSent))) sent",
            "\(Format.bytes(ByteCount(receipt.bytesReceived))) received",
            "server time \(Format.duration(receipt.serverTime))",
            "largest stall at most \(Format.duration(receipt.largestStall))",
            Format.count(receipt.errors, "error"),
        ]
    }

    private func bytes(_ bytes: Double?) -> String { Format.bytes(bytes.map { ByteCount(whole($0)) }) }

    /// `–` where there is no end.
    private func end(_ number: Double) -> String { Format.count(number.isFinite ? whole(number) : nil) }

    private func whole(_ number: Double) -> Int { number.whole }
}
