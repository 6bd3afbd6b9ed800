/// What a key does.
enum Intent: Hashable, Sendable {
    case screen(Screen), nextScreen, previousScreen
    case up, down, pageUp, pageDown, first, last, open, back
    case filter, sort, pause, longerSpan, shorterSpan, slower, faster
    case estimate, sweep, fullSweep, stopSweep
    case browse, valueView
    case flush, repair, revoke, rewriteLost, editLifetime, deleteKey
    case themes, command, reconnect, copy, help, redraw, suspend, quit
}

/// What help gathers keys under.
enum KeyGroup: String, CaseIterable, Sendable {
    case screens = "Screens", lists = "Lists", keyspace = "Keyspace", acting = "Acting", figures = "Figures", program =
        "Program"
}

extension Intent {
    /// True for what changes the server: not there where nothing may be changed.
    var isActing: Bool {
        switch self {
        case .flush, .repair, .revoke, .rewriteLost, .editLifetime, .deleteKey: true
        default: false
        }
    }
}
