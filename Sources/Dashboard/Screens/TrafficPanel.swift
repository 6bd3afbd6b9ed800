internal import CacheModel
internal import TerminalUI

/// What the server does: six figures, each with its line.
///
/// ```
/// │ ops     18,204 /s  ⣀⣠⣤⣶⣿⣷⣶⣤   hit ratio  93.1 %  ⣿⣿⣿⣷⣿⣿⣿ │
/// ```
struct TrafficPanel {
    let state: DashboardState
    let isOneLine: Bool

    private struct Row {
        var label: String
        var figure: String
        var history: History.Figure
        var maximum: Double?
        var chart: Role
        var role: Role = .value
    }

    func render(in rect: Rect, into frame: inout Frame) {
        let inner = state.panel(
            "Traffic", hint: isOneLine ? "" : state.spanLabel, note: state.twinSpans ?? [], border: .borderTraffic,
            columns: rect.columns,
            isSum: true
        )
        .render(in: rect, into: &frame)
        guard !isOneLine else { return line(inner, &frame) }
        let half = inner.columns / 2
        let lines = max(1, inner.rows / 3)
        for (index, row) in rows.enumerated() {
            let area = Rect(
                column: inner.column + (index / 3) * half, row: inner.row + (index % 3) * lines,
                columns: index < 3 ? half : inner.columns - half, rows: lines)
            guard area.endRow <= inner.endRow else { continue }
            draw(row, in: area, &frame)
        }
    }

    private var rows: [Row] {
        let node = state.figures
        let rates = node?.rates
        let evicting = (rates?.evicted ?? 0) > 0
        return [
            Row(label: "ops", figure: "\(Format.rate(rates?.commands)) /s", history: .operations, chart: .chartTraffic),
            Row(label: "in", figure: Format.byteRate(rates?.inputBytes), history: .input, chart: .chartTraffic),
            Row(label: "out", figure: Format.byteRate(rates?.outputBytes), history: .output, chart: .chartTraffic),
            Row(
                label: "hit ratio", figure: Format.percent(node?.hitRatio), history: .hitRatio, maximum: 1,
                chart: .chartHits),
            Row(
                label: "evicted", figure: "\(Format.rate(rates?.evicted)) /s", history: .evicted, chart: .chartLoss,
                role: evicting ? .critical : .value),
            Row(label: "expired", figure: "\(Format.rate(rates?.expired)) /s", history: .expired, chart: .chartLoss),
        ]
    }

    private func draw(_ row: Row, in area: Rect, _ frame: inout Frame) {
        let labelWidth = row.history.rawValue >= History.Figure.evicted.rawValue || row.history == .hitRatio ? 9 : 4
        let middle = area.row + (area.rows - 1) / 2
        frame.write(row.label, at: Point(column: area.column + 1, row: middle), Style(.dim), clip: area)
        let field = Rect(column: area.column + labelWidth + 1, row: middle, columns: 12, rows: 1)
        frame.write(
            row.figure, in: field, Style(state.valueStyle(row.role)), align: .right, ellipsis: state.charset.ellipsis)
        if middle + 1 < area.endRow, let difference = state.twinSpan(row.history) {
            let below = Rect(column: field.column, row: middle + 1, columns: field.columns, rows: 1)
            frame.write(
                difference.text, in: below, difference.style, align: .right, ellipsis: state.charset.ellipsis)
        }
        let plot = Rect(
            column: field.endColumn + 1, row: area.row, columns: area.endColumn - field.endColumn - 2, rows: area.rows)
        guard plot.columns > 2 else { return }
        Sparkline(
            state.history(row.history, samples: plot.columns * 2),
            beside: state.twinHistory(row.history, samples: plot.columns * 2), maximum: row.maximum,
            role: state.isStale ? .stale : row.chart, charset: state.charset
        ).render(in: plot, into: &frame)
    }

    /// ` -1.2 pt`
    private static let differenceColumns = 8

    /// The figures by importance, each in a field of its own width so that none of them moves.
    private func line(_ rect: Rect, _ frame: inout Frame) {
        guard rect.rows > 0 else { return }
        let rates = state.figures?.rates
        let evicting = (rates?.evicted ?? 0) > 0
        let pieces: [(label: String, figure: String, of: History.Figure, width: Int, role: Role)] = [
            ("ops", "\(Format.rate(rates?.commands))/s", .operations, 9, .value),
            ("hits", Format.percent(state.figures?.hitRatio), .hitRatio, 7, .value),
            ("evicted", "\(Format.rate(rates?.evicted))/s", .evicted, 7, evicting ? .critical : .value),
            ("in", Format.byteRate(rates?.inputBytes), .input, 10, .value),
            ("out", Format.byteRate(rates?.outputBytes), .output, 10, .value),
            ("expired", "\(Format.rate(rates?.expired))/s", .expired, 8, .value),
        ]
        var column = rect.column + 1
        for piece in pieces {
            let label = state.charset.width(of: piece.label) + 1
            let difference = state.twinSpan(piece.of)
            let beside = difference == nil ? 0 : Self.differenceColumns
            guard column + label + piece.width + beside <= rect.endColumn else { break }
            frame.write(piece.label, at: Point(column: column, row: rect.row), Style(.dim), clip: rect)
            let field = Rect(column: column + label, row: rect.row, columns: piece.width, rows: 1)
            frame.write(
                piece.figure, in: field, Style(state.valueStyle(piece.role)), align: .right,
                ellipsis: state.charset.ellipsis)
            if let difference {
                let place = Rect(column: field.endColumn, row: rect.row, columns: beside, rows: 1)
                frame.write(
                    difference.text, in: place, difference.style, align: .right, ellipsis: state.charset.ellipsis)
            }
            column = field.endColumn + beside + 2
        }
    }
}
