public import CacheModel
internal import RedisValues

/// What charts take of a node: ``History/values(of:)``.
public struct ChartedNode: Equatable, Sendable {
    public var address: String
    public var values: [Double?]

    public init(_ node: NodeSnapshot) { (address, values) = (node.address, History.values(of: node)) }
}

extension RecordLine {
    /// The nodes of a snapshot's line, and their sum, as charts take them: nothing else of it is read, for charts go
    /// through hundreds of lines.
    ///
    /// - Returns: nil for another line, and for what is no snapshot.
    public static func charted(_ line: [UInt8]) -> [ChartedNode]? {
        guard LineHead(reading: line)?.kind == .snapshot, let tape = LineTape(line, escapes: true),
            let snapshot = try? SnapshotPart(from: LineDecoder(tape: tape, place: 0))
        else { return nil }
        return (snapshot.nodes + [snapshot.sum].compactMap { $0 }).map(\.charted)
    }
}

/// Members have the names that ``Snapshot`` gives them.
private struct SnapshotPart: Decodable {
    var nodes: [NodePart]
    var sum: NodePart?
}

private struct NodePart: Decodable {
    /// What is there, whatever it is.
    struct Presence: Decodable { init(from decoder: any Decoder) throws {} }

    struct InfoPart: Decodable {
        var memory: ServerInfo.Memory
        var clients: ServerInfo.Clients
    }

    var address: String
    var refusal: Presence?
    var info: InfoPart?
    var roundTrip: Duration?
    var rates: Rates?

    var charted: ChartedNode {
        var node = NodeSnapshot(address: address)
        if refusal == nil, let info {
            var known = ServerInfo()
            (known.memory, known.clients) = (info.memory, info.clients)
            node.info = known
        }
        (node.roundTrip, node.rates) = (roundTrip, rates)
        return ChartedNode(node)
    }
}
