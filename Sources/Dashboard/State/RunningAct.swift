internal import CacheModel
internal import TerminalUI

/// What runs and takes long: Esc leaves it to go on behind the screens, and only `x` stops it, after a question.
struct RunningAct: Equatable, Sendable {
    enum Stop: Equatable, Sendable { case no, asked, sent }

    private(set) var progress: OperationProgress?
    private(set) var stop = Stop.no

    var isStopping: Bool { stop == .sent }

    mutating func note(_ progress: OperationProgress) { self.progress = progress }

    /// Asks whether it is to stop.
    mutating func ask() { if stop == .no { stop = .asked } }

    mutating func press(_ key: Key, _ pace: inout SweepPace) -> DialogStep {
        switch (key, stop) {
        case (.character("f"), .no), (.character("f"), .asked):
            guard pace == .gentle else { break }
            pace = .fast
            return .hurry
        case (.character("x"), .no): stop = .asked
        case (.character("x"), .asked):
            stop = .sent
            return .stop
        // No is the answer to the question, and not to what runs.
        case (.escape, .asked), (.enter, .asked): stop = .no
        // Enter may be the second one of a confirmation.
        case (.escape, _): return .hide
        default: break
        }
        return .stay
    }
}

extension DialogBox {
    /// A dialog about something under way.
    ///
    /// - Parameter more: lines below how far it is.
    init(
        state: DashboardState, title: String, words: [String], progress: OperationProgress?, verb: String,
        counts: Bool, more: [DialogLine] = []
    ) {
        self.init(
            state: state, title: title, lines: Self.lines(state, words, progress, verb, counts: counts) + more,
            footer: "", closing: "Esc closes")
    }

    /// The same about what changes something.
    init(state: DashboardState, title: String, words: [String], _ act: RunningAct, verb: String, canHurry: Bool) {
        var lines = Self.lines(state, words, act.progress, verb, counts: false)
        let (footer, closing): (String, String)
        switch act.stop {
        case .no: (footer, closing) = (canHurry ? "x stops  f faster" : "x stops", "Esc hides, it goes on")
        case .asked:
            lines += DialogLine.words("Stop it half-way? What is done stays done.", .warning, in: state)
            (footer, closing) = ("x again stops it", "Esc: it goes on")
        case .sent: (footer, closing) = ("", "stopping; Esc hides")
        }
        self.init(state: state, title: title, lines: lines, footer: footer, closing: closing)
    }

    private static func lines(
        _ state: DashboardState, _ words: [String], _ progress: OperationProgress?, _ verb: String, counts: Bool
    ) -> [DialogLine] {
        let said = words.flatMap { DialogLine.words($0, in: state) } + [.blank]
        guard let progress else { return said + DialogLine.words("Asking the server", .dim, in: state) }
        return said + [.meter(progress.share, Format.percent(progress.share, digits: 0))]
            + DialogLine.words(progress.words(verb, counts: counts), in: state)
    }
}
