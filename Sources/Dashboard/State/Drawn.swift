internal import CacheModel
public import TerminalUI

/// What the operator sees: what is pointed at is found here, and not in what has come since.
struct Drawn: Sendable {
    let frame: Frame
    let screen: Screen
    /// By the row of the list.
    let subjects: [Int: Subject]
    /// What acts were about.
    let subject: Subject?

    init(_ frame: Frame, of state: DashboardState) {
        (self.frame, screen, subject) = (frame, state.screen, state.subject)
        let lines = state.lines(of: state.screen)
        let rows = frame.regions.compactMap { Self.number(in: $0.id, of: "row") }.filter { $0 < lines.count }
        subjects = Dictionary(rows.map { ($0, lines.subject($0)) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Returns: nil for a region of another kind.
    static func number(in id: String, of kind: String) -> Int? {
        let parts = id.split(separator: ":")
        guard parts.count == 2, parts[0] == kind, let number = Int(parts[1]), number >= 0 else { return nil }
        return number
    }
}

extension DashboardState {
    /// The frame is on the screen: what it tells is told, and its time begins.
    ///
    /// - Parameter elapsed: what the clock says now, which may be ahead of the last tick.
    public mutating func noteDrawn(_ frame: Frame, at elapsed: Duration) {
        drawn = Drawn(frame, of: self)
        unread = .nothing
        guard !isAway, Detail(size) != .line else { return }
        switch dialog {
        // They stand where results do.
        case .command, .filter: return
        case .operation(let dialog): if dialog.box(in: self).showsSubject { unseen.subtract(dialog.bond.tickets) }
        case .help, .themes, .detail, nil: break
        }
        guard message?.isUntold == true else { return }
        message?.isShown = true
        let read = max(elapsed, readingTime)
        message?.until = read + Message.lasts
    }

    /// Whether the operator has seen it on this screen: what has come since is not what is meant.
    func isDrawn(_ subject: Subject) -> Bool {
        guard let drawn else { return true }
        return drawn.screen == screen && (drawn.subject == subject || drawn.subjects.values.contains(subject))
    }

    mutating func sayNew(_ subject: Subject) {
        say(
            "\(Printable.shortened(subject.name, to: 60)) was not on the screen yet: look, and press it again", .warning
        )
    }

    /// Acts whose results are to be told, and were on no screen.
    public var untold: Set<Ticket> {
        let told = message.flatMap { $0.isUntold ? $0.ticket : nil }
        return unseen.union(waiting.compactMap(\.ticket)).union(told.map { [$0] } ?? [])
    }
}
