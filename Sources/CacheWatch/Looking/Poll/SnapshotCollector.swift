package import CacheCore
internal import CacheWire
public import CacheModel
internal import FoundationEssentials

/// Collects snapshots of a deployment: one pipeline a node and poll, all nodes at once.
public actor SnapshotCollector {
    private let deployment: any Deployment
    private let timeout: Duration
    private let ledger: RevocationLedger?
    private nonisolated let began: ContinuousClock.Instant
    /// Looks at the keyspace of the same deployment.
    public nonisolated let surveyor: KeyspaceSurveyor
    /// Looks at the clients of the same deployment.
    public nonisolated let clients: ClientSurveyor
    private var polls: [String: NodePoll] = [:]
    /// What servers have counted, as it changed from poll to poll.
    private var counters = CounterTrack()
    private let counterKey: [UInt8]
    /// As each node was last seen.
    private var seen: [String: NodeSnapshot] = [:]
    private lazy var round = Round<Answer>(grace: Self.grace, slowest: 4) { [weak self] name, answer in
        await self?.take(answer, of: name)
        // That a node refuses at once shows nothing.
        return answer.node.reachable && !answer.node.isSentinel ? answer.node.roundTrip ?? .zero : nil
    }

    private struct Answer: Sendable {
        var poll: NodePoll
        var node: NodeSnapshot
    }

    /// How long others are waited for at least, once one node has answered.
    private static let grace = Duration.milliseconds(150)

    /// - Parameters:
    ///   - deadline: of what looks at many keys at once.
    ///   - ledger: revocations that each poll looks for.
    package init(
        deployment: any Deployment, timeout: Duration, deadline: Duration = .seconds(15),
        classifier: KeyClassifier = KeyClassifier(), ledger: RevocationLedger? = nil
    ) {
        let began = ContinuousClock.now
        self.deployment = deployment
        self.timeout = timeout
        self.ledger = ledger
        self.began = began
        counterKey = CounterHash.key(prefix: classifier.keyPrefix)
        surveyor = KeyspaceSurveyor(
            deployment: deployment, classifier: classifier, deadline: deadline,
            elapsed: { ContinuousClock.now - began })
        clients = ClientSurveyor(deployment: deployment, timeout: timeout, elapsed: { ContinuousClock.now - began })
    }

    public init(settings: Settings, ledger: RevocationLedger? = nil) {
        self.init(
            deployment: settings.deployment, timeout: settings.timeout, deadline: settings.flightDeadline,
            classifier: settings.classifier, ledger: ledger)
    }

    /// Monotonic time since this collector was made.
    public nonisolated var elapsed: Duration { ContinuousClock.now - began }

    /// One poll of all nodes. A node that fails is a value in the snapshot; nothing is thrown.
    ///
    /// It takes at most the connect time-out, a reply time-out and a second look at a server that refused. Where others
    /// have answered, one that is late is not waited for: it stands in the snapshot as it was last seen.
    public func collect() async -> Snapshot {
        await deployment.survey()
        let members = await deployment.nodes()
        let holder = await holderOfCounters(among: members)
        // One that was never seen is waited for: there is nothing to show instead.
        await round.run(
            members.map { member in
                let poll = polls[member.name] ?? NodePoll(address: member.name, purpose: member.purpose)
                return (
                    member.name,
                    { [began, timeout, counterKey] in
                        let key = member.name == holder ? counterKey : nil
                        return await Self.poll(member, poll, counters: key, began: began, timeout: timeout)
                    }
                )
            }, mustWait: Set(members.map(\.name)).subtracting(seen.keys))
        let late = await round.late
        var nodes = members.map { lastSeen(of: $0, late: late[$0.name]) }
        if deployment.kind == .standalone, nodes[0].info?.clusterEnabled == true {
            nodes[0].warnings.append("one node of a cluster: --cluster watches all of them")
        }
        if let refusal = await deployment.shortfall() {
            // What it says of itself is nothing of what was asked for.
            for index in nodes.indices where nodes[index].reachable { nodes[index] = nodes[index].refused(refusal) }
        }
        let names = Set(members.map(\.name))
        (polls, seen) = (polls.filter { names.contains($0.key) }, seen.filter { names.contains($0.key) })
        var snapshot = Snapshot(
            takenAt: .now, elapsed: ContinuousClock.now - began, target: deployment.target,
            deployment: deployment.kind, nodes: nodes, database: deployment.database)
        snapshot.topology = await deployment.topology()
        if let map = snapshot.topology?.cluster {
            let primaries = Set(map.primaries.map(\.address))
            let seen = nodes.filter { primaries.contains($0.address) }
            snapshot.sum = .sum(of: seen, address: "all primaries")
            if seen.count < map.primaries.count {
                snapshot.sum?.parts?.all = map.primaries.count
                let words =
                    map.sharedAddress.map { "\($0.primaries) primaries are all reached as \($0.address)" }
                    ?? "they announce no address"
                snapshot.sum?.warnings.append(
                    "\(map.primaries.count - seen.count) of \(map.primaries.count) primaries are not in the sums: \(words)"
                )
            }
        }
        if let holder, let reading = polls[holder]?.counted {
            snapshot.counters = counters.note(reading, of: nodes, at: snapshot.elapsed)
            snapshot.leaveOutChecks()
        }
        if let ledger {
            // One that is late would keep the others waiting.
            let answering = nodes.filter { $0.reachable && !$0.isSentinel && $0.late == nil }
            let here = DeploymentIdentity(
                target: deployment.target, servers: answering.compactMap { $0.info.map(ServerIdentity.init) },
                nodeIDs: snapshot.topology?.cluster?.nodeIDs ?? [])
            let router = Router(deployment: deployment, tries: 3) { [timeout] node throws(CacheError) in
                try await node.line(.poll).session(deadline: timeout)
            }
            if !answering.isEmpty {
                snapshot.revocations = await ledger.check(by: router, on: Set(answering.map(\.address)), of: here)
            }
        }
        return snapshot
    }

    // MARK: polls under way

    private func take(_ answer: Answer, of name: String) {
        if answer.poll.isOtherProcess { counters = CounterTrack() }
        (polls[name], seen[name]) = (answer.poll, answer.node)
    }

    /// The one node that has the hash in which servers count; nil where nobody knows, and nobody is asked to find out.
    private func holderOfCounters(among members: [Node]) async -> String? {
        guard deployment.kind == .cluster else { return members.first { $0.purpose == .data }?.name }
        return await deployment.topology()?.cluster?.owner(of: KeySlot.of(counterKey))
    }

    /// What is known of a node now.
    ///
    /// - Parameter late: for how long it has been asked without an answer.
    private func lastSeen(of member: Node, late: Duration?) -> NodeSnapshot {
        guard var node = seen[member.name] else {
            var node = NodeSnapshot(address: member.name)
            node.isSentinel = member.purpose == .sentinel
            node.refusal = Refusal(.hung, detail: "no reply within \(Format.duration(late ?? .zero)) yet")
            return node
        }
        node.late = late
        return node
    }

    /// Closes the connections, so that the next poll opens new ones, and asks once more what was denied.
    public func reconnect() async {
        for node in await deployment.nodes() {
            await node.line(.poll).drop()
            await node.forgetDenied()
            polls[node.name]?.forgetCounters()
        }
        await surveyor.close()
        await clients.close()
    }

    public func close() async {
        await round.close()
        await deployment.close()
    }

    private static func poll(
        _ member: Node, _ memory: NodePoll, counters key: [UInt8]?, began: ContinuousClock.Instant,
        timeout: Duration
    ) async -> Answer {
        var poll = memory
        let line = member.line(.poll)
        var node: NodeSnapshot
        do throws(CacheError) {
            let session = try await line.session(deadline: timeout)
            let denied = await line.denied()
            let asked = poll.questions(without: denied, counters: key)
            let start = ContinuousClock.now
            let replies = try await session.ask(asked.map(\.command))
            let end = ContinuousClock.now
            let circumstances = NodePoll.Circumstances(
                elapsed: end - began, time: .now, roundTrip: end - start, traffic: member.traffic,
                warnings: await line.warnings,
                anonymous: member.endpoint.password == nil)
            var errors: [(Question, [UInt8])]
            (node, errors) = poll.digest(replies, to: asked.map(\.question), circumstances, without: denied)
            // What one server refuses another one may not.
            if poll.isOtherProcess { await member.forgetDenied() }
            if let key {
                let asks = poll.wantsCounters
                if asks, let reply = try? await session.ask([Question.counters(key)])[0] {
                    if case .error(let words) = reply { errors.append((.counters, words)) }
                    poll.note(counters: reply, into: &node)
                }
                if asks || asked.contains(where: { $0.question == .counters }) { Self.count(poll.counted, on: line) }
            }
            for (question, words) in errors {
                guard question == .counters, let key else {
                    await line.note(question, error: words)
                    continue
                }
                await line.noteCounters(key, error: words, version: node.info?.server.version)
            }
        } catch {
            node = poll.failed(error.refusal, at: ContinuousClock.now - began)
        }
        let denied = await line.denied()
        node.denied = denied.list
        member.note(denied: denied)
        return Answer(poll: poll, node: node)
    }
}

extension SnapshotCollector {
    /// A look at the counters is a lookup, which is no client's.
    private static func count(_ reading: CounterReading?, on line: Line) {
        guard let reading else { return }
        line.caused(hits: reading.isEmpty ? 0 : 1, misses: reading.isEmpty ? 1 : 0)
    }
}

extension NodeSnapshot {
    /// As if it had answered nothing else.
    fileprivate func refused(_ refusal: Refusal) -> NodeSnapshot {
        var node = NodeSnapshot(address: address)
        (node.refusal, node.user, node.denied, node.warnings) = (refusal, user, denied, warnings)
        return node
    }
}

extension WallTime {
    /// The clock of this machine.
    public static var now: WallTime {
        WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
