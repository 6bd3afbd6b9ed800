internal import CacheModel
internal import TerminalUI

/// The first line: what is watched, how it is, and when.
///
/// ```
///  cachewatch  redis://cache-1:6379/0  ● healthy 0.4 ms   7.0.15 standalone primary   up 12 d   every 1 s   14:32:07
/// ```
struct Header {
    let state: DashboardState

    /// A part of the line; the least important ones go first where there is no room.
    private struct Piece {
        var spans: [Span]
        /// 0 always stays.
        var rank: Int
        /// Columns that it is given at least, so that others do not come and go with a digit of it.
        var least: Int

        init(_ rank: Int, _ spans: [Span], least: Int = 0) {
            self.rank = rank
            self.spans = spans
            self.least = least
        }

        func width(_ charset: Charset) -> Int { max(least, spans.width(charset)) }
    }

    private static let gap = 2
    private static let leastOfVerdict = 18
    private static let roomForName = 140
    /// Between what is watched and how: what stands side by side is read as one.
    private static let middleGap = 3

    func render(in rect: Rect, into frame: inout Frame) {
        let right = self.right
        let rightWidth = right.width(state.charset) + 1
        let roomForRight =
            state.held != nil || state.isReplay || rect.columns - rightWidth > (state.backgroundAct == nil ? 34 : 44)
        let end = max(0, roomForRight ? rect.columns - rightWidth - Self.middleGap : rect.columns)
        var column = 1
        for piece in fitting(end - column) {
            frame.write(
                piece.spans, at: Point(column: column, row: rect.row),
                clip: Rect(column: 0, row: rect.row, columns: end, rows: 1))
            column += piece.width(state.charset) + Self.gap
        }
        if roomForRight { frame.write(right, endingAt: rect.columns - 1, row: rect.row) }
    }

    /// Those for which there is room, in their order on the screen.
    private func fitting(_ room: Int) -> [Piece] {
        let pieces = pieces(room)
        var used = 0
        var last = -1
        for rank in pieces.map(\.rank).sorted() {
            let width = pieces.filter { $0.rank == rank }.reduce(0) { $0 + $1.width(state.charset) + Self.gap }
            guard rank == 0 || used + width - Self.gap <= room else { break }
            used += width
            last = rank
        }
        return pieces.filter { $0.rank <= last }
    }

    private func pieces(_ room: Int) -> [Piece] {
        // By the size of the screen alone: what is watched stays where it is, whatever else comes and goes.
        let name = state.size.columns >= Self.roomForName ? [Piece(0, [Span("cachewatch", .accent, bold: true)])] : []
        let used = name.reduce(0) { $0 + $1.width(state.charset) + Self.gap }
        var pieces =
            name + [Piece(2, [Span(target, .text)]), Piece(0, words(room - used), least: Self.leastOfVerdict)]
        if let act = underWay(room - used) { pieces.append(Piece(1, act)) }
        if let recording = state.recordingSpans { pieces.append(Piece(2, recording)) }
        if state.screen != .overview, let twin = state.twinSpans { pieces.append(Piece(3, twin)) }
        if let node = shownNode { pieces.append(Piece(3, node)) }
        if let warning = state.latestNode?.warnings.first, state.latestNode?.missingParts == nil {
            pieces.append(Piece(3, [Span("\(state.charset.alert) \(warning)", .warning)]))
        }
        if state.readOnlyWords != nil, !state.isReplay { pieces.append(Piece(4, [Span("read-only", .info)])) }
        guard let info = state.figures?.info else { return pieces }
        let mode = state.size.columns >= 100 ? info.server.mode : nil
        let words = [info.server.version, mode, info.replication.role?.rawValue].compactMap { $0 }
        if !words.isEmpty { pieces.append(Piece(5, [Span(words.joined(separator: " "), state.valueStyle(.text))])) }
        if let uptime = info.server.uptime {
            pieces.append(Piece(6, [Span("up \(Format.age(.seconds(uptime)))", .dim)], least: 10))
        }
        return pieces
    }

    /// As much of the verdict as there is room for beside what it is about.
    private func words(_ room: Int) -> [Span] {
        let variants = StateWords(state: state).variants
        let act = underWay(room).map { $0.width(state.charset) + Self.gap } ?? 0
        let room = room - act
        let beside = state.charset.width(of: target) + Self.gap
        // The shortest one says little: before that what it is about has to go.
        return variants.dropLast().first { $0.width(state.charset) + beside <= room }
            ?? variants.first { $0.width(state.charset) <= room } ?? variants.last ?? []
    }

    /// What goes on behind the screens: `flush session 34 %, 12 s left`.
    ///
    /// - Parameter room: for it and the verdict; how long it will take gives way first.
    private func underWay(_ room: Int) -> [Span]? {
        guard let act = state.backgroundAct else { return nil }
        let name = Printable.shortened(act.name, to: 30)
        let share = act.progress.map { " \(Format.percent($0.share, digits: 0))" } ?? ""
        let rest = act.progress?.remaining.map { ", \(Format.age($0)) left" } ?? ""
        let others = act.others > 0 ? " +\(act.others)" : ""
        let verdict = StateWords(state: state).variants.last?.width(state.charset) ?? 0
        let whole = "\(name)\(share)\(rest)\(others)"
        let fits = max(Self.leastOfVerdict, verdict) + Self.gap + state.charset.width(of: whole) <= room
        return [Span(fits ? whole : "\(name)\(share)\(others)", .info)]
    }

    /// Of several nodes the one that the screens show, with what keeps it silent.
    private var shownNode: [Span]? {
        guard let node = state.latestNode, let latest = state.latest, latest.nodes.count > 1 else { return nil }
        guard state.chosenNode != nil else {
            return target.hasSuffix(node.address) ? nil : [Span(node.address, .text)]
        }
        let silence = node.refusal.map { [Span(" \($0.reason)", .critical)] } ?? []
        return [Span(node.address, .accent)] + (latest.isReachable ? silence : [])
    }

    /// A long path keeps its ends.
    private var target: String {
        // Sentinels are asked for a service: which server that is now says more than who they are.
        if let sentinel = state.latest?.topology?.sentinel, let primary = sentinel.primary {
            return "\(sentinel.service) → \(primary)"
        }
        let target = state.options.target
        let room = max(26, state.size.columns / 4)
        guard target.count > room else { return target }
        return "\(target.prefix(room / 2))\(state.charset.ellipsis)\(target.suffix(room - room / 2 - 1))"
    }

    private var right: [Span] {
        if let replay = state.replaySpans { return replay }
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
