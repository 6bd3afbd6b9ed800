/// What a line of a recording holds.
public enum RecordKind: String, CaseIterable, Sendable {
    /// Who has recorded what, and by which settings: the first line of each segment, and of each run of a recorder.
    case header
    case snapshot
    /// A look at the keyspace, when there is a new one.
    case namespaces
    /// A look at the clients.
    case clients
    /// What servers have published of their stores, when there is something new.
    case counters
    /// Reserved for percentiles.
    case latency
    /// What is new in a node's slow log.
    case slow
    case alert
    /// What somebody did with this program.
    case action
    /// Words of an operator.
    case mark
    /// Nothing was recorded for a while.
    case gap
    /// The recorder was ended, and did not die.
    case end
}
