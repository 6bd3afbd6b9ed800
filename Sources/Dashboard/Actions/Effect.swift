public import CacheModel

/// Something that is to be done.
public enum Effect: Equatable, Sendable {
    case quit
    case suspend
    case redraw
    case setInterval(Duration)
    case reconnect
    /// To the player of a recording.
    case replay(ReplayOrder)
    case record(RecordingOrder)
    /// To whoever brings what the figures are compared with.
    case twin(TwinOrder)
    case applyTheme(String)
    case copy(String)
    /// Write a line to copy to a file, for terminals that take nothing for their clipboard.
    case keep(String)
    /// Draw keys and tell what they are.
    case estimate
    /// Walk all keys; `full` asks each of them.
    case sweep(full: Bool)
    case cancelSweep
    /// Find out who the clients are.
    case lookAtClients
    /// The server suffers, or does so no longer: a sweep is to step back, or may go on.
    case strain(Bool)
    /// List keys of a scope.
    case browse(KeyScope, matching: Glob? = nil, from: [UInt8]?, wanted: Int, ticket: Int)
    /// Show a key; the answer carries the ticket.
    case inspect([UInt8], from: KeyCursor, ticket: Int)
    /// Do something to the server; all that comes of it carries the ticket.
    case act(Act, Ticket, shownOn: Place?)
    /// Stop what runs under the ticket; its receipt is wanted.
    case stop(Ticket)
    /// Let what runs under the ticket go as fast as it can.
    case hurry(Ticket)
    /// Stop what runs under the ticket; nobody wants to know what it has found.
    case drop(Ticket)
    /// An alert was raised, has changed its level, or is cleared.
    case log(AlertChange)
}
