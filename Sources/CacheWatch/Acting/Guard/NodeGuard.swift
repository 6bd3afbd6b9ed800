internal import CacheCore
internal import CacheModel
internal import CacheWire
internal import RedisValues

extension Session {
    /// What node this is now, and how many keys its database has.
    ///
    /// - Parameter isOfCluster: whether it is asked for its id among the nodes.
    /// - Throws: ``CacheError/refused(_:)`` where the server does not say who it is.
    func identity(isOfCluster: Bool = false) async throws(CacheError) -> Opened {
        let questions = [Question.info.command, Question.size.command]
        let replies = try await ask(questions + (isOfCluster ? [NodeGuard.nodesQuestion] : []))
        let text = try replies[0].reading { reply throws(RESPShapeError) in try reply.bytes }
        let keys = try replies[1].reading { reply throws(RESPShapeError) in try reply.count }
        let info = InfoParser.parse(text)
        return Opened(
            identity: try NodeGuard.identity(info, address: name, nodes: isOfCluster ? replies[2] : nil), info: info,
            keys: min(LiveKeys.most, keys))
    }

    /// Who answers; all unknown where the user may not ask.
    func server() async throws(CacheError) -> ServerIdentity {
        let reply = try await ask([Question.info.command])[0]
        return (try? reply.bytes).map { ServerIdentity(InfoParser.parse($0)) } ?? ServerIdentity()
    }

    /// What is known of a node before anything is done to it.
    struct Opened: Sendable {
        var identity: NodeIdentity
        var info: ServerInfo
        /// `DBSIZE`.
        var keys: Int

        /// True where commands may name keys of one slot only.
        var isCluster: Bool { info.clusterEnabled == true }
    }
}

/// Checks with every batch that the node is still the one that was planned for.
struct NodeGuard: Sendable {
    let planned: NodeIdentity

    /// Which node of a cluster it is: no INFO says that.
    static let nodesQuestion = Command("CLUSTER", "NODES")
    private static let questions = [Question.server, Command("INFO", "replication")]
    static let replies = 2

    /// The questions alone.
    var idle: FlightBuffer {
        var flight = FlightBuffer()
        append(to: &flight)
        return flight
    }

    func append(to flight: inout FlightBuffer) {
        for question in Self.questions { flight.append(question, as: "info") }
    }

    /// - Returns: what the node says of itself.
    /// - Throws: ``CacheError/forbidden(_:)`` where it is another one.
    @discardableResult
    func check(_ replies: ReplyArena, at position: inout Int) throws(CacheError) -> ServerInfo {
        var text: [UInt8] = []
        for _ in Self.questions {
            text += try replies.value(at: &position).reading { reply throws(RESPShapeError) in try reply.bytes }
            text.append(0x0a)
        }
        let info = InfoParser.parse(text)
        let now = try Self.identity(info, address: planned.address)
        if let objection = planned.objection(to: now) { throw .forbidden(objection) }
        return info
    }

    /// - Parameter nodes: its answer to ``nodesQuestion``, where it was asked; an error leaves its id unknown.
    static func identity(
        _ info: ServerInfo, address: String, nodes: RESPValue? = nil
    ) throws(CacheError) -> NodeIdentity {
        guard let role = info.replication.role, let runID = info.server.runID else {
            let missing = [
                info.replication.role == nil ? "role" : nil, info.server.runID == nil ? "run_id" : nil,
            ].compactMap { $0 }
            throw .refused(
                Refusal(.identityUntold, detail: "its INFO leaves out \(missing.joined(separator: " and "))"))
        }
        let software = [info.server.software?.rawValue, info.server.version].compactMap { $0 }.joined(separator: " ")
        var server = ServerIdentity(info)
        server.nodeID = (try? nodes?.bytes).flatMap { SlotLayout.nodeID(inNodes: $0) }
        return NodeIdentity(
            address: address, runID: runID, isPrimary: role == .primary, software: software,
            replicas: info.replication.connectedReplicas ?? info.replication.replicas.count,
            server: server)
    }
}
