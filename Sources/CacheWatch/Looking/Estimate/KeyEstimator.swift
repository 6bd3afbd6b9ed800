internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import NIOCore

/// Draws keys of one node at random, once it is known that there are any to draw: all of them in one pipeline, and what
/// is asked of them in another.
struct KeyEstimator: Sendable {
    let line: Line
    let classifier: KeyClassifier
    let deadline: Duration

    /// What was drawn.
    struct Draw: Sendable {
        var tally: KeyspaceTally
        var receipt = Receipt()
        /// All that the server counts; nil where it does not tell.
        var keys: Int? = 0
        /// Of those, keys that are there; nil where the server counts none.
        var present: Estimated? = Estimated(exactly: 0)
        var budget: Double?
        var denied: [DeniedCommand] = []
        var refusal: Refusal?
        /// True where nothing was drawn, because all keys can be counted for less.
        var isSmall = false
    }

    /// - Parameters:
    ///   - sample: how many keys, 1 or more; some may come twice.
    ///   - countsFew: leaves keys that are no more than the sample undrawn.
    func run(sample: Int, countsFew: Bool = false) async -> Draw {
        var draw = Draw(tally: KeyspaceTally(classifier: classifier))
        let before = line.traffic
        do throws(CacheError) {
            try await run(sample, countsFew, &draw)
        } catch {
            if error != .cancelled { draw.refusal = error.refusal }
        }
        let (stall, time) = (draw.receipt.largestStall, draw.receipt.serverTime)
        draw.receipt = Receipt(from: before, to: line.traffic)
        (draw.receipt.largestStall, draw.receipt.serverTime) = (stall, time)
        draw.denied = await line.denied().list(of: Question.ofEstimates)
        return draw
    }

    private func run(_ sample: Int, _ countsFew: Bool, _ draw: inout Draw) async throws(CacheError) {
        let session = try await line.session(deadline: deadline)
        let denied = await line.denied()
        // First trip: what there is, what may be asked, and whether there is a key to draw.
        let (opening, live) = try await open(session, denied, &draw)
        draw.isSmall =
            countsFew && live.onPage != nil && opening.keys.map { $0 > 0 && $0 <= sample } ?? false
        if draw.isSmall, live.canBeDrawn, !denied.contains(.randomKey) { try await tryOne(session, &draw) }
        guard !draw.isSmall, opening.keys != 0 else { return }
        if let refusal = denied.refusal(of: .randomKey) { throw .refused(refusal) }
        guard live.canBeDrawn else { throw .refused(live.onPage == nil ? await notKnown() : Self.expired) }
        // Second trip: the keys, and how many expired ones they have met.
        let (drawn, names) = try await drawKeys(sample, opening, live, on: session, &draw)
        // Third trip: what the keys are.
        var flight = FlightBuffer()
        for key in drawn { flight.ask(opening.questions, of: names.bytes[key.range]) }
        flight.countAsked(opening.questions, times: drawn.count)
        let asksKeys = flight.commands
        if opening.commands != nil { flight.append(Question.commandStats.command, as: "info") }
        guard !flight.isEmpty else { return }
        let replies = try await timed(flight, on: session, &draw)
        var position = 0
        if asksKeys > 0 { note(drawn, names, replies, opening.questions, &position, &draw) }
        guard let before = opening.commands, case .string(let text) = replies.value(at: &position) else { return }
        var own = flight.calls
        own["randomkey"] = sample
        own["info"] = nil
        draw.receipt.serverTime = Receipt.serverTime(
            before: before, after: InfoParser.commandStats(text), own: own)
    }

    private func open(
        _ session: Session, _ denied: DeniedCommands, _ draw: inout Draw
    ) async throws(CacheError) -> (Opening, LiveKeys) {
        let asked = Opening.questions(without: denied, probing: !(await line.knowsKeyCommands))
        var flight = FlightBuffer()
        for question in asked { flight.append(question.command, as: question.rawValue) }
        let scans = !denied.contains(.scan)
        if scans { flight.append(DrawProbe.scan, as: "scan") }
        let first = try await timed(flight, on: session, &draw)
        var position = 0
        let answers = asked.map { _ in first.value(at: &position) }
        let opening = try await Opening(answers, to: asked, on: line)
        var live = LiveKeys()
        (live.counted, live.volatile) = (opening.keys, opening.volatile)
        live.removesExpired = opening.isPrimary
        if scans { live.onPage = try await page(first.value(at: &position)) }
        (draw.keys, draw.budget) = (opening.keys, opening.budget)
        if opening.keys == nil { draw.present = nil }
        return (opening, live)
    }

