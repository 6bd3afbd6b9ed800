internal import CacheCore
internal import CacheWire
internal import CacheModel

/// What has been counted on one node.
struct NodeWalk: Sendable {
    var tally: KeyspaceTally
    var receipt = Receipt()
    /// True once the cursor has come round and everything was answered.
    var complete = false
    var refusal: Refusal?
    var denied: [DeniedCommand] = []
    /// Keys of the database when the walk began.
    var expected = 0
    /// What all keys take by the server's own account, then.
    var budget: Double?
    /// What the tally is made of, by ``SlotParts``; empty where keys do not move.
    var parts: [KeyspaceTally] = []
}

/// Walks the keyspace of one node, under the governor.
struct NodeSweep: Sendable {
    let line: Line
    let classifier: KeyClassifier
    let options: SweepOptions
    let control: SweepControl
    /// For each flight.
    let deadline: Duration
    /// Whether keys may move between nodes: what is counted is kept apart by slots then.
    var isCluster = false

    /// How often what has been counted so far is told.
    private static let tellingEvery = Duration.milliseconds(200)
    /// How often the server is asked what our commands cost it.
    private static let checkingEvery = Duration.seconds(1)

    /// - Parameter tell: hears now and then how far it is.
    /// - Returns: what has been counted, also where it failed or was cancelled half way.
    func run(tell: @Sendable (NodeWalk) -> Void) async -> NodeWalk {
        var course = SweepCourse(classifier: classifier, line: line)
        do throws(CacheError) {
            if let refusal = await line.denied().refusal(of: .scan) { throw .refused(refusal) }
            // A cursor means nothing to a server that was started anew: one connection, to the end.
            let session = try await line.session(deadline: deadline)
            try await begin(&course, on: session)
            try await walk(&course, on: session, tell)
            // What it has cost; a walk that is whole stays whole without it.
            if !control.isCancelled {
                try? await check(&course, on: session)
                if !options.full { try? await account(&course, on: session) }
            }
        } catch {
            if error != .cancelled { course.refusal = error.refusal }
        }
        return course.end(denied: await line.denied().list(of: Question.ofSweeps))
    }

    private func begin(_ course: inout SweepCourse, on session: Session) async throws(CacheError) {
        let start = ContinuousClock.now
        _ = try await session.ask([Question.size.command])
        let roundTrip = ContinuousClock.now - start
        let asked = Opening.questions(without: await line.denied(), probing: !(await line.knowsKeyCommands))
        let replies = try await session.ask(asked.map(\.command))
        let opening = try await Opening(replies, to: asked, on: line)
        course.expect(opening.keys)
        course.budget = opening.budget
        course.costs = ScanCosts(before: opening.commands)
        let engine = try await engine(opening, session, roundTrip: roundTrip)
        course.engine = engine
        course.governor = ScanGovernor(
            pace: options.pace, roundTrip: roundTrip, perKey: engine.expectedCost(full: options.full))
    }

    /// Until the cursor has come round, or somebody stops it.
    private func walk(
        _ course: inout SweepCourse, on session: Session, _ tell: @Sendable (NodeWalk) -> Void
    ) async throws(CacheError) {
        var told = ContinuousClock.now
        var flight = course.next(from: [UInt8(ascii: "0")])
        while let underWay = flight, !control.isCancelled {
            let sent = ContinuousClock.now
            let answer = try session.launch(underWay)
            course.sent(underWay)
            if sent - told > Self.tellingEvery {
                told = sent
                tell(course.soFar)
            }
            let replies = try await answer.replies()
            if let words = ScanPage.error(in: replies, to: underWay) { await line.note(.scan, error: words) }
            let cursor = try course.received(replies, of: underWay, after: replies.arrivedAt - sent)
            if course.costs.isDue(every: Self.checkingEvery) { try await check(&course, on: session) }
            course.governor.isStrained = control.isStrained
            await control.rest(for: course.governor.pause)
            flight = course.next(from: cursor)
        }
        course.isComplete = flight == nil
    }

