internal import CacheModel
internal import TerminalUI

/// The Overview of a small screen: a figure a line.
struct FiguresOnly {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let area = rect.inset(columns: 1, rows: 0)
        var row = area.row
        for line in state.failure(area.columns).prefix(max(1, area.rows / 3))
        where row < area.endRow {
            frame.write(
                [line], in: Rect(column: area.column, row: row, columns: area.columns, rows: 1),
                ellipsis: state.charset.ellipsis)
            row += 1
        }
        for alert in state.alerts.raised.filter({ $0.level > .info }).prefix(max(1, area.rows / 3))
        where row < area.endRow {
            AlertLine(state: state, alert: alert, namesCulprit: true).render(
                in: Rect(column: 0, row: row, columns: rect.columns, rows: 1), into: &frame)
            row += 1
        }
        if let parts = state.figures?.missingParts, row < area.endRow {
            frame.write(
                "\(state.charset.alert) figures of \(parts.words)",
                in: Rect(column: area.column, row: row, columns: area.columns, rows: 1), Style(.warning),
                ellipsis: state.charset.ellipsis)
            row += 1
        }
        if let age = state.age, row < area.endRow {
            frame.write(
                "as of \(CacheAge.words(age))", in: Rect(column: area.column, row: row, columns: area.columns, rows: 1),
                Style(.stale), ellipsis: state.charset.ellipsis)
            row += 1
        }
        let columns = area.columns >= 44 ? 2 : 1
        let width = area.columns / columns
        let perColumn = max(0, area.endRow - row)
        guard perColumn > 0 else { return }
        for (index, figure) in figures.enumerated() where index < perColumn * columns {
            let place = Rect(
                column: area.column + (index / perColumn) * width, row: row + index % perColumn, columns: width - 1,
                rows: 1)
            frame.write(figure.0, in: place, Style(.dim), ellipsis: state.charset.ellipsis)
            frame.write(
                figure.1, in: Rect(column: place.column + 9, row: place.row, columns: place.columns - 9, rows: 1),
                Style(state.valueStyle()), align: columns == 1 ? .left : .right, ellipsis: state.charset.ellipsis)
            guard let difference = figure.2.flatMap({ state.twinSpan($0) }) else { continue }
            // Where there is room for both, or not at all.
            let taken = 9 + state.charset.width(of: figure.1) + 1 + state.charset.width(of: difference.text)
            guard columns == 1, taken <= place.columns else { continue }
            frame.write([difference], endingAt: place.endColumn, row: place.row)
        }
    }

    private var figures: [(String, String, History.Figure?)] {
        let node = state.figures
        let memory = node?.info?.memory
        let limit = memory?.maximum.flatMap { $0.bytes > 0 ? " of \(Format.bytes($0))" : nil } ?? ""
        return [
            ("memory", Format.bytes(memory?.used) + limit, .memory),
            ("ops", "\(Format.rate(node?.rates?.commands)) /s", .operations),
            ("hits", Format.percent(node?.hitRatio), .hitRatio),
            ("clients", Format.count(node?.info?.clients.connected), .clients),
            ("keys", Format.count(node?.keys), nil),
            ("evicted", "\(Format.rate(node?.rates?.evicted)) /s", .evicted),
            ("expired", "\(Format.rate(node?.rates?.expired)) /s", .expired),
            ("in", Format.byteRate(node?.rates?.inputBytes), .input),
            ("out", Format.byteRate(node?.rates?.outputBytes), .output),
        ]
    }
}
