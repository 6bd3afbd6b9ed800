internal import CacheModel
internal import TerminalUI

/// The first line: what is watched, how it is, and when.
///
/// ```
///  cachewatch  redis://cache-1:6379/0  ● connected 0.4 ms   7.0.15 standalone primary   up 12 d 4 h   every 1 s   14:32:07
/// ```
struct Header {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let right = self.right
        let rightWidth = right.reduce(1) { $0 + $1.width }
        let roomForRight = rect.columns - rightWidth > 48
        let end = roomForRight ? rect.columns - rightWidth - 1 : rect.columns
        var column = 1
        for (index, piece) in pieces.enumerated() {
            let width = piece.reduce(0) { $0 + $1.width }
            // The state itself is cut rather than dropped.
            guard column + width <= end || index == 0 else { continue }
            frame.write(
                piece, at: Point(column: column, row: rect.row),
                clip: Rect(column: 0, row: rect.row, columns: end, rows: 1))
            column += width + 2
        }
        if roomForRight { frame.write(right, endingAt: rect.columns - 1, row: rect.row) }
    }

    /// By importance, so that narrow screens lose the last ones.
    private var pieces: [[Span]] {
        let columns = state.size.columns
        let place = [Span(target, .text)]
        let how = StateWords(state: state).spans
        var pieces = columns >= 60 ? [place, how] : [how, place]
        if columns >= 100 { pieces.insert([Span("cachewatch", .accent, bold: true)], at: 0) }
        if state.options.readOnly { pieces.append([Span("read-only", .info)]) }
        if let info = state.figures?.info {
            let mode = columns >= 100 ? info.server.mode : nil
            let words = [info.server.version, mode, info.replication.role?.rawValue].compactMap { $0 }
            if !words.isEmpty { pieces.append([Span(words.joined(separator: " "), state.valueStyle(.text))]) }
            if let uptime = info.server.uptime {
                pieces.append([Span("up \(Format.duration(.seconds(uptime)))", .dim)])
            }
        }
        return pieces
    }

    /// A long path keeps its ends.
    private var target: String {
        let target = state.options.target
        let room = max(26, state.size.columns / 3)
        guard target.count > room else { return target }
        return "\(target.prefix(room / 2))\(state.charset.ellipsis)\(target.suffix(room - room / 2 - 1))"
    }

    private var right: [Span] {
        var spans: [Span] = []
        if let paused = state.paused {
            spans.append(
                Span(
                    " PAUSED \(Format.age(max(.zero, state.elapsed - paused.elapsed))) ",
                    Style(.warning, bold: true, reverse: true)))
            spans.append(Span("  "))
        }
        if state.size.columns >= 90 { spans.append(Span("every \(state.intervalLabel)   ", .dim)) }
        spans.append(Span("\(state.now.clock(offset: state.options.utcOffset))", .text))
        return spans
    }
}

/// Whether the server answers, in a few words and a colour.
struct StateWords {
    let state: DashboardState

    var spans: [Span] {
        let bullet = String(state.charset.bullet)
        guard let node = state.latest?.nodes.first else { return [Span("\(bullet) connecting", .info)] }
        if node.reachable {
            let warned = node.warnings.isEmpty ? [] : [Span(" \(state.charset.alert) \(node.warnings[0])", .warning)]
            return [Span("\(bullet) ", .good), Span("connected \(Format.duration(node.roundTrip))", .text)] + warned
        }
        let reason = node.refusal?.reason ?? "not reachable"
        let loading = node.refusal?.kind == .loading ? ", \(node.refusal?.detail ?? "")" : ""
        return [Span("\(bullet) \(reason)\(loading)", .critical), Span(retry, .dim)]
    }

    private var retry: String {
        guard case .retrying(let at, _) = state.link else { return ", connecting" }
        let rest = at - state.elapsed
        return rest > .seconds(1) ? ", again in \(Format.age(rest))" : ", again now"
    }
}

/// All that fits on a screen of a line or a few columns.
struct StateLine {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let node = state.latest?.nodes.first
        let worst = state.alerts.raised.map(\.level).max()
        let role: Role =
            node?.reachable == true
            ? (worst == .critical ? .critical : worst == .warning ? .warning : .good) : .critical
        var words =
            node?.reachable == true ? Format.bytes(node?.info?.memory.used) : node?.refusal?.reason ?? "connecting"
        if let pressure = node?.pressure, node?.reachable == true { words += " \(Format.percent(pressure, digits: 0))" }
        if node?.reachable == true { words += " \(Format.rate(node?.rates?.commands))/s" }
        frame.write("\(state.charset.bullet) ", at: Point(column: 0, row: rect.row), Style(role))
        frame.write(
            words, in: Rect(column: 2, row: rect.row, columns: rect.columns - 2, rows: 1), Style(.text),
            ellipsis: state.charset.ellipsis)
    }
}
