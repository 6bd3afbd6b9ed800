internal import CacheModel
internal import TerminalUI

/// While there are no figures at all: what is tried, why it fails, what to do.
struct Waiting {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let width = min(76, rect.columns)
        let refusal = state.refusal ?? state.latestNode?.refusal
        var lines: [(String, Role)] = []
        if let refusal {
            lines.append((refusal.reason.prefix(1).uppercased() + refusal.reason.dropFirst(), .critical))
            if !refusal.detail.isEmpty { lines += wrapped(refusal.detail, width, .dim) }
            lines.append(("", .text))
            lines += wrapped(refusal.remedy, width, .text)
            lines.append(("", .text))
            // Of a recording nobody tries anything.
            let since = state.failingSince.map { "No answer since \(state.options.clock.clock($0))" }
            if !state.isReplay {
                lines += wrapped("Tried: \(state.options.target)", width, .dim)
                let tried = [since, state.retryWords ?? "connecting"].compactMap { $0 }.joined(separator: ", ")
                lines += wrapped("\(tried); r retries now", width, .dim)
            } else if let since {
                lines += wrapped(since, width, .dim)
            }
        } else {
            lines.append(
                (
                    state.options.replayed.map { "Reading \(Printable.escape($0))" }
                        ?? "Connecting to \(state.options.target)", .text
                ))
        }
        let height = min(rect.rows, lines.count + 2)
        let box = Rect(
            column: rect.column + (rect.columns - width) / 2, row: rect.row + max(0, (rect.rows - height) / 3),
            columns: width,
            rows: height)
        let title = refusal != nil ? "No connection" : state.isReplay ? "Recording" : "Connecting"
        let inner = Panel([Span(title, .title)], border: refusal == nil ? .border : .critical, charset: state.charset)
            .render(in: box, into: &frame)
        for (index, line) in lines.prefix(inner.rows).enumerated() {
            let field = Rect(column: inner.column + 1, row: inner.row + index, columns: inner.columns - 2, rows: 1)
            frame.write(line.0, in: field, Style(line.1), ellipsis: state.charset.ellipsis)
        }
    }

    private func wrapped(_ text: String, _ width: Int, _ role: Role) -> [(String, Role)] {
        Paragraph.wrap(text, columns: max(1, width - 4), charset: state.charset).map { ($0, role) }
    }
}
