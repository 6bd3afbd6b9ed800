internal import CacheModel
internal import TerminalUI

/// The last line: keys of this screen, or a message; at the right what our own polling costs.
struct Footer {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let load = ownLoad
        let loadWidth = load.width(state.charset) + 2
        let roomForLoad = rect.columns >= 100
        let clip = Rect(column: 1, row: rect.row, columns: rect.columns - 1 - (roomForLoad ? loadWidth : 0), rows: 1)
        if let message = state.message {
            frame.write(message.text, in: clip, Style(message.role), ellipsis: state.charset.ellipsis)
        } else {
            hints(clip, &frame)
        }
        if roomForLoad { frame.write(load, endingAt: rect.columns - 1, row: rect.row) }
    }

    private func hints(_ clip: Rect, _ frame: inout Frame) {
        var column = clip.column
        if let filter = state.shownFilter, !filter.isEmpty {
            column = frame.write(
                [Span("filter ", .dim), Span(TextField(filter).mask ?? filter, .accent), Span("  ")],
                at: Point(column: column, row: clip.row),
                clip: clip)
        }
        if let words = state.goneWords {
            column = frame.write(
                [Span(words, .warning), Span("  ")], at: Point(column: column, row: clip.row), clip: clip)
        }
        let hints = state.hints(columns: clip.endColumn - column)
        for (label, hint) in hints {
            column = frame.write(
                [Span(label, .key), Span(" \(hint)  ", .dim)], at: Point(column: column, row: clip.row), clip: clip)
        }
    }

    private var ownLoad: [Span] {
        guard let load = state.node?.ownLoad else { return [] }
        return [Span("own load \(Format.rate(load.commands)) cmd/s \(Format.byteRate(load.bytes))", .dim)]
    }
}
