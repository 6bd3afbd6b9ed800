public import CacheModel
internal import RedisValues

/// Puts back what a snapshot's line leaves out, since other lines have it.
///
/// Give it the lines of a segment one after the other. After a seek,
/// ``needed(before:in:read:)`` says which lines before it are
/// to be given first.
public struct RecordAssembly: Equatable, Sendable {
    public private(set) var header: RecordHeader?
    public private(set) var namespaces: NamespaceReport?
    public private(set) var clients: ClientLook?
    private var counters: CounterReport?
    private var slowlogs: [String: [SlowlogEntry]] = [:]

    public init() {}

    /// - Returns: the whole snapshot where the line is one.
    public mutating func take(_ entry: RecordEntry) -> Snapshot? {
        switch entry {
        case .header(let header):
            // Another run has seen nothing yet.
            (self.header, namespaces, clients, counters, slowlogs) = (header, nil, nil, nil, [:])
        case .namespaces(let report): namespaces = report
        case .clients(let look): clients = look
        case .counters(let report): counters = report
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
        if let counters {
            snapshot.counters?.services = counters.services
            snapshot.counters?.lines = counters.lines
        }
        for index in snapshot.nodes.indices where snapshot.nodes[index].slowlog != nil {
            snapshot.nodes[index].slowlog = slowlogs[snapshot.nodes[index].address] ?? []
        }
        return snapshot
    }
}

extension RecordAssembly {
    /// The lines of a segment, in their order, that it has to be given to know what was known before a line: few of many.
    ///
    /// - Parameter read: a line's bytes; only of ``RecordKind/slow``, and of one snapshot.
    public static func needed(before line: Int, in index: RecordIndex, read: (Int) -> [UInt8]) -> [Int] {
        let header = index.line(before: line, of: [.header])
        func last(_ kind: RecordKind) -> Int? {
            index.line(before: line, of: [kind]).flatMap { $0 > header ?? -1 ? $0 : nil }
        }
        var needed = [header, last(.namespaces), last(.clients), last(.counters)].compactMap { $0 }
        // Nodes whose slow log is wanted, and of those that were met, which of its entries are still missing.
        var wanted = nodes(at: line, in: index, read)
        var missing: [String: Set<Int>] = [:]
        var place = line
        while !(wanted.isEmpty && missing.isEmpty), let slow = index.line(before: place, of: [.slow]),
            slow > header ?? -1
        {
            place = slow
            let bytes = read(slow)
            guard let node = RecordLine.node(ofSlow: bytes), wanted.contains(node) || missing[node] != nil,
                case .slow(let log) = RecordLine.decode(bytes)
            else { continue }
            needed.append(slow)
            let left = (wanted.remove(node) != nil ? Set(log.ids) : missing[node] ?? []).subtracting(log.new.map(\.id))
            missing[node] = left.isEmpty ? nil : left
        }
        return needed.sorted()
    }

    /// Those whose slow log is known at a line.
    private static func nodes(at line: Int, in index: RecordIndex, _ read: (Int) -> [UInt8]) -> Set<String> {
        let isSnapshot = index.lines.indices.contains(line) && index.lines[line].head.kind == .snapshot
        let place = isSnapshot ? line : index.line(before: line, of: [.snapshot])
        guard let place, case .snapshot(let snapshot) = RecordLine.decode(read(place)) else { return [] }
        return Set(snapshot.nodes.lazy.filter { $0.slowlog != nil }.map(\.address))
    }
}
