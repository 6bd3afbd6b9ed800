internal import CacheModel
internal import TerminalUI

/// What there is to say of the node under the cursor beyond its line, below the table where there is room.
///
/// ```
/// ╭ cache-1:6379 ──────────────────────────────────────────────────╮
/// │ software     redis 7.0.15   memory of     64.0 MiB (23.4 %)    │
/// │ up               12 d 4 h   policy            volatile-lru     │
/// ╰────────────────────────────────────────────────────────────────╯
/// ```
struct NodeDetail {
    let state: DashboardState
    let row: NodeRow

    /// With fewer rows it is not there.
    static let leastRows = 7
    private static let columnsOfOne = 36

    func render(in rect: Rect, into frame: inout Frame) {
        let inner = Panel(
            [Span(Printable.shortened(row.address, to: max(8, rect.columns - 8)), .title)], border: .border,
            charset: state.charset
        ).render(in: rect, into: &frame).inset(columns: 1, rows: 0)
        guard let node = row.node, let info = node.info else {
            frame.write(
                TextLine.wrapped(Self.words(of: row), columns: inner.columns, state.charset, .dim), in: inner,
                ellipsis: state.charset.ellipsis)
            return
        }
        let columns = max(1, min(4, inner.columns / Self.columnsOfOne))
        FigureGrid(state: state, figures: figures(node, info), columns: columns, isStale: row.isStale).render(
            in: inner, into: &frame)
    }

    /// Why there are no figures.
    private static func words(of row: NodeRow) -> String {
        row.node == nil && !row.isStale
            ? "Only its primary tells of it: it is not watched" : "It has not answered yet: \(row.state)"
    }

    private func figures(_ node: NodeSnapshot, _ info: ServerInfo) -> [FigureGrid.Figure] {
        typealias Figure = FigureGrid.Figure
        let (server, memory, persistence) = (info.server, info.memory, info.persistence)
        let software = [server.software?.rawValue, server.version].compactMap { $0 }.joined(separator: " ")
        let limit =
            memory.maximum.map { $0.bytes > 0 ? "\(Format.bytes($0)) (\(Format.percent(node.pressure)))" : "none" }
            ?? Format.unknown
        func isBad(_ succeeded: Bool?) -> Role { succeeded == false ? .critical : .value }
        let save = persistence.lastSave.map { saved in
            "\(Format.age(max(.zero, state.now - saved))) ago\(persistence.lastSaveSucceeded == false ? ", failed" : "")"
        }
        var figures = [
            Figure(label: "software", figure: software.isEmpty ? Format.unknown : software),
            Figure(label: "up", figure: Format.duration(server.uptime.map { .seconds($0) })),
            Figure(label: "user", figure: node.user ?? Format.unknown),
            Figure(label: "maxmemory", figure: limit),
            Figure(label: "policy", figure: memory.policy ?? Format.unknown),
            Figure(label: "rss", figure: Format.bytes(memory.rss)),
            Figure(label: "fragmentation", figure: Format.number(memory.fragmentationRatio)),
            Figure(label: "clients of", figure: Format.count(info.clients.maximum)),
            Figure(label: "blocked", figure: Format.count(info.clients.blocked)),
            Figure(label: "hit ratio", figure: Format.percent(node.hitRatio)),
            Figure(label: "evicted", figure: "\(Format.rate(node.rates?.evicted)) /s"),
            Figure(label: "expired", figure: "\(Format.rate(node.rates?.expired)) /s"),
            Figure(label: "last save", figure: save ?? Format.unknown, role: isBad(persistence.lastSaveSucceeded)),
            Figure(
                label: "AOF", figure: persistence.appendOnlyEnabled.map { $0 ? "on" : "off" } ?? Format.unknown,
                role: isBad(persistence.lastAppendWriteSucceeded)),
        ]
        if let host = info.replication.primaryHost, info.replication.role == .replica {
            let port = info.replication.primaryPort.map { ":\($0)" } ?? ""
            figures.append(Figure(label: "replica of", figure: host + port))
        } else {
            figures.append(Figure(label: "replicas", figure: Format.count(info.replication.connectedReplicas)))
        }
        figures.append(Figure(label: "databases with keys", figure: Format.count(info.keyspace.count)))
        return figures
    }
}
