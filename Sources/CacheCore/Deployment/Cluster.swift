package import CacheWire
package import RedisValues
internal import Synchronization

/// A Redis Cluster: primaries that share the slots, and their replicas.
package actor Cluster: Deployment {
    package nonisolated let kind = DeploymentKind.cluster
    package nonisolated let movesKeys = true
    package nonisolated let target: String
    /// A cluster has only this one.
    package nonisolated let database = 0
    /// The primaries, dialled; for those who cannot wait.
    private nonisolated let current = Mutex<Set<String>>([])
    private let configuration: CacheConfiguration
    private let dialler: Dialler
    private let seeds: [String]
    private var map: ClusterMap?
    private var links: [String: NodeLink] = [:]
    /// Over which nodes are asked who belongs to the cluster; polls never wait behind it.
    private var askers: [String: NodeLink] = [:]
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
        dialler = configuration.dialler
        seeds = configuration.seeds
        target = configuration.target
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
        let askers = names.map { ($0, asker($0), knowsShards[$0] ?? true) }
        let (timeout, grace) = (configuration.timeout, Self.grace)
        let answers = await withTaskGroup(of: (String, ClusterAnswer)?.self) { group in
            for (name, link, knowsShards) in askers {
                group.addTask { (name, await ClusterAnswer.ask(link, knowsShards: knowsShards, timeout: timeout)) }
            }
            var answers: [(String, ClusterAnswer)] = []
            var isTimed = false
            for await answer in group {
                guard let answer else { break }
                answers.append(answer)
                if answer.1.map != nil, !isTimed {
                    isTimed = true
                    group.addTask {
                        try? await Task.sleep(for: grace)
                        return nil
                    }
                }
                if answers.count == askers.count { break }
            }
            group.cancelAll()
            return answers
        }
        for (name, answer) in answers where answer.lacksShards { knowsShards[name] = false }
        let maps = answers.compactMap { name, answer in answer.map.map { (name, $0) } }
        // A side that is cut off knows of no fail-over, and has a lower epoch.
        guard let (name, best) = maps.max(by: { ($0.1.epoch, $0.1.coveredSlots) < ($1.1.epoch, $1.1.coveredSlots) })
        else { return false }
        if best.epoch >= map?.epoch ?? 0 {
            favourite = name
            adopt(best)
        }
        return true
    }

    private func adopt(_ new: ClusterMap) {
        map = new
        for shard in new.shards {
            if let primary = shard.primary, let slot = shard.slots.first?.lowerBound {
                slots[dialled(primary.address)] = slot
            }
        }
        let names = Set(new.allPrimaries.map { dialled($0.address) })
        current.withLock { $0 = names }
        forgetOthers(than: Set((new.primaries + new.replicas + new.allPrimaries).map { dialled($0.address) } + seeds))
    }

    /// Nodes that were taken out of the cluster are not kept for good.
    private func forgetOthers(than known: Set<String>) {
        for (name, link) in links where !known.contains(name) {
            links[name] = nil
            Task { await link.close() }
        }
        for (address, link) in askers where !known.contains(dialled(address)) {
            askers[address] = nil
            Task { await link.close() }
        }
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    // MARK: its nodes

    package func nodes() async -> [NodeLink] {
        guard let map else { return seeds.map(link) }
        return Self.unique((map.primaries + map.replicas).map(\.address)).map(link)
    }

    package func primaries() async throws(CacheError) -> [NodeLink] {
        if map == nil { await survey() }
        guard let map else {
            // Asked once more for its reason, by whoever was named first.
            let link = link(seeds[0])
            try await link.connect()
            throw .refused(Refusal(.noCluster, detail: link.name))
        }
        // One that holds no slots holds no keys.
        return map.primaries.map { link($0.address) }
    }

    package func holder(of key: [UInt8]) async throws(CacheError) -> NodeLink {
        _ = try await primaries()
        guard let owner = map?.owner(of: KeySlot.of(key)) else {
            throw .refused(Refusal(.clusterDown, detail: "nobody holds slot \(KeySlot.of(key))"))
        }
        return link(owner)
    }

    package func node(announced name: NodeName, by node: NodeLink) async -> NodeLink {
        // One that does not know its own name leaves it out.
        link((try? name.announced(by: NodeName(node.name)))?.description ?? name.description)
    }

    package func layout() async throws(CacheError) -> SlotLayout? {
        await survey()
        _ = try await primaries()
        let holders = Set(map?.primaries.map { dialled($0.address) } ?? [])
        // One without slots may be taking in its first ones.
        let links = (map?.allPrimaries ?? []).map { link($0.address) }
        let timeout = configuration.timeout
        let texts = await withTaskGroup(of: (String, Result<[UInt8], CacheError>).self) { group in
            for link in links {
                group.addTask { (link.name, await Self.nodes(on: link, timeout)) }
            }
            var texts: [(String, Result<[UInt8], CacheError>)] = []
            for await text in group { texts.append(text) }
            return texts
        }
        var layout = SlotLayout()
        for (name, text) in texts {
            switch text {
            case .success(let text): layout.take(nodes: text, of: name)
            case .failure(let error): if holders.contains(name) { throw error }
            }
        }
        return layout
    }

    private static func nodes(on link: NodeLink, _ timeout: Duration) async -> Result<[UInt8], CacheError> {
        do throws(CacheError) {
            try await link.connect()
            let reply = try await link.pipeline([Command("CLUSTER", "NODES")], deadline: timeout)[0]
            return .success(try reply.reading { reply throws(RESPShapeError) in try reply.bytes })
        } catch { return .failure(error) }
    }

    package func successor(of node: String) async -> NodeLink? {
        guard let slot = slots[node] else { return nil }
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end, !Task.isCancelled, !isClosed {
            await survey()
            if let owner = map?.owner(of: slot), dialled(owner) != node {
                let link = link(owner)
                if await link.isReadyPrimary(timeout: configuration.timeout) { return link }
            }
            try? await Task.sleep(for: Self.askingEvery)
        }
        return nil
    }

    package nonisolated func isPrimary(_ node: String) -> Bool {
        current.withLock { $0.isEmpty || $0.contains(node) }
    }

    package func topology() async -> Topology? {
        guard var map else { return nil }
        map.rename(dialled)
        return Topology(cluster: map)
    }

    package func close() async {
        isClosed = true
        for link in links.values { await link.close() }
        for link in askers.values { await link.close() }
    }

    // MARK: addresses

    private func dialled(_ address: String) -> String { configuration.addressMap[address] ?? address }

    private func link(_ address: String) -> NodeLink {
        let name = dialled(address)
        if let known = links[name] { return known }
        let made = NodeLink(endpoint: configuration.endpoint(at: name), dialler: dialler)
        links[name] = made
        return made
    }

    private func asker(_ address: String) -> NodeLink {
        if let known = askers[address] { return known }
        let made = NodeLink(endpoint: configuration.endpoint(at: dialled(address)), dialler: dialler)
        askers[address] = made
        return made
    }
}

