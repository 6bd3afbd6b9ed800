public import CacheModel

/// A snapshot for eyes and tickets.
///
/// ```
/// CRITICAL memory 91.0 %, 1 more | used=1954210119B max=2147483648B clients=4120
///
/// cachewatch   redis://cache-1:6379/0   2026-11-22 14:32:07 UTC
///
/// CRITICAL   1 critical, 1 warning
///
///   critical   Redis memory usage high: 91.0 % of maxmemory 2.00 GiB
///              - Enable key expiration (TTL)
/// …
/// ```
public enum TextReport {
    /// - Parameters:
    ///   - clock: by which times are written.
    ///   - clients: what was seen of them; nil takes the look of the snapshot alone.
    ///   - invocation: how the program was called, for the commands that are told.
    /// - Returns: the line of ``StatusLine``, then lines of at most 100 columns, each ended by a newline.
    public static func render(
        _ snapshot: Snapshot, alerts: [Alert], clock: CivilClock = .utc, clients: ClientMemory? = nil,
        _ invocation: Invocation = Invocation()
    ) -> String {
        var page = TextPage()
        page.whole(StatusLine(snapshot, alerts: alerts).text)
        page.blank()
        let clock = TextClock(clock: clock, now: snapshot.takenAt)
        page.line(["cachewatch", snapshot.target, clock.full(snapshot.takenAt)])
        page.blank()
        page.line(verdict(snapshot, alerts))
        for group in AlertGroup.groups(of: alerts) {
            write(group, clock, to: &page)
            for line in RemedyCommand.lines(for: group.first, in: snapshot, invocation) {
                page.verbatim(line, indent: 15)
            }
        }
        if let topology = snapshot.topology { TextTopology(topology: topology).write(to: &page) }
        for node in [snapshot.sum].compactMap({ $0 }) + snapshot.dataNodes {
            page.blank()
            TextNode(node: node, clock: clock, isSum: node == snapshot.sum).write(to: &page)
        }
        if let namespaces = snapshot.namespaces { TextNamespaces(report: namespaces, clock: clock).write(to: &page) }
        TextCounters(snapshot: snapshot).write(to: &page)
        if let memory = clients ?? snapshot.clients.map({ ClientMemory($0) }), let look = memory.latest {
            page.blank()
            TextClients.write(memory, look, by: .name, most: mostGroups, to: &page)
        }
        return page.text
    }

    private static let mostGroups = 20

    private static func verdict(_ snapshot: Snapshot, _ alerts: [Alert]) -> [String] {
        let counts = Alert.Level.allCases.reversed().compactMap { level -> String? in
            let count = alerts.count { $0.level == level }
            return count > 0 ? "\(count) \(level.rawValue)" : nil
        }
        let status = Verdict(snapshot, alerts: alerts).status.rawValue.uppercased()
        return [status, counts.isEmpty ? "no alerts" : counts.joined(separator: ", ")]
    }

    private static func write(_ group: AlertGroup, _ clock: TextClock, to page: inout TextPage) {
        page.blank()
        let level = TextColumn.fitted(group.first.level.rawValue, to: 8)
        page.row("  \(level)   \(group.first.id.rawValue)")
        for line in group.lines {
            let nodes = line.nodes.joined(separator: ", ")
            page.write((nodes.isEmpty ? "" : "\(nodes): ") + line.message, indent: 13, hanging: 15)
        }
        for culprit in group.alerts.compactMap(\.culprit) { page.write(culprit.words, indent: 13, hanging: 15) }
        for step in group.first.remedy { page.write("- \(step)", indent: 13, hanging: 15) }
    }
}

/// How times are written in a report of one instant.
struct TextClock {
    var clock: CivilClock
    var now: WallTime

    func full(_ time: WallTime) -> String { clock.full(time) }

    /// Without the date where it is today's.
    func short(_ time: WallTime) -> String { clock.short(time, seenAt: now) }
}
