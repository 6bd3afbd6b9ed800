internal import CacheModel
internal import TerminalUI

/// What a key that was pressed in a dialog leads to.
enum DialogStep {
    case stay
    case close
    /// Closes it; nobody wants to know what it has found.
    case drop
    case act(Act)
    /// What it has sent last is to end.
    case stop
    /// What it has sent last may go as fast as it can.
    case hurry
    case copy(String)
    /// Another dialog takes this one's place.
    case turn(any OperationDialog, Act? = nil)

    /// Whether it changes something, or leads to where something is changed.
    var acts: Bool {
        switch self {
        case .act(let act): act.name != nil
        case .turn: true
        case .stay, .close, .drop, .stop, .hurry, .copy: false
        }
    }
}

/// What ties a dialog to what it has sent, and to where it was opened.
struct Bond: Sendable {
    /// In the order in which they were given.
    private(set) var tickets: [Ticket] = []
    /// The servers that were shown when it was opened.
    var place: Place?

    mutating func add(_ ticket: Ticket) { tickets.append(ticket) }
}

/// A dialog about something that changes the server: it has the keys, and hears what comes of it.
///
/// Esc always means no. While something runs, it stops it.
protocol OperationDialog: Sendable {
    var bond: Bond { get set }
    mutating func press(_ key: Key, in state: DashboardState) -> DialogStep
    /// - Parameter continues: whether it goes on where the last paste ended.
    /// - Returns: false where there is no field for it.
    mutating func paste(_ text: String, continues: Bool) -> Bool
    /// Takes what comes of its own acts; others' is kept from it.
    ///
    /// - Returns: false for what it does not tell.
    mutating func handle(_ event: OperationEvent) -> Bool
    func box(in state: DashboardState) -> DialogBox
}

extension OperationDialog {
    mutating func paste(_ text: String, continues: Bool) -> Bool { false }
}

/// A field in which something is confirmed by its name.
extension TextField {
    /// Whether this is its name; what was left out of a paste makes another one of it.
    func names(_ name: some Collection<UInt8>) -> Bool { leftOut == nil && TypedWord.names(value, name) }

    /// What is said where it does not name it; nil where nothing was typed yet.
    ///
    /// - Parameter what: such as `its name`.
    func objection(_ what: String) -> String? {
        if let leftOut {
            let scalar = Printable.escape(String(leftOut))
            return "What was pasted holds \(scalar), which is not seen: Ctrl-U clears it; type it as it is shown"
        }
        return value.isEmpty ? nil : "What is typed is not \(what)"
    }
}

/// Which of a dialog's fields has the keys.
struct FieldFocus: Equatable, Sendable {
    private(set) var index = 0

    mutating func move(to index: Int) { self.index = index }

    /// - Returns: false for a key that does not move.
    mutating func move(_ key: Key, count: Int) -> Bool {
        guard count > 0 else { return false }
        switch key {
        case .tab, .down: index = (index + 1) % count
        case .backTab, .up: index = (index + count - 1) % count
        default: return false
        }
        return true
    }
}

extension DialogBox {
    /// A dialog that says something, and no more.
    init(state: DashboardState, title: String, words: [String], role: Role = .text, footer: String = "") {
        self.init(
            state: state, title: title, lines: words.flatMap { DialogLine.words($0, role, in: state) },
            footer: footer, closing: "Esc closes")
    }

    /// A dialog about something under way.
    ///
    /// - Parameter more: lines below how far it is.
    init(
        state: DashboardState, title: String, words: [String], progress: OperationProgress?, verb: String,
        counts: Bool, isStopping: Bool, more: [DialogLine] = []
    ) {
        var lines = words.flatMap { DialogLine.words($0, in: state) } + [.blank]
        if let progress {
            lines.append(.meter(progress.share, Format.percent(progress.share, digits: 0)))
            lines += DialogLine.words(progress.words(verb, counts: counts), in: state)
        } else {
            lines += DialogLine.words("Asking the server", .dim, in: state)
        }
        lines += more
        self.init(
            state: state, title: title, lines: lines, footer: isStopping ? "" : "x stops",
            closing: isStopping ? "stopping; Esc hides" : "Esc stops")
    }
}
