internal import CacheCore
internal import CacheModel
internal import CacheWire

/// The only one that permits to change something.
///
/// It asks the nodes that are concerned, has ``GuardVerdict`` decide, and notes what is refused and what begins.
struct Guard: Sendable {
    let deployment: any Deployment
    /// By `--read-only` or `read_only`.
    let isSwitchedOff: Bool
    let audit: AuditLog
    let open: @Sendable (Node) async throws(CacheError) -> Session

    private var facts: GuardFacts {
        GuardFacts(
            isSwitchedOff: isSwitchedOff, seesClusters: deployment.movesKeys, target: deployment.target,
            database: deployment.database)
    }

    /// Refuses what can be refused without a word to a server.
    ///
    /// - Throws: ``CacheError/forbidden(_:)``; it is noted.
    func precheck(_ action: GuardedAction, on scope: GuardScope) throws(CacheError) {
        try judge(action, on: scope, facts)
    }

    /// Looks at the nodes that are concerned, before anything is begun.
    ///
    /// - Parameter look: what the action has to know before, asked in the same round trip; it may change nothing.
    /// - Throws: ``CacheError/forbidden(_:)`` for what is refused, and noted; nothing was changed.
    func check(
        _ action: GuardedAction, on scope: GuardScope, asking look: [KeyedCommand] = []
    ) async throws(CacheError) -> CheckedAction {
        try precheck(action, on: scope)
        if let question = look.first(where: { CommandTable.mayWrite($0.command) }) {
            throw .readOnly(CommandTable.name(of: question.command))
        }
        do throws(CacheError) { return try await lookAt(action, scope, look) } catch {
            guard error.refusal.kind == .closed else { throw error }
        }
        // The connection had ended meanwhile. What was asked changes nothing, and may be asked again.
        return try await lookAt(action, scope, look)
    }

    private func lookAt(
        _ action: GuardedAction, _ scope: GuardScope, _ look: [KeyedCommand]
    ) async throws(CacheError) -> CheckedAction {
        await deployment.survey()
        var answers = [RESPValue](repeating: .null, count: look.count)
        var nodes: [GuardedNode] = []
        var moved: [Int] = []
        for (part, reply) in try await ask(action, scope, look) {
            nodes.append(try GuardedNode(reply, of: part))
            for (index, answer) in zip(part.questions, reply.suffix(part.questions.count)) {
                answers[index] = answer
                guard case .error(let words) = answer,
                    RoutePlan.verdict(words: words[...], movesKeys: deployment.movesKeys) != .answer
                else { continue }
                moved.append(index)
            }
        }
        guard !nodes.isEmpty else { throw .refused(Refusal(.noPrimary)) }
        try judge(action, on: scope, facts, nodes)
        if let failure = nodes.lazy.compactMap(\.failure).first { throw failure }
        if !moved.isEmpty {
            let router = Router(deployment: deployment, open: open)
            for (index, answer) in zip(moved, try await router.ask(moved.map { look[$0] }).replies) {
                answers[index] = answer
            }
        }
        return CheckedAction(guardian: self, action: action, scope: scope, nodes: nodes, answers: answers)
    }

    /// Writes the audit's first line.
    ///
    /// - Throws: ``CacheError/file(path:_:)`` where it cannot be written; then nothing may be done.
    func permit(
        _ checked: CheckedAction, as name: String, _ details: [(name: String, value: JSONValue)]
    ) throws(CacheError) -> Permit {
        let id = try audit.begin(
            checked.action.name, scope: name,
            details: [("run_id", .string(checked.nodes.map(\.identity).runIDs))] + details)
        return Permit(WritePermit(), checked, as: name, id: id)
    }

    /// Looks at a node on which an action that was begun is to go on.
    ///
    /// - Parameter known: what it was before; nil for one that was not there.
    /// - Throws: ``CacheError/forbidden(_:)`` where it may not.
    func check(
        _ session: Session, for action: GuardedAction, on scope: GuardScope, known: NodeIdentity?
    ) async throws(CacheError) -> GuardedNode {
        let part = Part(
            session: session, counts: scope.countsKeys, isOfCluster: deployment.movesKeys,
            demand: action.demand(scope.prefix))
        let guarded = try GuardedNode(try await part.ask().get(), of: part)
        var facts = facts
        facts.nodes = [guarded.facts]
        if let objection = known?.objection(to: guarded.identity) {
            throw .forbidden("\(action.name) went no further: \(objection); look at it again")
        }
        if case .refused(let words) = GuardVerdict(action.begun, on: scope, facts) {
            throw .forbidden("\(action.name) went no further: \(words)")
        }
        if let failure = guarded.failure { throw failure }
        return guarded
    }

    // MARK: asking

    /// Probes are the guard's own: they may be sent before anything is permitted.
    static func ask(_ probes: [Probe], on session: Session) async throws(CacheError) -> [RESPValue] {
        try await session.ask(probes.map(\.command), under: WritePermit())
    }

