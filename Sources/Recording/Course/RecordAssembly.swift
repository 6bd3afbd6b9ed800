public import CacheModel
internal import RedisValues

/// Puts back what a snapshot's line leaves out, since other lines have it.
///
/// Give it the lines of a segment one after the other. After a seek, it needs the last ``RecordKind/namespaces`` and
/// ``RecordKind/clients`` before, and each ``RecordKind/slow`` since the segment's beginning.
public struct RecordAssembly: Equatable, Sendable {
    public private(set) var header: RecordHeader?
    public private(set) var namespaces: NamespaceReport?
    public private(set) var clients: ClientLook?
    private var slowlogs: [String: [SlowlogEntry]] = [:]

    public init() {}

    /// - Returns: the whole snapshot where the line is one.
    public mutating func take(_ entry: RecordEntry) -> Snapshot? {
        switch entry {
        case .header(let header):
            // Another run has seen nothing yet.
            (self.header, namespaces, clients, slowlogs) = (header, nil, nil, [:])
        case .namespaces(let report): namespaces = report
        case .clients(let look): clients = look
        case .slow(let log): note(log)
        case .snapshot(let snapshot): return whole(snapshot)
        case .alert, .action, .mark, .gap, .end: break
        }
        return nil
    }

    private mutating func note(_ log: RecordedSlowlog) {
        var known: [Int: SlowlogEntry] = [:]
        for entry in (slowlogs[log.node] ?? []) + log.new { known[entry.id] = entry }
        slowlogs[log.node] = log.ids.compactMap { known[$0] }
    }

    private func whole(_ snapshot: Snapshot) -> Snapshot {
        var snapshot = snapshot
        snapshot.namespaces = namespaces
        snapshot.clients = clients
        for index in snapshot.nodes.indices where snapshot.nodes[index].slowlog != nil {
            snapshot.nodes[index].slowlog = slowlogs[snapshot.nodes[index].address] ?? []
        }
        return snapshot
    }
}
