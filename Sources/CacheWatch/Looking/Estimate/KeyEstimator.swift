internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import NIOCore

/// Draws keys of one node at random: all of them in one pipeline, and what is asked of them in another.
struct KeyEstimator: Sendable {
    let line: Line
    let classifier: KeyClassifier
    let deadline: Duration

    /// What was drawn.
    struct Draw: Sendable {
        var tally: KeyspaceTally
        var receipt = Receipt()
        /// All there are; nil where the server does not tell.
        var keys: Int? = 0
        var budget: Double?
        var denied: [DeniedCommand] = []
        var refusal: Refusal?
    }

    /// - Parameter sample: how many keys, 1 or more; some may come twice.
    func run(sample: Int) async -> Draw {
        var draw = Draw(tally: KeyspaceTally(classifier: classifier))
        let before = line.traffic
        do throws(CacheError) {
            try await run(sample, &draw)
        } catch {
            if error != .cancelled { draw.refusal = error.refusal }
        }
        let (stall, time) = (draw.receipt.largestStall, draw.receipt.serverTime)
        draw.receipt = Receipt(from: before, to: line.traffic)
        (draw.receipt.largestStall, draw.receipt.serverTime) = (stall, time)
        draw.denied = await line.denied().list
        return draw
    }

    private func run(_ sample: Int, _ draw: inout Draw) async throws(CacheError) {
        let session = try await line.session(deadline: deadline)
        let denied = await line.denied()
        if denied.contains(.randomKey) { throw .refused(Self.refusal) }
        // First trip: what there is, what may be asked, and the keys.
        let asked = Opening.questions(without: denied, probing: !(await line.knowsKeyCommands))
        var flight = FlightBuffer()
        for question in asked { flight.append(question.command, as: question.rawValue) }
        for _ in 0..<sample { flight.append(Question.randomKey.command, as: "randomkey") }
        let first = try await timed(flight, on: session, &draw)
        var position = 0
        let answers = asked.map { _ in first.value(at: &position) }
        let opening = try await Opening(answers, to: asked, on: line)
        (draw.keys, draw.budget) = (opening.keys, opening.budget)
        if case .error(let words)? = first.nodes.dropFirst(position).first {
            let refusal = Array(first.bytes[words])
            await line.note(.randomKey, error: refusal)
            throw RESPValue.error(refusal).cacheError ?? .refused(Self.refusal)
        }
        // Second trip: what the keys are.
        let drawn = keys(first, from: position, into: &draw.tally)
        // Where no key can be drawn there is none, whoever does not tell.
        if drawn.isEmpty { draw.keys = draw.keys ?? 0 }
        var second = FlightBuffer()
        for key in drawn { second.ask(opening.questions, of: first.bytes[key.range]) }
        second.countAsked(opening.questions, times: drawn.count)
        let asksKeys = second.commands
        if opening.commands != nil { second.append(Question.commandStats.command, as: "info") }
        guard !second.isEmpty else { return }
        let replies = try await timed(second, on: session, &draw)
        position = 0
        if asksKeys > 0 { note(drawn, first, replies, opening.questions, &position, &draw) }
        guard let before = opening.commands, case .string(let text) = replies.value(at: &position) else { return }
        var own = second.calls
        own["randomkey"] = sample
        own["info"] = nil
        draw.receipt.serverTime = Receipt.serverTime(
            before: before, after: InfoParser.commandStats(text), own: own)
    }

    private func keys(
        _ arena: ReplyArena, from start: Int, into tally: inout KeyspaceTally
    ) -> [(range: Range<Int>, namespace: Int)] {
        let bytes = arena.bytes.span
        return arena.nodes[start...].compactMap { node in
            // An empty database has no key to give.
            guard case .string(let range) = node else { return nil }
            return (range, tally.count(bytes.extracting(range)))
        }
    }

    private func note(
        _ drawn: [(range: Range<Int>, namespace: Int)], _ names: ReplyArena, _ replies: ReplyArena,
        _ questions: KeyQuestions, _ position: inout Int, _ draw: inout Draw
    ) {
        var answers = KeyAnswers()
        let bytes = names.bytes.span
        for key in drawn {
            if let facts = answers.facts(questions, in: replies, at: &position) {
                draw.tally.note(facts, key: bytes.extracting(key.range), namespace: key.namespace)
            }
        }
        line.caused(hits: answers.hits, misses: answers.misses)
    }

    /// Sends a flight and notes how long it can have kept others waiting: a server takes in 16 KiB of a client at once.
    private func timed(
        _ flight: FlightBuffer, on session: Session, _ draw: inout Draw
    ) async throws(CacheError) -> ReplyArena {
        let start = ContinuousClock.now
        let replies = try await session.fly(flight)
        let part = min(1, 16_384 / Double(max(1, flight.bytes.count)))
        draw.receipt.largestStall = max(draw.receipt.largestStall ?? .zero, (replies.arrivedAt - start) * part)
        return replies
    }

    private static let refusal = Refusal(.noPermission, detail: "RANDOMKEY needs \(Question.randomKey.permission)")
}
