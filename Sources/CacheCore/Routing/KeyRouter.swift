package import CacheWire
internal import RedisValues

/// A command about one key.
package struct KeyedCommand: Sendable {
    package var key: [UInt8]
    package var command: Command

    package init(_ key: [UInt8], _ command: Command) { (self.key, self.command) = (key, command) }

    /// A command whose only argument is the key.
    package init(_ name: String, _ key: [UInt8]) { self.init(key, Command([Array(name.utf8), key])) }
}

/// Sends commands to the nodes that hold their keys, in one pipeline each, and goes where those send.
package struct KeyRouter: Sendable {
    package let deployment: any Deployment
    package let open: @Sendable (Node) async throws(CacheError) -> Session

    package init(
        deployment: any Deployment, open: @escaping @Sendable (Node) async throws(CacheError) -> Session
    ) {
        self.deployment = deployment
        self.open = open
    }

    package struct Answer: Sendable {
        /// In the order of the questions.
        package var replies: [RESPValue]
        /// What each node that was asked answered to what all of them were asked besides, by its name.
        package var besides: [String: [RESPValue]] = [:]
    }

    private struct Part: Sendable {
        let link: Node
        let node: Session
        var questions: [(index: Int, asks: Bool)] = []
    }

    private struct Place {
        var link: Node
        /// It takes the key in just now.
        var asks = false
    }

    /// A slot is handed over in less than that.
    private static let tries = 20
    private static let pause = Duration.milliseconds(50)

    /// - Parameters:
    ///   - first: asked of every node in front of all else.
    ///   - last: asked of every node behind all else.
    ///   - permit: for questions that may change something.
    /// - Returns: also redirections, where they did not end.
    /// - Throws: ``CacheError`` where a node does not answer; others may have done what they were asked for.
    package func ask(
        _ questions: [KeyedCommand], first: [Command] = [], last: [Command] = [], under permit: WritePermit? = nil
    ) async throws(CacheError) -> Answer {
        var answer = Answer(replies: [RESPValue](repeating: .null, count: questions.count))
        var due: [Int: Place] = [:]
        for (index, question) in questions.enumerated() {
            due[index] = Place(link: try await deployment.holder(of: question.key))
        }
        for attempt in 0..<Self.tries where !due.isEmpty {
            if attempt > 1 { try? await Task.sleep(for: Self.pause) }
            for (part, replies) in try await send(try await parts(due), questions, first, last, permit) {
                var rest = replies[...]
                answer.besides[part.node.name] =
                    Array(rest.prefix(first.count)) + Array(rest.suffix(last.count))
                rest = rest.dropFirst(first.count)
                for (index, asks) in part.questions {
                    if asks { rest = rest.dropFirst() }
                    answer.replies[index] = rest.removeFirst()
                    due[index] = await next(answer.replies[index], from: part.link)
                }
            }
            if !due.isEmpty { await deployment.survey() }
        }
        return answer
    }

    /// One command, wherever its key is.
    package func ask(
        _ question: KeyedCommand, under permit: WritePermit? = nil
    ) async throws(CacheError) -> RESPValue {
        try await ask([question], under: permit).replies[0]
    }

    /// - Returns: nil where a reply is one.
    private func next(_ reply: RESPValue, from link: Node) async -> Place? {
        guard deployment.movesKeys, let redirection = Redirection(reply) else { return nil }
        switch redirection {
        case .moved(_, let node?): return Place(link: await deployment.node(announced: node, by: link))
        case .ask(_, let node?): return Place(link: await deployment.node(announced: node, by: link), asks: true)
        case .moved(_, nil), .ask(_, nil), .tryAgain: return Place(link: link)
        }
    }

    private func parts(_ due: [Int: Place]) async throws(CacheError) -> [Part] {
        var parts: [String: Part] = [:]
        for (index, place) in due.sorted(by: { $0.key < $1.key }) {
            var part: Part
            if let known = parts[place.link.name] {
                part = known
            } else {
                part = Part(link: place.link, node: try await open(place.link))
            }
            part.questions.append((index, place.asks))
            parts[place.link.name] = part
        }
        return Array(parts.values)
    }

    private func send(
        _ parts: [Part], _ questions: [KeyedCommand], _ first: [Command], _ last: [Command], _ permit: WritePermit?
    ) async throws(CacheError) -> [(Part, [RESPValue])] {
        let answers = await withTaskGroup(of: (Int, Result<[RESPValue], CacheError>).self) { group in
            for (index, part) in parts.enumerated() {
                let commands =
                    first
                    + part.questions.flatMap { index, asks in
                        (asks ? [Command("ASKING")] : []) + [questions[index].command]
                    } + last
                let node = part.node
                group.addTask { (index, await node.result(of: commands, under: permit)) }
            }
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
}
