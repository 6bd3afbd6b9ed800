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
    case keys(KeyEvent)
    case operation(OperationEvent)
    /// Something an operator should read once.
    case noticed(String)
}
