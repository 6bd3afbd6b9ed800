package import CacheCore
internal import CacheWire
public import CacheModel

/// Lists keys page by page and shows what they hold, over a connection that cannot write.
public actor KeyBrowser {
    private let deployment: any Deployment
    private let classifier: KeyClassifier
    private let deadline: Duration
    private let pace: SweepPace
    /// What walking over a node's keys has cost so far, by the node's name.
    private var governors: [String: ScanGovernor] = [:]
    /// Whether walks come to an end, by where their latest pages ended.
    private var bounds: [(cursor: [UInt8], bound: ScanBound, at: ContinuousClock.Instant)] = []

    private static let boundsKept = 32
    /// `COUNT` of the first SCAN: what holds the server for a quarter of a millisecond.
    private static let count = 200
    /// A page that is not full after so long is shown as it is.
    private static let patience = Duration.milliseconds(250)
    /// Names beyond it are not listed: nobody could read them.
    private static let longestName = 64 << 10

    package init(
        deployment: any Deployment, classifier: KeyClassifier, timeout: Duration, pace: SweepPace = .gentle
    ) {
        self.pace = pace
        self.deployment = deployment
        self.classifier = classifier
        deadline = max(timeout * 3, .seconds(5))
    }

    /// - Parameter pace: how hard the walk may lean on the server, once a page takes more than one call.
    public init(settings: Settings, pace: SweepPace = .gentle) {
        self.init(
            deployment: settings.deployment, classifier: settings.classifier, timeout: settings.timeout,
            pace: pace)
    }

    public func close() async { await deployment.close(.browse) }

    /// Some keys of a scope; a failure is a value in the page.
    ///
    /// - Parameters:
    ///   - narrowing: lists those only that match it, too.
    ///   - cursor: where the page before ended; nil for the first one.
    ///   - wanted: rows of a page.
    ///   - tell: hears the names as soon as the first answer is there, one round trip after the start.
    public func page(
        of scope: KeyScope, matching narrowing: Glob? = nil, from cursor: [UInt8]? = nil, wanted: Int,
        tell: @Sendable (KeyPage) -> Void = { _ in }
    ) async -> KeyPage {
        var page = KeyPage()
        page.cursor = cursor
        var place = NodeCursor(cursor)
        do throws(CacheError) {
            let filter = try filter(of: scope)
            if case .pattern(let glob, _) = filter, let key = KeyFilter.literal(glob.bytes) {
                let session = try await session(withHolderOf: key)
                try await look(for: key, on: session, into: &page)
                if let narrowing { page.rows.removeAll { !narrowing.matches($0.name) } }
                return try await described(page, on: session)
            }
            await deployment.survey()
            let nodes = try await deployment.primaries()
            page.gone = place.take(nodes: nodes.map(\.name))
            guard let node = nodes.first(where: { $0.name == place.node }) else {
                page.cursor = nil
                return page
            }
            let session = try await session(with: node)
            try await scan(
                filter, narrowedTo: narrowing, from: &place, wanted: max(1, wanted), on: session, into: &page, tell)
            // Sizes of others are asked for one after the other; the first page of all says how many keys there are.
            if nodes.count > 1 { page.total = cursor == nil ? await total(nodes) ?? page.total : nil }
            page = try await described(page, on: session)
        } catch { page.refusal = error.refusal }
        // What has no end goes on nowhere.
        page.cursor = page.refusal?.kind == .endlessScan ? nil : place.text
        return page
    }

    func filter(of scope: KeyScope) throws(CacheError) -> KeyFilter {
        switch scope {
        case .pattern(let glob): return .pattern(glob)
        case .prefix(let prefix): return .pattern(Glob(prefix: prefix))
        case .namespace(let name):
            guard let index = classifier.rules.firstIndex(where: { $0.name == name }) else {
                throw .input(KeyScope.unknown(name, among: classifier.rules.map(\.name)))
            }
            return .namespace(index, classifier)
        }
    }

    /// A session with whoever holds a key.
    func session(withHolderOf key: [UInt8]) async throws(CacheError) -> Session {
        await deployment.survey()
        return try await session(with: try await deployment.holder(of: key))
    }

    /// Commands about keys go to whoever holds them.
    func router() async -> Router {
        await deployment.survey()
        return Router(deployment: deployment) { node throws(CacheError) in try await self.session(with: node) }
    }

    private func total(_ nodes: [Node]) async -> Int? {
        var sum = 0
        for node in nodes {
            do throws(CacheError) {
                let reply = try await session(with: node).ask([Question.size.command])[0]
                // Of all that nobody knows of one of them, nothing is known of all.
                guard let keys = try? reply.count else { return nil }
                sum +|= keys
            } catch { return nil }
        }
        return sum
    }

    private func session(with node: Node) async throws(CacheError) -> Session {
        try await node.line(.browse).session(deadline: deadline)
    }

    private func scan(
        _ filter: KeyFilter, narrowedTo narrowing: Glob?, from place: inout NodeCursor, wanted: Int,
        on session: Session, into page: inout KeyPage, _ tell: @Sendable (KeyPage) -> Void
    ) async throws(CacheError) {
        let cursor = place.position
        // A walk that begins, be it on the next node, has come by no place yet.
        let known = cursor == nil ? nil : page.cursor.flatMap(bound)
        var scan = MatchingScan(filter, within: known ?? ScanBound(keys: nil), from: cursor, narrowedTo: narrowing)
        // Cancelling is not needed: a page is short.
        var isCalibrated = governors[session.line.name] != nil
        var course = OperationCourse(
            pace: pace, control: SweepControl(), line: session.line, governor: governors[session.line.name])
        defer { if isCalibrated { governors[session.line.name] = course.governor } }
        var isFirst = true
        repeat {
            // Only the first page of a scope comes at once.
            if !isFirst || cursor != nil {
                if !isCalibrated { try await course.calibrate(on: session) }
                isCalibrated = true
                await course.rest()
            }
            var flight = FlightBuffer()
            if isFirst {
                flight.append(Question.size.command, as: "dbsize")
                flight.append(Question.server, as: "info")
            }
            scan.append(to: &flight, count: isFirst && cursor == nil ? Self.count : course.governor.count)
            let replies = try await course.fly(flight, on: session)
            var position = 0
            if isFirst {
                page.total = try? replies.value(at: &position).count
                if known == nil { scan.bound = ScanBound(keys: page.total) }
                let info = (try? replies.value(at: &position).bytes).map(InfoParser.parse)
                if place.take(process: info?.server.runID) {
                    // What it says to somebody else's cursor is no part of its keys.
                    scan = MatchingScan(filter, within: ScanBound(keys: page.total), narrowedTo: narrowing)
                    isFirst = false
                    continue
                }
            }
            let keys = try scan.receive(replies, at: &position)
            page.rows += keys.filter { $0.count <= Self.longestName }.map { KeyRow(name: $0) }
            place.advance(to: scan.position)
            if let text = place.text, !scan.isDone { note(scan.bound, at: text) }
            (page.cursor, page.examined) = (place.text, scan.examined)
            if isFirst { tell(page) }
            isFirst = false
        } while !scan.isDone && page.rows.count < wanted && course.elapsed < Self.patience
    }

    /// Of the walk whose page ended there; nil where one begins. How long somebody has read that page is no part of it.
    func bound(at cursor: [UInt8]) -> ScanBound? {
        guard let known = bounds.last(where: { $0.cursor == cursor }) else { return nil }
        var bound = known.bound
        bound.leaveOut(.now - known.at)
        return bound
    }

    func note(_ bound: ScanBound, at cursor: [UInt8]) {
        bounds.append((cursor, bound, .now))
        bounds.removeFirst(max(0, bounds.count - Self.boundsKept))
    }

    /// A name without wildcards needs no walk.
    private func look(for key: [UInt8], on session: Session, into page: inout KeyPage) async throws(CacheError) {
        let answer = await router().ask([KeyedCommand("EXISTS", key)], first: [Question.size.command])
        let reply = try answer.reply(to: 0)
        if let error = reply.cacheError { throw error }
        page.total = try? answer.besides[session.name]?.first?.count
        (page.examined, page.cursor) = (page.total ?? 0, nil)
        if reply == .integer(1) { page.rows = [KeyRow(name: key)] }
    }

    /// With type, time to live and size of each.
    private func described(_ page: KeyPage, on session: Session) async throws(CacheError) -> KeyPage {
        var page = page
        try await describe(&page.rows, on: session)
        return page
    }

    private func describe(_ rows: inout [KeyRow], on session: Session) async throws(CacheError) {
        var questions = KeyQuestions(without: await session.line.denied(), policy: nil)
        questions.idle = false
        guard questions.count > 0, !rows.isEmpty else { return }
        var flight = FlightBuffer()
        for row in rows { flight.ask(questions, of: row.name[...]) }
        flight.countAsked(questions, times: rows.count)
        let replies = try await session.fly(flight)
        var answers = KeyAnswers()
        var position = 0
        for index in rows.indices { rows[index].facts = answers.facts(questions, in: replies, at: &position) }
        session.line.caused(hits: answers.hits, misses: answers.misses)
        for refusal in answers.refusals { await session.line.note(refusal.question, errorAboutKey: refusal.words) }
    }
}
