internal import CacheModel
internal import TerminalUI

/// The first line: what is watched, how it is, and when.
///
/// ```
///  cachewatch  redis://cache-1:6379/0  ● connected 0.4 ms   7.0.15 standalone primary   up 12 d 4 h   every 1 s   14:32:07
/// ```
struct Header {
    let state: DashboardState

    /// A part of the line; the least important ones go first where there is no room.
    private struct Piece {
        var spans: [Span]
        /// 0 always stays.
        var rank: Int

        init(_ rank: Int, _ spans: [Span]) {
            self.rank = rank
            self.spans = spans
        }
    }

    private static let gap = 2

    func render(in rect: Rect, into frame: inout Frame) {
        let right = self.right
        let rightWidth = right.width(state.charset) + 1
        let roomForRight = state.held != nil || rect.columns - rightWidth > 34
        let end = max(0, roomForRight ? rect.columns - rightWidth - 1 : rect.columns)
        var column = 1
        for piece in fitting(end - column) {
            frame.write(
                piece.spans, at: Point(column: column, row: rect.row),
                clip: Rect(column: 0, row: rect.row, columns: end, rows: 1))
            column += piece.spans.width(state.charset) + Self.gap
        }
        if roomForRight { frame.write(right, endingAt: rect.columns - 1, row: rect.row) }
    }

    /// Those for which there is room, in their order on the screen.
    private func fitting(_ room: Int) -> [Piece] {
        let pieces = self.pieces
        var used = 0
        var last = -1
        for rank in pieces.map(\.rank).sorted() {
            let width = pieces.filter { $0.rank == rank }.reduce(0) { $0 + $1.spans.width(state.charset) + Self.gap }
            guard rank == 0 || used + width - Self.gap <= room else { break }
            used += width
            last = rank
        }
        return pieces.filter { $0.rank <= last }
    }

    private var pieces: [Piece] {
        var pieces = [
            Piece(6, [Span("cachewatch", .accent, bold: true)]), Piece(1, [Span(target, .text)]),
            Piece(0, StateWords(state: state).spans),
        ]
        if let node = state.latestNode, (state.latest?.nodes.count ?? 1) > 1 {
            pieces.append(Piece(2, [Span(node.address, state.chosenNode == nil ? .text : .accent)]))
        }
        if let warning = state.latestNode?.warnings.first {
            pieces.append(Piece(2, [Span("\(state.charset.alert) \(warning)", .warning)]))
        }
        if state.readOnlyWords != nil { pieces.append(Piece(3, [Span("read-only", .info)])) }
        guard let info = state.figures?.info else { return pieces }
        let mode = state.size.columns >= 100 ? info.server.mode : nil
        let words = [info.server.version, mode, info.replication.role?.rawValue].compactMap { $0 }
        if !words.isEmpty { pieces.append(Piece(4, [Span(words.joined(separator: " "), state.valueStyle(.text))])) }
        if let uptime = info.server.uptime {
            pieces.append(Piece(5, [Span("up \(Format.duration(.seconds(uptime)))", .dim)]))
        }
        return pieces
    }

    /// A long path keeps its ends.
    private var target: String {
        let target = state.options.target
        let room = max(26, state.size.columns / 4)
        guard target.count > room else { return target }
        return "\(target.prefix(room / 2))\(state.charset.ellipsis)\(target.suffix(room - room / 2 - 1))"
    }

    private var right: [Span] {
        var spans: [Span] = []
        if let paused = state.held?.snapshot {
            spans.append(
                Span(
                    " PAUSED \(Format.age(max(.zero, state.elapsed - paused.elapsed))) ",
                    Style(.warning, bold: true, reverse: true)))
            spans.append(Span("  "))
        }
        if state.size.columns >= 90 { spans.append(Span("every \(state.intervalLabel)   ", .dim)) }
        spans.append(Span("\(state.options.clock.clock(state.now))", .text))
        return spans
    }
}

/// Whether the server answers, in a few words and a colour.
struct StateWords {
    let state: DashboardState

    var spans: [Span] {
        let bullet = String(state.charset.bullet)
        guard let node = state.latestNode else { return [Span("\(bullet) connecting", .info)] }
        guard let refusal = node.refusal else {
            return [Span("\(bullet) ", .good), Span("connected \(Format.duration(node.roundTrip))", .text)]
        }
        if refusal.kind == .loading {
            let progress = refusal.detail.isEmpty ? "" : ", \(refusal.detail)"
            return [Span("\(bullet) \(refusal.reason)\(progress)", .warning)]
        }
        return [Span("\(bullet) \(refusal.reason)", .critical), Span(retry, .dim)]
    }

    private var retry: String {
        guard case .retrying(let at, _) = state.link else { return ", connecting" }
        let rest = at - state.elapsed
        return rest > .seconds(1) ? ", retry in \(Format.age(rest))" : ", retry now"
    }
}

/// All that fits on a screen of a line or a few columns: memory, pressure, operations; or why there is nothing.
struct StateLine {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        frame.write("\(state.charset.bullet) ", at: Point(column: 0, row: rect.row), Style(role))
        frame.write(
            words, in: Rect(column: 2, row: rect.row, columns: rect.columns - 2, rows: 1), Style(.text),
            ellipsis: state.charset.ellipsis)
    }

    private var node: NodeSnapshot? { state.latestNode }

    private var role: Role {
        guard let node else { return .info }
        guard node.reachable else { return node.refusal?.kind == .loading ? .warning : .critical }
        return switch state.alerts.raised.map(\.level).max() {
        case .critical: .critical
        case .warning: .warning
        case .info, nil: node.tellsItsHealth ? .good : .warning
        }
    }

    private var words: String {
        guard let node else { return "connecting" }
        guard node.reachable else { return node.refusal?.reason ?? "no answer" }
        let memory = Format.bytes(node.info?.memory.used)
        let pressure = node.pressure.map { " \(Format.percent($0, digits: 0))" } ?? ""
        return "\(memory)\(pressure) \(Format.rate(node.rates?.commands))/s"
    }
}
