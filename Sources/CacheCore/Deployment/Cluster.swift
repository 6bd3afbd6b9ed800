package import CacheWire
package import RedisValues
internal import NIOConcurrencyHelpers

/// A Redis Cluster: primaries that share the slots, and their replicas.
package actor Cluster: Deployment {
    package nonisolated let kind = DeploymentKind.cluster
    package nonisolated let movesKeys = true
    package nonisolated let target: String
    /// One that the cluster does not have is refused by SELECT, on every connection.
    package nonisolated let database: Int
    /// The primaries, dialled; for those who cannot wait.
    private nonisolated let current = NIOLockedValueBox<Set<String>>([])
    private let configuration: CacheConfiguration
    private let registry: NodeRegistry
    private let seeds: [String]
    private var addresses: NodeAddresses
    private var map: ClusterMap?
    /// Why nobody tells who belongs to it, in the words of whoever was asked last; nil once somebody has told.
    private var objection: Refusal?
    /// What was answered since the last survey began, by the announced name of who was asked.
    private var answers: [String: ClusterAnswer] = [:]
    private lazy var round = Round<ClusterAnswer>(grace: Self.grace) { [weak self] name, answer in
        await self?.record(answer, of: name)
        return answer.map == nil ? nil : .zero
    }
    /// Who is asked first: whoever answered last.
    private var favourite: String?
    private var turn = 0
    private var knowsShards: [String: Bool] = [:]
    /// A slot of each node that was a primary once.
    private var slots: [String: Int] = [:]
    private var isClosed = false

    /// Nodes that are asked in each survey; the one that is ahead of the others counts.
    private static let asked = 3
    /// Once one has answered, the others may take so much longer.
    private static let grace = Duration.milliseconds(50)
    private static let patience = Duration.seconds(60)
    private static let askingEvery = Duration.milliseconds(200)

    package init(_ configuration: CacheConfiguration) {
        self.configuration = configuration
        registry = configuration.registry
        seeds = configuration.seeds
        addresses = NodeAddresses(configuration)
        target = configuration.target
        database = configuration.endpoint.database
    }

    package nonisolated var changes: AsyncStream<Void> { AsyncStream { $0.finish() } }

    // MARK: who belongs to it

    package func survey() async {
        let known = (map.map { $0.primaries + $0.replicas } ?? []).map(\.address)
        let all = known + seeds.filter { !known.contains($0) }
        // The favourite, and others in turn: one that is cut off from the rest does not speak for it.
        var first = [favourite].compactMap { $0 }
        for offset in 0..<min(all.count, Self.asked) { first.append(all[(turn + offset) % all.count]) }
        turn += 1
        if map != nil, await canvass(Self.unique(first)) { return }
        _ = await canvass(Self.unique(all))
    }

    /// - Returns: whether anybody has answered.
    private func canvass(_ names: [String]) async -> Bool {
        let timeout = configuration.timeout
        await round.run(
            names.compactMap { name in
                guard let line = (try? node(name))?.line(.members) else { return nil }
                let knows = knowsShards[name] ?? true
                return (name, { await ClusterAnswer.ask(line, knowsShards: knows, timeout: timeout) })
            })
        let ballots = answers.compactMap { name, answer in answer.map.map { ClusterVote.Ballot(name: name, map: $0) } }
            .sorted { $0.name < $1.name }
        objection = ballots.isEmpty ? Self.objection(in: answers) : nil
        answers = [:]
        guard !ballots.isEmpty else { return false }
        if let winner = ClusterVote(known: map).winner(of: ballots) {
            favourite = winner.name
            await adopt(winner.map)
        }
        return true
    }

    /// Why none of those who were asked tells who belongs to the cluster; nil where nobody has answered.
    static func objection(in answers: [String: ClusterAnswer]) -> Refusal? {
        let told = answers.sorted { $0.key < $1.key }.compactMap { name, answer in
            answer.refusal.map { (name, refusal: $0) }
        }
        guard let (name, refusal) = told.first else { return nil }
        switch refusal.kind {
        case .commandFailed where ErrorReply(Array(refusal.detail.utf8)).meaning == .passing: return refusal
        // Whoever does not know the question, or says that it is none, is no cluster.
        case .commandFailed, .unknownCommand, .noCluster:
            return Refusal(.noCluster, detail: "\(name): \(refusal.detail)")
        case .noPermission:
            return Refusal(
                .noPermission, detail: "\(refusal.detail); who belongs to the cluster: cachewatch acl --cluster")
        default: return refusal
        }
    }

    /// One node alone is not the cluster.
    package func shortfall() async -> Refusal? { map == nil ? untold : nil }

    /// Why it is not known who belongs to it.
    private var untold: Refusal {
        objection ?? Refusal(.hung, detail: "nobody has told yet who belongs to the cluster")
    }

    private func record(_ answer: ClusterAnswer, of name: String) {
        answers[name] = answer
        if answer.lacksShards { knowsShards[name] = false }
    }

    private func adopt(_ new: ClusterMap) async {
        map = new
        for shard in new.shards {
            if let primary = shard.primary, let slot = shard.slots.first?.lowerBound {
                slots[dialled(primary.address)] = slot
            }
        }
        let names = Set(new.allPrimaries.map { dialled($0.address) })
        current.withLockedValue { $0 = names }
        let members = (new.primaries + new.replicas + new.allPrimaries).map(\.address) + seeds
        addresses.keep(Set(members))
        await registry.keep(Set(members.map { dialled($0) }))
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    // MARK: its nodes

    package func nodes() async -> [Node] {
        let names = map.map { ($0.primaries + $0.replicas).map(\.address) } ?? seeds
        let nodes = Self.unique(names).compactMap { try? node($0) }
        return nodes.isEmpty ? [registry.node(at: configuration.endpoint)] : nodes
    }

    package func primaries() async throws(CacheError) -> [Node] {
        if map == nil { await survey() }
        guard let map else {
            // Asked once more for its reason, by whoever was named first.
            let node = try node(seeds[0])
            try await node.line(.members).connect()
            throw .refused(untold)
        }
        // Who is behind it now and then is not all of them.
        var shown = map
        shown.rename(dialled)
        if let (address, count) = shown.sharedAddress {
            throw .refused(Refusal(.noAddress, detail: "\(count) primaries are all reached as \(address)"))
        }
        // One that holds no slots holds no keys.
        return try map.primaries.map { member throws(CacheError) in try node(member.address) }
    }

    package func holder(of key: [UInt8]) async throws(CacheError) -> Node {
        if map == nil { _ = try await primaries() }
        guard let owner = map?.owner(of: KeySlot.of(key)) else {
            throw .refused(Refusal(.clusterDown, detail: "nobody holds slot \(KeySlot.of(key))"))
        }
        return try node(owner)
    }

    package func node(announced name: NodeName, by node: Node) async -> Node {
        // One that does not know its own name leaves it out; it is reached where it was asked.
        guard let here = try? NodeName(HostPort.text(host: node.endpoint.reachedHost, port: name.port)) else {
            return node
        }
        return (try? self.node(name.announced(by: here).description)) ?? node
    }

    package func layout() async throws(CacheError) -> SlotLayout? {
        await survey()
        _ = try await primaries()
        let holders = Set(map?.primaries.map { dialled($0.address) } ?? [])
        // One without slots may be taking in its first ones.
        let nodes = (map?.allPrimaries ?? []).compactMap { try? node($0.address) }
        let timeout = configuration.timeout
        let texts = await withTaskGroup(of: (String, Result<[UInt8], CacheError>).self) { group in
            for node in nodes {
                group.addTask { (node.name, await Self.nodes(on: node.line(.members), timeout)) }
            }
            var texts: [(String, Result<[UInt8], CacheError>)] = []
            for await text in group { texts.append(text) }
            return texts
        }
        var layout = SlotLayout()
        for (name, text) in texts {
            switch text {
            case .success(let text): layout.record(nodes: text, of: name)
            case .failure(let error): if holders.contains(name) { throw error }
            }
        }
        return layout
    }

    private static func nodes(on line: Line, _ timeout: Duration) async -> Result<[UInt8], CacheError> {
        do throws(CacheError) {
            let reply = try await line.pipeline([Command("CLUSTER", "NODES")], deadline: timeout)[0]
            return .success(try reply.reading { reply throws(RESPShapeError) in try reply.bytes })
        } catch { return .failure(error) }
    }

    package func successor(of node: String) async -> Node? {
        guard let slot = slots[node] else { return nil }
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end, !Task.isCancelled, !isClosed {
            await survey()
            if let owner = map?.owner(of: slot), dialled(owner) != node {
                guard let node = try? self.node(owner) else { return nil }
                if await node.isReadyPrimary(timeout: configuration.timeout) { return node }
            }
            try? await Task.sleep(for: Self.askingEvery)
        }
        return nil
    }

    package nonisolated func isPrimary(_ node: String) -> Bool {
        current.withLockedValue { $0.isEmpty || $0.contains(node) }
    }

    package func topology() async -> Topology? {
        guard var map else { return nil }
        map.rename { dialled($0) }
        return Topology(cluster: map)
    }

    package func close(_ purpose: Line.Purpose) async { await registry.close(purpose) }

    package func close() async {
        isClosed = true
        await round.close()
        await registry.close()
    }

    // MARK: addresses

    private func dialled(_ address: String) -> String { addresses.dialled(address) }

    /// - Throws: ``CacheError/refused(_:)`` for a node whose name cannot be read.
    private func node(_ address: String) throws(CacheError) -> Node {
        registry.node(at: try addresses.endpoint(of: address))
    }
}

/// What one node says about its cluster.
package struct ClusterAnswer: Sendable {
    package var map: ClusterMap?
    package var refusal: Refusal?
    /// It is older than `CLUSTER SHARDS`.
    package var lacksShards = false

    private static let info = Command("CLUSTER", "INFO")

    package static func ask(_ line: Line, knowsShards: Bool, timeout: Duration) async -> ClusterAnswer {
        var answer = ClusterAnswer()
        do throws(CacheError) {
            let first = Command("CLUSTER", knowsShards ? "SHARDS" : "SLOTS")
            var replies = try await line.pipeline([first, info], deadline: timeout)
            // Whoever may not ask, or has lost a server for an instant, is no older for that.
            if knowsShards, case .error(let words) = replies[0],
                ![.noPermission, .passing].contains(ErrorReply(words).meaning)
            {
                answer.lacksShards = true
                replies[0] = try await line.pipeline([Command("CLUSTER", "SLOTS")], deadline: timeout)[0]
            }
            if let error = replies[0].cacheError { throw error }
            let host = line.endpoint.reachedHost
            do throws(RESPShapeError) {
                var map =
                    knowsShards && !answer.lacksShards
                    ? try ClusterMap(shards: replies[0], host: host, usesTLS: line.endpoint.usesTLS)
                    : try ClusterMap(slots: replies[0], host: host)
                if let text = try? replies[1].bytes { map.apply(info: text) }
                if knowsShards, !answer.lacksShards, !map.isConsistent {
                    let slots = try? await line.pipeline([Command("CLUSTER", "SLOTS")], deadline: timeout)[0]
                    if let slots, let routed = try? ClusterMap(slots: slots, host: host) {
                        map.correctOwners(by: routed)
                    }
                }
                answer.map = map
            } catch { throw .protocolError(error.description) }
        } catch { answer.refusal = error.refusal }
        return answer
    }
}

extension Endpoint {
    /// Where it is reached; a socket is on this machine.
    fileprivate var reachedHost: String { host ?? "localhost" }
}

extension Node {
    /// Whether it can be reached and says that it is a primary.
    func isReadyPrimary(timeout: Duration) async -> Bool {
        do throws(CacheError) {
            let reply = try await line(.members).pipeline([Command("INFO", "replication")], deadline: timeout)[0]
            return (try? reply.bytes).map(InfoParser.parse)?.replication.role == .primary
        } catch { return false }
    }
}
