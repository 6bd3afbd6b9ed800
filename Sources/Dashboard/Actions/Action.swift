public import CacheModel
public import TerminalUI

/// Something that happened.
public enum Action: Sendable {
    case terminal(TerminalEvent)
    case snapshotArrived(Snapshot)
    /// What a recording brings.
    case replay(ReplayEvent)
    /// What becomes of a recording that is made beside.
    case recording(RecordingEvent)
    /// What becomes of what the figures are compared with.
    case twin(TwinEvent)
    case connecting
    case retryScheduled(in: Duration, attempt: Int)
    /// A second has passed, more or less.
    case ticked(now: WallTime, elapsed: Duration)
    case themeFailed(name: String, reason: String)
    case namespaces(NamespaceEvent)
    case keys(KeyEvent)
    /// What the latest look at the clients has found, and those before.
    case clientsSeen(ClientMemory, ClientStudy? = nil)
    /// What comes of the act that was given the ticket.
    case operation(OperationEvent, Ticket)
    /// Something an operator should read once.
    case noticed(String)
    /// A line to copy was written to a file, too.
    case kept(String, file: String)
}

extension Action {
    public var isTick: Bool { if case .ticked = self { true } else { false } }

    /// Of the act whose end it tells; nil for everything else.
    public var ticket: Ticket? {
        if case .operation(let event, let ticket) = self, event.isLast { ticket } else { nil }
    }
}
