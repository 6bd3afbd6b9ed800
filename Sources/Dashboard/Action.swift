public import CacheModel
public import TerminalUI

/// Something that happened.
public enum Action: Sendable {
    case terminal(TerminalEvent)
    case snapshotArrived(Snapshot)
    case connecting
    case retryScheduled(in: Duration, attempt: Int)
    /// A second has passed, more or less.
    case ticked(now: WallTime, elapsed: Duration)
    case themeFailed(name: String, reason: String)
    case namespaces(NamespaceEvent)
    /// Something an operator should read once.
    case noticed(String)
}

/// Something that is to be done.
public enum Effect: Equatable, Sendable {
    case quit
    case suspend
    case redraw
    case setInterval(Duration)
    case reconnect
    case applyTheme(String)
    case copy(String)
    /// Draw keys and tell what they are.
    case estimate
    /// Walk all keys; `full` asks each of them.
    case sweep(full: Bool)
    case cancelSweep
    /// The server suffers, or does so no longer: a sweep is to step back, or may go on.
    case strain(Bool)
    /// An alert was raised, has changed its level, or is cleared.
    case log(AlertChange)
}