    /// What all keys take now, if that is more than when the walk began: some have been written since.
    private func account(_ course: inout SweepCourse, on session: Session) async throws(CacheError) {
        guard let before = course.budget, !(await line.denied().contains(.info)) else { return }
        let reply = try await session.ask([Question.info.command]).first
        var node = NodeSnapshot(address: line.name)
        node.info = reply.flatMap { try? $0.bytes }.map(InfoParser.parse)
        node.keys = node.info?.keys(of: line.endpoint.database)
        course.budget = node.sizeBudget.map { max(before, $0) } ?? before
    }

    private func check(_ course: inout SweepCourse, on session: Session) async throws(CacheError) {
        guard !(await line.denied().contains(.commandStats)) else { return course.costs.note(nil) }
        let reply = try await session.ask([Question.commandStats.command]).first
        course.costs.note(reply.flatMap { try? $0.bytes }.map(InfoParser.commandStats))
    }
}

// Which engine.
extension NodeSweep {
    private func engine(
        _ opening: Opening, _ session: Session, roundTrip: Duration
    ) async throws(CacheError) -> any SweepEngine {
        let pipelined = PipelinedEngine(
            classifier: classifier, full: options.full, questions: opening.questions, expected: opening.keys ?? 0,
            parts: isCluster ? SlotParts.count : 1)
        // A script may not touch keys of several slots.
        guard !isCluster, try await prefersScript(opening, session, roundTrip),
            let digest = try await loadScript(session)
        else {
            return pipelined
        }
        return ScriptEngine(
            classifier: classifier, full: options.full, questions: opening.questions, expected: opening.keys ?? 0,
            digest: digest)
    }

    private func prefersScript(
        _ opening: Opening, _ session: Session, _ roundTrip: Duration
    ) async throws(CacheError) -> Bool {
        switch options.engine {
        case .pipeline: return false
        case .script: return true
        case .auto:
            guard roundTrip > .milliseconds(1) else { return false }
            let asked =
                options.full ? 1 : min(1, Double(SampleQuota.target * 8) / Double(max(1, opening.keys ?? 0)))
            return SweepEngineChoice.scriptIsFaster(
                roundTrip: roundTrip / .seconds(1), bandwidth: try await bandwidth(session, roundTrip),
                keysAsked: asked)
        }
    }

    /// Bytes a second, by sending some there and back; nil where PING is denied.
    private func bandwidth(_ session: Session, _ roundTrip: Duration) async throws(CacheError) -> Double? {
        let ballast = [UInt8](repeating: UInt8(ascii: "."), count: 64 << 10)
        let start = ContinuousClock.now
        let reply = try await session.ask([Command([Array("PING".utf8), ballast])])
        let wall = ContinuousClock.now - start - roundTrip
        guard case .string? = reply.first else { return nil }
        return Double(2 * ballast.count) / max(1e-6, wall / .seconds(1))
    }

    /// - Returns: the script's digest; nil where scripts are denied, or the server knows no read-only ones.
    private func loadScript(_ session: Session) async throws(CacheError) -> [UInt8]? {
        for question in [Question.loadScript, .runScript] where await line.denied().contains(question) { return nil }
        let loaded = try await session.ask([Command("SCRIPT", "LOAD", SweepScript.text)])[0]
        if case .error(let words) = loaded {
            await line.note(.loadScript, error: words)
            return nil
        }
        guard let digest = try? loaded.bytes else { return nil }
        // Asks for a batch of one key, to see whether it runs.
        var probe = ScriptEngine(
            classifier: classifier, full: false, questions: KeyQuestions(without: await line.denied(), policy: "-lfu"),
            expected: 1, digest: digest)
        guard let flight = probe.flight(from: [UInt8(ascii: "0")], count: 1) else { return nil }
        let replies = try await session.launch(flight).replies()
        if case .error(let words)? = replies.nodes.first {
            await line.note(.runScript, error: Array(replies.bytes[words]))
            return nil
        }
        _ = try? probe.receive(replies)
        probe.digest()
        line.caused(hits: probe.answers.hits, misses: probe.answers.misses, commands: probe.innerCommands)
        return digest
    }
}