    /// What is refused is said, though few keys are counted without it.
    private func tryOne(_ session: Session, _ draw: inout Draw) async throws(CacheError) {
        var flight = FlightBuffer()
        flight.append(Question.randomKey.command, as: "randomkey")
        let replies = try await timed(flight, on: session, &draw)
        var position = 0
        if case .error(let words) = replies.value(at: &position) { await line.note(.randomKey, error: words) }
    }

    /// Keys that one step of SCAN found; nil where it is denied.
    private func page(_ reply: RESPValue) async throws(CacheError) -> Int? {
        if case .error(let words) = reply {
            await line.note(.scan, error: words)
            return nil
        }
        return DrawProbe.page(reply)
    }

    private typealias Drawn = [(range: Range<Int>, namespace: Int)]

    /// The draws in two parts: what the first one has removed, the second one does not meet.
    private func drawKeys(
        _ sample: Int, _ opening: Opening, _ live: LiveKeys, on session: Session, _ draw: inout Draw
    ) async throws(CacheError) -> (Drawn, ReplyArena) {
        // Only a server with INFO says that it is a primary.
        let tellsExpired = !live.neverExpire && opening.isPrimary
        let parts = [sample - sample / 4, sample / 4]
        var flight = FlightBuffer()
        for part in parts {
            for _ in 0..<part { flight.append(Question.randomKey.command, as: "randomkey") }
            if tellsExpired { flight.append(Self.stats, as: "info") }
        }
        let counts = !live.neverExpire && opening.countsBySize
        if counts { flight.append(Question.size.command, as: "dbsize") }
        let replies = try await timed(flight, on: session, &draw)
        var (drawn, position, removed) = (Drawn(), 0, [Int?]())
        var tally = draw.tally
        for part in parts {
            drawn += try await keys(replies, at: position..<position + part, into: &tally)
            position += part
            if tellsExpired { removed.append(Self.expired(replies.value(at: &position))) }
        }
        draw.tally = tally
        let after = counts ? try? replies.value(at: &position).count : nil
        // Where no key can be drawn there is none, whoever does not tell.
        if drawn.isEmpty { draw.keys = draw.keys ?? 0 }
        if let keys = drawn.isEmpty ? 0 : after.map({ min(LiveKeys.most, $0) }) ?? draw.keys {
            let rise = removed.count == 2 ? removed[0].flatMap { first in removed[1].map { $0 -| first } } : nil
            draw.keys = keys
            draw.present = live.present(now: keys, removed: rise, draws: parts[1])
        }
        return (drawn, replies)
    }

    private static let stats = Command("INFO", "stats")

    private static func expired(_ reply: RESPValue) -> Int? {
        (try? reply.bytes).map(InfoParser.parse)?.stats.expiredKeys
    }

    /// - Throws: ``CacheError`` where the server refuses a draw: what it gave before is no sample.
    private func keys(
        _ arena: ReplyArena, at places: Range<Int>, into tally: inout KeyspaceTally
    ) async throws(CacheError) -> Drawn {
        let bytes = arena.bytes.span
        var drawn = Drawn()
        for place in places where arena.nodes.indices.contains(place) {
            switch arena.nodes[place] {
            case .string(let range): drawn.append((range, tally.count(bytes.extracting(range))))
            // An empty database has no key to give.
            case .null: continue
            case .error(let words):
                let refusal = Array(arena.bytes[words])
                await line.note(.randomKey, error: refusal)
                throw RESPValue.error(refusal).cacheError ?? .refused(Self.refusal)
            default: throw .protocolError("the answers to RANDOMKEY are no keys")
            }
        }
        return drawn
    }

    private func note(
        _ drawn: Drawn, _ names: ReplyArena, _ replies: ReplyArena,
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
    private static let expired = Refusal(
        .mostlyExpired,
        detail: "they are not removed yet, and RANDOMKEY would hold the server: a sweep counts what is there")

    /// Why nobody can tell whether there is a key to draw.
    private func notKnown() async -> Refusal {
        let scan = await line.denied().refusal(of: .scan)
        return Refusal(
            scan?.kind ?? .noPermission,
            detail:
                "RANDOMKEY holds a server where every key has expired; whether there are others, SCAN would tell: "
                + (scan?.detail ?? "it needs \(Question.scan.permission)"))
    }
}