/// What one node says about its cluster.
package struct ClusterAnswer: Sendable {
    package var map: ClusterMap?
    package var refusal: Refusal?
    /// It is older than `CLUSTER SHARDS`.
    package var lacksShards = false

    private static let info = Command("CLUSTER", "INFO")

    package static func ask(_ link: NodeLink, knowsShards: Bool, timeout: Duration) async -> ClusterAnswer {
        var answer = ClusterAnswer()
        do throws(CacheError) {
            try await link.connect()
            let first = Command("CLUSTER", knowsShards ? "SHARDS" : "SLOTS")
            var replies = try await link.pipeline([first, info], deadline: timeout)
            if knowsShards, case .error(let words) = replies[0], !Printable.escape(words).hasPrefix("NOPERM") {
                answer.lacksShards = true
                replies[0] = try await link.pipeline([Command("CLUSTER", "SLOTS")], deadline: timeout)[0]
            }
            if let error = replies[0].cacheError { throw error }
            let host = link.endpoint.host ?? ""
            do throws(RESPShapeError) {
                var map =
                    knowsShards && !answer.lacksShards
                    ? try ClusterMap(shards: replies[0], host: host, usesTLS: link.endpoint.usesTLS)
                    : try ClusterMap(slots: replies[0], host: host)
                if let text = try? replies[1].bytes { map.take(info: text) }
                answer.map = map
            } catch { throw .protocolError(error.description) }
        } catch { answer.refusal = error.refusal }
        return answer
    }
}

extension NodeLink {
    /// Whether it can be reached and says that it is a primary.
    package func isReadyPrimary(timeout: Duration) async -> Bool {
        do throws(CacheError) {
            try await connect()
            let reply = try await pipeline([Command("INFO", "replication")], deadline: timeout)[0]
            return (try? reply.bytes).map(InfoParser.parse)?.replication.role == .primary
        } catch { return false }
    }
}
