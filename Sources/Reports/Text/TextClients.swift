internal import CacheModel
internal import TerminalUI

/// Groups of clients, a line each, and below it what is said of them.
enum TextClients {
    /// - Parameters:
    ///   - most: so many groups at most.
    ///   - more: writes what follows a group.
    static func write(
        _ memory: ClientMemory, _ look: ClientLook, by grouping: ClientGrouping, most: Int = .max,
        to page: inout TextPage,
        more: (ClientGroup, inout TextPage) -> Void = { _, _ in }
    ) {
        for (node, refusal) in look.refused.sorted(by: { $0.key < $1.key }) {
            let detail = refusal.detail.isEmpty ? "" : ": \(refusal.detail)"
            page.write("clients of \(node) are not known: \(refusal.reason)\(detail)", hanging: 2)
        }
        guard look.isKnown else { return }
        let groups = memory.groups(by: grouping)
        let left = look.leftOut > 0 ? ", \(Format.count(look.leftOut, "line")) not understood" : ""
        page.write(
            "\(Format.count(look.count, "connection")) in \(Format.count(groups.count, "group")) by \(grouping.rawValue)\(left)"
        )
        page.blank()
        page.row(head)
        for group in groups.prefix(most) {
            // What is typed to close it is told whole.
            let isLong = CharacterWidth.of(group.name) > nameWidth
            if isLong { page.verbatim(group.name) }
            page.row(line(group, name: isLong ? "" : group.name))
            for remark in group.remarks { page.write(remark, indent: 2, hanging: 4) }
            more(group, &page)
        }
        if groups.count > most { page.row("and \(Format.count(groups.count - most, "group")) more") }
    }

    private static let widths = [6, 7, 5, 9, 8, 9, 7]
    private static let nameWidth = 26

    private static var head: String {
        row(["group", "conn", "+/min", "busy", "idle>10m", "cmd/s", "unread", "oldest", "last command"])
    }

    private static func line(_ group: ClientGroup, name: String) -> String {
        row([
            name, Format.count(group.connections), Format.rate(group.newPerMinute), Format.count(group.busy),
            Format.count(group.idleLong), Format.rate(group.commands),
            Format.bytes(group.unread.map { ByteCount($0) }),
            group.oldest.map { Format.age(.seconds($0)) } ?? Format.unknown,
            TextColumn.cut(group.command ?? Format.unknown, to: 14),
        ])
    }

    private static func row(_ cells: [String]) -> String {
        let figures = zip(cells.dropFirst(), widths).map { TextColumn.right($0, to: $1) }.joined()
        return "\(TextColumn.fitted(cells[0], to: nameWidth))\(figures)  \(cells.last ?? "")"
    }
}
