package import CacheCore
internal import CacheWire
public import CacheModel

/// Finds out who the clients of a deployment are: `CLIENT LIST` of each node, over a line of its own, so that polls never
/// wait behind megabytes of it.
public actor ClientSurveyor {
    private let deployment: any Deployment
    private let timeout: Duration
    private let elapsed: @Sendable () -> Duration

    /// - Parameters:
    ///   - timeout: of each reply.
    ///   - elapsed: monotonic time since the watching process began.
    package init(deployment: any Deployment, timeout: Duration, elapsed: @escaping @Sendable () -> Duration) {
        self.deployment = deployment
        self.timeout = timeout
        self.elapsed = elapsed
    }

    public init(settings: Settings) {
        let began = ContinuousClock.now
        self.init(
            deployment: settings.deployment, timeout: settings.timeout, elapsed: { ContinuousClock.now - began })
    }

    /// Finds out who belongs to the deployment: where nobody polls, before the first look.
    ///
    /// - Throws: ``CacheError`` where nobody knows.
    public func survey() async throws(CacheError) {
        await deployment.survey()
        _ = try await deployment.primaries()
        if let refusal = await deployment.shortfall() { throw .refused(refusal) }
    }

    /// Asks all nodes that hold data, all at once; one that does not tell is a refusal in the look.
    public func look() async -> ClientLook {
        let nodes = await deployment.nodes().filter { $0.purpose == .data }
        var look = ClientLook(takenAt: .now, elapsed: elapsed())
        let answers = await withTaskGroup(of: Answer.self) { [timeout] group in
            for node in nodes { group.addTask { await Self.answer(of: node, timeout) } }
            var answers: [Answer] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
        for answer in answers {
            if let list = answer.list {
                look.entries[answer.node] = list.entries
                look.leftOut +|= list.leftOut
            } else {
                look.refused[answer.node] = answer.refusal
            }
        }
        return look
    }

    /// What a node has said; one of list and refusal.
    private struct Answer: Sendable {
        let node: String
        var list: ClientListParser.Result?
        var refusal: Refusal?
    }

    // With optimisation, a tuple that a child task returns from within `do throws` arrives with a name that is none: an
    // answer is made here, and whole.
    private static func answer(of node: Node, _ timeout: Duration) async -> Answer {
        var answer = Answer(node: node.name)
        do throws(CacheError) { answer.list = try await ask(node, timeout) } catch { answer.refusal = error.refusal }
        return answer
    }

    /// What was refused for good is not asked again.
    private static func ask(_ node: Node, _ timeout: Duration) async throws(CacheError) -> ClientListParser.Result {
        let line = node.line(.clients)
        if let refusal = await line.denied().refusal(of: .clientList) { throw .refused(refusal) }
        let reply = try await line.pipeline([Question.clientList.command], deadline: timeout)[0]
        if case .error(let words) = reply {
            await line.note(.clientList, error: words)
            let known = await line.denied().refusal(of: .clientList)
            throw .refused(known ?? Refusal(reply: words) ?? Refusal(ofCommand: words))
        }
        return try reply.reading { reply throws(RESPShapeError) in try Call.clientList.read(reply) }
    }

    /// Closes the connections.
    public func close() async { await deployment.close(.clients) }
}