    /// What one node is asked.
    struct Part: Sendable {
        let session: Session
        /// Whether it is asked how many keys it has.
        let counts: Bool
        /// Whether it is asked which node of a cluster it is.
        let isOfCluster: Bool
        let demand: WriteDemand
        /// Of the look, by their numbers.
        var questions: [Int] = []
        var look: [Command] = []

        /// A failure is a value: of several nodes all are waited for.
        func ask() async -> Result<[RESPValue], CacheError> {
            let identity =
                [Question.info.command] + (counts ? [Question.size.command] : [])
                + (isOfCluster ? [NodeGuard.nodesQuestion] : [])
            return await session.result(of: identity + demand.probes.map(\.command) + look, under: WritePermit())
        }
    }

    private func ask(
        _ action: GuardedAction, _ scope: GuardScope, _ look: [KeyedCommand]
    ) async throws(CacheError) -> [(Part, [RESPValue])] {
        let parts = try await parts(action, scope, look)
        let answers = await withTaskGroup(of: (Int, Result<[RESPValue], CacheError>).self) { group in
            for (index, part) in parts.enumerated() { group.addTask { (index, await part.ask()) } }
            var answers: [Int: Result<[RESPValue], CacheError>] = [:]
            for await (index, answer) in group { answers[index] = answer }
            return answers
        }
        var received: [(Part, [RESPValue])] = []
        for (index, part) in parts.enumerated() {
            if let answer = answers[index] { received.append((part, try answer.get())) }
        }
        return received
    }

    private func parts(
        _ action: GuardedAction, _ scope: GuardScope, _ look: [KeyedCommand]
    ) async throws(CacheError) -> [Part] {
        var parts: [Part] = []
        func add(_ node: Node) async throws(CacheError) -> Int {
            if let index = parts.firstIndex(where: { $0.session.line.name == node.name }) { return index }
            parts.append(
                Part(
                    session: try await open(node), counts: scope.countsKeys, isOfCluster: deployment.movesKeys,
                    demand: action.demand(scope.prefix)))
            return parts.count - 1
        }
        if let names = scope.nodes {
            for node in await deployment.nodes() where names.contains(node.name) { _ = try await add(node) }
        } else if let keys = scope.keys {
            for key in keys { _ = try await add(try await deployment.holder(of: key)) }
        } else {
            for node in try await deployment.primaries() { _ = try await add(node) }
        }
        for (index, question) in look.enumerated() {
            let place = try await add(try await deployment.holder(of: question.key))
            parts[place].questions.append(index)
            parts[place].look.append(question.command)
        }
        return parts
    }

    // MARK: deciding

    private func judge(
        _ action: GuardedAction, on scope: GuardScope, _ facts: GuardFacts, _ nodes: [GuardedNode]? = nil
    ) throws(CacheError) {
        var facts = facts
        facts.nodes = nodes?.map(\.facts)
        guard case .refused(let words) = GuardVerdict(action, on: scope, facts) else { return }
        throw refusal(action, scope, words, wasAsked: nodes != nil)
    }

    /// Notes a refusal.
    ///
    /// - Parameter wasAsked: whether anything was sent to a server.
    func refusal(
        _ action: GuardedAction, _ scope: GuardScope, _ words: String, wasAsked: Bool = true
    ) -> CacheError {
        audit.refuse(action.name, scope: scope.name, why: words)
        return .forbidden("\(action.name) is refused, nothing was \(wasAsked ? "changed" : "sent"): \(words)")
    }
}

/// A node that the guard has looked at.
struct GuardedNode: Sendable {
    let session: Session
    let identity: NodeIdentity
    let info: ServerInfo
    /// `DBSIZE`; nil where it was not asked.
    let keys: Int?
    fileprivate let facts: GuardFacts.Node
    /// Why the server cannot, whoever asks.
    fileprivate let failure: CacheError?

    fileprivate init(_ replies: [RESPValue], of part: Guard.Part) throws(CacheError) {
        session = part.session
        var rest = replies[...]
        let text = try rest.removeFirst().reading { reply throws(RESPShapeError) in try reply.bytes }
        info = InfoParser.parse(text)
        if part.counts {
            let count = try rest.removeFirst().reading { reply throws(RESPShapeError) in try reply.integer }
            keys = Int(max(0, min(1 << 50, count)))
        } else {
            keys = nil
        }
        identity = try NodeGuard.identity(
            info, address: session.line.name, nodes: part.isOfCluster ? rest.removeFirst() : nil)
        var facts = GuardFacts.Node(identity: identity, isOfCluster: info.clusterEnabled == true)
        var failure: CacheError?
        for (probe, reply) in zip(part.demand.probes, rest) {
            switch WriteDemand.objection(in: reply, to: probe) {
            case .denied(let words): facts.denial = facts.denial ?? words
            case .failed(let error) where !part.demand.rightsAlone: failure = failure ?? error
            case .failed, nil: continue
            }
        }
        (self.facts, self.failure) = (facts, failure)
    }
}

extension GuardedNode {
    /// nil where it was not asked how many keys it has.
    var target: CacheOperations.Target? {
        keys.map {
            CacheOperations.Target(
                session: session, opened: Session.Opened(identity: identity, info: info, keys: $0))
        }
    }
}
