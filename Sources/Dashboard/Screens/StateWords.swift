internal import CacheModel
internal import TerminalUI

extension DashboardState {
    /// How the deployment is now, paused or not; nil before anything was heard of it.
    var verdict: Verdict? {
        latest.map { Verdict($0, alerts: alerts.raised, known: known.compactMapValues { $0.node.keys }) }
    }

    /// True where no server answers: there is nothing to act on then.
    var isCutOff: Bool { latest.map { !$0.isReachable } ?? false }

    /// Why no server answers; nil where one does, and before one was asked.
    var refusal: Refusal? {
        guard isCutOff else { return nil }
        return latestNode?.refusal ?? latest?.dataNodes.first { $0.refusal != nil }?.refusal
    }

    /// `retry in 3 s`; nil while it is being tried.
    var retryWords: String? {
        guard case .retrying(let at, _) = link else { return nil }
        let rest = at - elapsed
        return rest > .seconds(1) ? "retry in \(Format.age(rest))" : "retry now"
    }
}

/// How the deployment is, in a sign, a few words and a colour; or why nobody can say.
struct StateWords {
    let state: DashboardState

    /// From many words to few.
    var variants: [[Span]] {
        guard let verdict = state.verdict else { return [spans(.info, state.charset.bullet, "connecting")] }
        guard let refusal = state.refusal else {
            let sign = Sign(verdict.status)
            return verdict.variants.map {
                spans(sign.role, sign.character(state.charset), $0, isQuiet: sign == .healthy)
            }
        }
        if refusal.kind == .loading {
            let progress = refusal.detail.isEmpty ? "" : ", \(refusal.detail)"
            return [spans(.warning, state.charset.alert, "\(refusal.reason)\(progress)")]
        }
        if refusal.kind.concernsCommand {
            return verdict.variants.map { spans(.warning, Sign.unknown.character(state.charset), $0) }
        }
        let head = spans(.critical, state.charset.critical, refusal.reason)
        let retry = [Span(", \(state.retryWords ?? "connecting")", .dim)]
        guard let since = state.failingSince else { return [head + retry, head] }
        let down = [Span(", down since \(state.options.clock.clock(since))", .dim)]
        return [head + retry + down, head + retry, head]
    }

    /// - Parameter isQuiet: nobody has to look there.
    private func spans(_ role: Role, _ sign: Character, _ words: String, isQuiet: Bool = false) -> [Span] {
        isQuiet ? [Span("\(sign) ", role), Span(words, .text)] : [Span("\(sign) \(words)", role)]
    }
}

/// All that fits on a screen of a line or a few columns: what is wrong, or memory, pressure, operations.
struct StateLine {
    let state: DashboardState

    func render(in rect: Rect, into frame: inout Frame) {
        let room = rect.columns - 2
        frame.write("\(sign.character(state.charset)) ", at: Point(column: 0, row: rect.row), Style(role))
        frame.write(
            words(room), in: Rect(column: 2, row: rect.row, columns: room, rows: 1), Style(.text),
            ellipsis: state.charset.ellipsis)
    }

    private var sign: Sign {
        if let refusal = state.refusal, !refusal.kind.concernsCommand {
            return refusal.kind == .loading ? .warning : .critical
        }
        return state.verdict.map { Sign($0.status) } ?? .healthy
    }

    private var role: Role { state.verdict == nil ? .info : sign.role }

    /// What is over must not be taken for what is.
    private func words(_ room: Int) -> String {
        guard state.isReplay else { return presentWords(room) }
        let time = state.replay.map { "\(state.options.clock.clock($0.now)) " } ?? ""
        return "REPLAY \(time)" + presentWords(room - 7 - time.count)
    }

    private func presentWords(_ room: Int) -> String {
        guard let verdict = state.verdict else { return "connecting" }
        if let refusal = state.refusal { return refusal.reason }
        guard let cause = verdict.causes.first else { return figures }
        let what = verdict.more > 0 ? "\(cause) +\(Format.count(verdict.more))" : cause
        let all = "\(what)  \(figures)"
        return state.charset.width(of: all) <= room ? all : what
    }

    private var figures: String {
        let node = state.latestNode
        let memory = Format.bytes(node?.info?.memory.used)
        let pressure = node?.pressure.map { " \(Format.percent($0, digits: 0))" } ?? ""
        return "\(memory)\(pressure) \(Format.rate(node?.rates?.commands))/s"
    }
}
