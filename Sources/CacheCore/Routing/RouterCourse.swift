internal import CacheWire
internal import RedisValues

/// Questions under way, in rounds: in each of them a node is asked at most once.
struct RouterCourse {
    private let router: Router
    private let questions: [KeyedCommand]
    private let first: [Command]
    private let last: [Command]
    private let permit: WritePermit?
    /// nil for those that are due.
    private var ends: [Result<RESPValue, CacheError>?]
    private var besides: [String: [RESPValue]] = [:]
    private var due: [Due]
    // What the plans of a round ask for before the next one.
    private var next: [Due] = []
    private var asksForMap = false
    private var pause = Duration.zero

    /// A question that is to be asked, or asked again.
    private struct Due: Sendable {
        let index: Int
        /// How often it was sent before.
        var number = 0
        /// nil for whoever holds the key.
        var node: Node?
        var asking = false
    }

    /// What one node is asked in one pipeline.
    private struct Part: Sendable {
        let node: Node
        var due: [Due] = []
        /// Whether it is asked what all of them are asked besides.
        var hasCompany = false
    }

    private struct Failure: Error {
        let error: CacheError
        let wasSent: Bool
    }

    init(
        _ router: Router, _ questions: [KeyedCommand], first: [Command], last: [Command], permit: WritePermit?
    ) {
        self.permit = permit
        self.router = router
        self.questions = questions
        self.first = first
        self.last = last
        ends = [Result<RESPValue, CacheError>?](repeating: nil, count: questions.count)
        due = questions.indices.map { Due(index: $0) }
    }

    mutating func run() async {
        while !due.isEmpty {
            if Task.isCancelled {
                for one in due { ends[one.index] = .failure(.cancelled) }
                return
            }
            (next, asksForMap, pause) = ([], false, .zero)
            for (part, outcome) in await send(await parts()) {
                switch outcome {
                case .success(let replies): await take(replies, of: part)
                case .failure(let failure): for one in part.due { await take(failure, of: one, at: part.node) }
                }
            }
            due = next.sorted { $0.index < $1.index }
            if due.isEmpty { return }
            if pause > .zero { try? await Task.sleep(for: pause) }
            if asksForMap { await router.deployment.survey() }
        }
    }

    var answer: Router.Answer {
        let results = ends.map { $0 ?? .failure(.cancelled) }
        let isWhole = results.allSatisfy { if case .success = $0 { true } else { false } }
        return Router.Answer(results: results, besides: besides, hasWritten: !isWhole && hasWritten)
    }

    private var hasWritten: Bool {
        zip(questions, ends).contains { question, end in
            switch end {
            case .success(.error), nil: false
            case .success: question.writes
            case .failure(.unknown): true
            case .failure: false
            }
        }
    }

    // MARK: asking

    private mutating func parts() async -> [Part] {
        var parts: [String: Part] = [:]
        for one in due {
            let node: Node
            do throws(CacheError) { node = try await holder(one) } catch {
                await take(Failure(error: error, wasSent: false), of: one, at: nil)
                continue
            }
            parts[node.name, default: Part(node: node)].due.append(one)
        }
        return parts.values.map { part in
            var part = part
            // Of what only reads, the answer of before is as good, or better: WAIT counts the writes of its connection.
            part.hasCompany = besides[part.node.name] == nil || part.due.contains { questions[$0.index].writes }
            return part
        }
    }

    private func holder(_ one: Due) async throws(CacheError) -> Node {
        if let node = one.node { return node }
        return try await router.deployment.holder(of: questions[one.index].key)
    }

    private func send(_ parts: [Part]) async -> [(Part, Result<[RESPValue], Failure>)] {
        await withTaskGroup(of: (Part, Result<[RESPValue], Failure>).self) { group in
            for part in parts {
                let commands = commands(of: part)
                group.addTask { [open = router.open, permit] in
                    (part, await Self.ask(commands, at: part.node, under: permit, open))
                }
            }
            var outcomes: [(Part, Result<[RESPValue], Failure>)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
    }

    private func commands(of part: Part) -> [Command] {
        let own = part.due.flatMap { one in
            (one.asking ? [Command("ASKING")] : []) + [questions[one.index].command]
        }
        return part.hasCompany ? first + own + last : own
    }

    private static func ask(
        _ commands: [Command], at node: Node, under permit: WritePermit?,
        _ open: @Sendable (Node) async throws(CacheError) -> Session
    ) async -> Result<[RESPValue], Failure> {
        let session: Session
        do throws(CacheError) { session = try await open(node) } catch {
            return .failure(Failure(error: error, wasSent: false))
        }
        do throws(CacheError) { return .success(try await session.ask(commands, under: permit)) } catch {
            // What this connection may not send has not left it.
            if case .readOnly = error { return .failure(Failure(error: error, wasSent: false)) }
            return .failure(Failure(error: error, wasSent: true))
        }
    }

    // MARK: what came of it

    private mutating func take(_ replies: [RESPValue], of part: Part) async {
        var rest = replies[...]
        if part.hasCompany {
            besides[part.node.name] = Array(rest.prefix(first.count)) + Array(rest.suffix(last.count))
            rest = rest.dropFirst(first.count)
        }
        for one in part.due {
            if one.asking { rest = rest.dropFirst() }
            let reply = rest.removeFirst()
            if case .error = reply {
                await follow(RoutePlan(after: reply, to: attempt(one)), of: one, at: part.node, .success(reply))
            } else {
                ends[one.index] = .success(reply)
            }
        }
    }

    private mutating func take(_ failure: Failure, of one: Due, at node: Node?) async {
        let plan = RoutePlan(
            afterFailure: failure.error.refusal, wasSent: failure.wasSent, of: attempt(one))
        await follow(plan, of: one, at: node, .failure(failure.error))
    }

    private func attempt(_ one: Due) -> RoutePlan.Attempt {
        RoutePlan.Attempt(
            number: one.number, writes: questions[one.index].writes, movesKeys: router.deployment.movesKeys,
            tries: router.tries)
    }

    /// - Parameter outcome: of this attempt.
    private mutating func follow(
        _ plan: RoutePlan, of one: Due, at node: Node?, _ outcome: Result<RESPValue, CacheError>
    ) async {
        switch plan.step {
        case .done: ends[one.index] = outcome
        case .refused(let refusal):
            if case .failure = outcome {
                ends[one.index] = outcome
            } else {
                ends[one.index] = .failure(.refused(refusal))
            }
        case .unknown(let refusal): ends[one.index] = .failure(.unknown(refusal))
        case .again(let place, let asking, let after):
            pause = max(pause, after)
            asksForMap = asksForMap || plan.asksForMap
            next.append(
                Due(
                    index: one.index, number: one.number + 1, node: await self.node(at: place, from: node),
                    asking: asking))
        }
    }

    /// - Returns: nil for whoever holds the key once the map is known anew.
    private func node(at place: RoutePlan.Place, from node: Node?) async -> Node? {
        switch place {
        case .same: return node
        case .owner, .primary: return nil
        case .node(let name):
            guard let node else { return nil }
            return await router.deployment.node(announced: name, by: node)
        }
    }
}
