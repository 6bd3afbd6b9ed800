internal import CacheModel
internal import TerminalUI

/// The text report's part on who missed what.
///
/// ```
/// Who missed what   counted by checkout-api, search; 4 s ago
///                  hit ratio   lookups/s    misses/s     loads/s    a load     stale/s     drops/s
///   product           93.1 %       1,204        83.0        80.1    4.1 ms           0           0
///     search          61.0 %         …
/// ```
struct TextCounters {
    var snapshot: Snapshot

    private static let widths = [15, 10, 11, 11, 11, 9, 11, 11]

    func write(to page: inout TextPage) {
        guard let report = snapshot.counters else { return writeRefusal(to: &page) }
        page.blank()
        page.line(["Who missed what", report.words(at: snapshot.takenAt)])
        if !report.lines.isEmpty {
            row(["", "hit ratio", "lookups/s", "misses/s", "loads/s", "a load", "stale/s", "drops/s"], to: &page)
        }
        for name in report.namespaces {
            let services = report.services(in: name)
            guard let traffic = report.traffic(in: name) else { continue }
            row(name, traffic, to: &page)
            guard services.count > 1 else { continue }
            for service in services { row("  \(service.name)", service.traffic, to: &page) }
        }
        if let others = report.others {
            row(["others", "", Format.rate(others.lookups), Format.rate(others.misses)], to: &page)
        }
        if let oddity = report.oddity { page.field("Not read", [oddity]) }
    }

    /// Nothing is said where there are no counters.
    private func writeRefusal(to page: inout TextPage) {
        guard let why = snapshot.whyNotCounted else { return }
        page.blank()
        page.line(["Who missed what", "not known: \(why.sentence)"])
    }

    private func row(_ name: String, _ traffic: StoreTraffic, to page: inout TextPage) {
        row(
            [
                name, Format.percent(traffic.hitRatio), Format.rate(traffic.lookups), Format.rate(traffic.misses),
                Format.rate(traffic.loads), Format.duration(traffic.meanLoad), Format.rate(traffic.stale),
                Format.rate(traffic.drops),
            ], to: &page)
    }

    private func row(_ cells: [String], to page: inout TextPage) {
        var cells = cells
        if CharacterWidth.of(cells[0]) > Self.widths[0] {
            page.row("  " + cells[0])
            cells[0] = ""
        }
        let padded = cells.enumerated().map { index, cell in
            index == 0
                ? TextColumn.left(cell, to: Self.widths[0]) : TextColumn.right(cell, to: Self.widths[index])
        }
        page.row("  " + padded.joined(separator: " "))
    }
}
