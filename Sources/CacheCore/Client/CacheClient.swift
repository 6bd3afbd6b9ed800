public import CacheWire
public import RedisValues

/// A way to one cache: commands go to whoever holds their key, and questions to each of its nodes.
///
/// Connections are opened when they are wanted, one to a node, and shared by all who ask; nothing is sent twice that may
/// change something. Every call may be made from any task, and a task that is cancelled leaves at once.
public final class CacheClient: Sendable {
    private let deployment: any Deployment
    private let timeout: Duration
    /// Which keys belong to which namespace, and what is promised of them.
    public let namespaces: KeyClassifier

    /// Nothing is connected yet.
    ///
    /// - Parameter namespaces: the platform's, where nothing else is said.
    public init(_ configuration: CacheConfiguration, namespaces: KeyClassifier = KeyClassifier()) {
        deployment = configuration.deployment
        timeout = configuration.timeout
        self.namespaces = namespaces
    }

    /// Sends a command to whoever holds a key: redirections, fail-overs and slots on their way are followed.
    ///
    /// - Parameter key: the one that the command is about; commands about several keys need them in one slot.
    /// - Returns: the reply; an error reply that concerns the command is a value.
    /// - Throws: ``CacheError/refused(_:)`` where nobody can be asked, and ``CacheError/unknown(_:)`` where a command that
    ///   may change something was sent and its answer was lost.
    public func send(_ command: Command, about key: [UInt8]) async throws(CacheError) -> RESPValue {
        try await router.ask(KeyedCommand(key, command))
    }

    /// Sends several commands, each to whoever holds its key, in one pipeline a node.
    ///
    /// - Returns: the replies, in the order of the commands.
    /// - Throws: ``CacheError`` as ``send(_:about:)`` does.
    public func pipeline(
        _ commands: [(key: [UInt8], command: Command)]
    ) async throws(CacheError) -> [RESPValue] {
        try await router.ask(commands.map { KeyedCommand($0.key, $0.command) }).replies
    }

    /// Asks every node that holds keys.
    ///
    /// - Returns: by the node's name, `host:port`; a node that fails is a failure among them.
    /// - Throws: ``CacheError/refused(_:)`` where nobody knows which nodes there are.
    public func ask<Answer>(
        _ call: Call<Answer>
    ) async throws(CacheError) -> [String: Result<Answer, CacheError>] {
        await deployment.survey()
        var answers: [String: Result<Answer, CacheError>] = [:]
        for node in try await deployment.primaries() {
            do throws(CacheError) { answers[node.name] = .success(try await ask(call, node)) } catch {
                answers[node.name] = .failure(error)
            }
        }
        return answers
    }

    private func ask<Answer>(_ call: Call<Answer>, _ node: Node) async throws(CacheError) -> Answer {
        let reply = try await node.line(.serve).pipeline([call.command], deadline: timeout)[0]
        return try reply.reading { reply throws(RESPShapeError) in try call.read(reply) }
    }

    /// Walks over the keys of a namespace, on every node, without holding a server up: `SCAN`, never `KEYS`.
    ///
    /// A key that is written meanwhile may be missed or come twice, as with `SCAN` itself.
    ///
    /// - Parameters:
    ///   - name: of a rule of ``namespaces``.
    ///   - count: how many keys a server looks at in one call.
    ///   - take: gets each page's keys, where the caller is isolated; false ends the walk.
    /// - Throws: ``CacheError/input(_:)`` for a name that no rule has; ``CacheError`` where a node fails, or its walk comes
    ///   to no end.
    public nonisolated(nonsending) func scan(
        namespace name: String, count: Int = 200, take: ([[UInt8]]) -> Bool
    ) async throws(CacheError) {
        guard let index = namespaces.rules.firstIndex(where: { $0.name == name }) else {
            throw .input("there is no namespace \"\(Printable.escape(name, limit: 60))\"")
        }
        await deployment.survey()
        for node in try await deployment.primaries() {
            let session = try await node.line(.serve).session(deadline: timeout)
            let size = try await session.ask([Call.size.command])[0]
            var scan = MatchingScan(.namespace(index, namespaces), within: ScanBound(keys: try? size.count))
            while !scan.isDone {
                var flight = FlightBuffer()
                scan.append(to: &flight, count: max(1, count))
                var position = 0
                let keys = try scan.receive(try await session.fly(flight), at: &position)
                if !keys.isEmpty, !take(keys) { return }
            }
        }
    }

    /// Closes all connections; whoever still waits is told so.
    public func close() async { await deployment.close() }

    private var router: Router {
        Router(deployment: deployment) { [timeout] node throws(CacheError) in
            try await node.line(.serve).session(deadline: timeout)
        }
    }
}
