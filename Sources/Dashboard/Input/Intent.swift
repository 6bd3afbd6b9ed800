/// What a key does.
enum Intent: Hashable, Sendable {
    case screen(Screen), nextScreen, previousScreen
    case up, down, pageUp, pageDown, first, last, open, back
    case filter, sort, reverse, pause, longerSpan, shorterSpan, slower, faster
    case estimate, sweep, fullSweep, stopSweep
    case browse, valueView
    case flush, repair, revoke, rewriteLost, editLifetime, deleteKey, kill, journals
    case replay(ReplayOrder)
    case themes, command, reconnect, copy, help, redraw, suspend, quit
}

/// What help gathers keys under.
enum KeyGroup: String, CaseIterable, Sendable {
    case screens = "Screens", lists = "Lists", keyspace = "Keyspace", acting = "Acting", figures = "Figures",
        replay = "Replay", program = "Program"
}

extension Intent {
    /// True for what changes the server: not there where nothing may be changed.
    var isActing: Bool {
        switch self {
        case .flush, .repair, .revoke, .rewriteLost, .editLifetime, .deleteKey, .kill: true
        case .screen, .nextScreen, .previousScreen, .up, .down, .pageUp, .pageDown, .first, .last, .open, .back,
            .filter, .sort, .reverse, .pause, .longerSpan, .shorterSpan, .slower, .faster, .estimate, .sweep,
            .fullSweep,
            .stopSweep, .browse, .replay, .valueView, .journals, .themes, .command, .reconnect, .copy, .help, .redraw,
            .suspend,
            .quit:
            false
        }
    }

    var isScreen: Bool { if case .screen = self { true } else { false } }

    /// True for what asks the server for something.
    var needsServer: Bool {
        switch self {
        case .estimate, .sweep, .fullSweep, .browse: true
        default: isActing
        }
    }

    /// True for what a recording cannot answer.
    var asksServer: Bool { needsServer || [.stopSweep, .journals, .reconnect, .valueView].contains(self) }

    /// What is typed after `:` for it; nil for what has a key only, or a command with an argument.
    var command: String? {
        switch self {
        case .estimate: "estimate"
        case .sweep: "sweep-counts"
        case .fullSweep: "sweep-full"
        case .stopSweep: "stop"
        case .sort: "sort"
        case .reverse: "reverse"
        case .pause: "pause"
        case .themes: "themes"
        case .reconnect: "reconnect"
        case .help: "help"
        case .journals: "journals"
        case .quit: "quit"
        case .screen, .nextScreen, .previousScreen, .up, .down, .pageUp, .pageDown, .first, .last, .open, .back,
            .filter, .longerSpan, .shorterSpan, .slower, .faster, .browse, .valueView, .flush, .repair, .revoke,
            .rewriteLost, .editLifetime, .deleteKey, .kill, .command, .copy, .redraw, .suspend, .replay:
            nil
        }
    }
}
