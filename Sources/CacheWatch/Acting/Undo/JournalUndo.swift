internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Brings back what a journal holds, and looks whether it is there.
struct JournalUndo {
    let targets: [CacheOperations.Target]
    let deployment: any Deployment
    /// For keys that are not where they were looked for.
    let router: Router
    let journal: JournalReader.Checked
    let replaces: Bool
    /// nil looks only.
    let permit: WritePermit?
    let pace: SweepPace
    let control: SweepControl

    private var isDryRun: Bool { permit == nil }

    /// Bytes of values in one flight.
    private static let flightBytes = 1 << 20
    /// Restoring is dearer than walking: so much of what the governor allows.
    private static let keysPerCount = 4
    /// Less than this is not worth restoring.
    private static let shortest: Int64 = 1

    /// What has to be known from one batch to the next.
    private struct Course {
        var receipt: UndoReceipt
        var lives: KeyLives
        /// How far the server's clock is ahead of ours, in milliseconds.
        var clock: Int64 = 0
    }

    /// An entry that is to be brought back.
    private struct Due {
        var entry: JournalEntry
        /// What is left of its time to live, in milliseconds; nil for one that never expires.
        var left: Int64?
        /// When it expires by the server's clock, in Unix milliseconds; nil where that is not known, or never.
        var expiry: Int64?
    }

    func run(
        isolation: isolated (any Actor)? = #isolation, tell: @Sendable (OperationProgress) -> Void
    ) async -> UndoReceipt {
        var course = OperationCourse(pace: pace, control: control, line: targets[0].session.line)
        var state = Course(receipt: UndoReceipt(header: journal.header), lives: KeyLives(of: journal.repeated))
        do throws(CacheError) {
            let first = targets[0]
            try await course.calibrate(
                on: first.session, idle: isDryRun ? nil : NodeGuard(planned: first.opened.identity).idle)
            for target in targets { try await check(target, &state) }
            let stayed = await stayed(&state.receipt)
            var journal = journal
            journal.withdrawn.formUnion(stayed ?? [])
            journal.keys -|= stayed?.count ?? 0
            let keys = journal.keys
            let reader = try JournalReader(journal, newestFirst: true)
            while !control.isCancelled, let block = try reader.next() {
                var rest = block.copies[...]
                while !control.isCancelled, !rest.isEmpty {
                    let batch = Self.batch(rest, most: max(1, course.governor.count / Self.keysPerCount))
                    rest = rest.dropFirst(batch.count)
                    let due = due(batch, of: block, &state)
                    state.receipt.entries += batch.count { !$0.isWithdrawn }
                    guard !due.isEmpty || rest.isEmpty else { continue }
                    try await restore(due, &course, &state)
                    await course.rest()
                    guard course.isTimeToTell() || (rest.isEmpty && state.receipt.entries == keys) else { continue }
                    var progress = OperationProgress()
                    (progress.examined, progress.expected) = (state.receipt.entries, keys)
                    (progress.matched, progress.done) = (state.receipt.entries, state.receipt.restored)
                    progress.elapsed = course.elapsed
                    tell(progress)
                }
            }
            if control.isCancelled { state.receipt.outcome = .cancelled } else { await forgetMarks(stayed) }
        } catch {
            state.receipt.outcome = .stopped(error.description)
            for target in targets { target.session.close() }
        }
        state.receipt.journalIsWhole = journal.hasEnd
        (state.receipt.damagedBlocks, state.receipt.lostKeys) = (journal.damaged, journal.lost)
        state.receipt.took = course.elapsed
        return state.receipt
    }

    // MARK: removals that were under way

    private var marks: RemovalMarks? {
        guard journal.mayHaveMarks, !deployment.movesKeys else { return nil }
        return RemovalMarks(journal: journal.header.id)
    }

    /// Entries in doubt of which the server knows that their keys were not removed; nil where nobody knows.
    private func stayed(_ receipt: inout UndoReceipt) async -> Set<JournalPlace>? {
        receipt.areLastInDoubt =
            journal.header.kind == .flush && journal.keys > 0 && !journal.hasEnd && !journal.isSettled
        guard !journal.inDoubt.isEmpty else { return [] }
        // It changes nothing. Where it may not be asked nobody knows, nor where a block is missing: the marks know of the
        // last two flights, and more may be in doubt.
        guard let marks, journal.damaged == 0,
            let reply = try? await Guard.ask([Probe(ProbeKey(in: [])) { _ in marks.look }], on: targets[0].session)[0],
            let removed = RemovalMarks.removed(reply)
        else {
            receipt.inDoubt = journal.inDoubt.count
            return nil
        }
        return journal.inDoubt.subtracting(removed)
    }

    /// What they tell is in the journal then, for the next undo of it; where it cannot be written they stay until they run
    /// out.
    private func forgetMarks(_ stayed: Set<JournalPlace>?) async {
        guard let marks, let stayed, !isDryRun else { return }
        guard journal.inDoubt.isEmpty || JournalAmendment.settle(journal, stayed: stayed) else { return }
        _ = await targets[0].session.result(of: [marks.end], under: permit)
    }

    private typealias Copies = ArraySlice<JournalReader.Block.Copy>

    private static func batch(_ copies: Copies, most: Int) -> Copies {
        var bytes = 0
        let end = copies.prefix(most).firstIndex { copy in
            bytes += copy.entry.key.count + (copy.entry.dump?.count ?? 0)
            return bytes > flightBytes
        }
        guard let end else { return copies.prefix(most) }
        return copies[copies.startIndex..<max(end, copies.startIndex + 1)]
    }

    private func restore(
        _ due: [Due], _ course: inout OperationCourse, _ state: inout Course,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(CacheError) {
        guard !due.isEmpty else { return }
        guard !isDryRun else { return try await look(due.map(\.entry), &course, &state.receipt) }
        var (parts, strays) = try await parts(due)
        var failure: CacheError?
        for part in parts {
            let guardian = NodeGuard(planned: part.target.opened.identity)
            var flight = FlightBuffer()
            guardian.append(to: &flight)
            for entry in part.due { flight.append(command(entry), as: "restore") }
            for entry in part.due { flight.append(Command([Array("PTTL".utf8), entry.entry.key]), as: "pttl") }
            let replies = try await course.fly(flight, on: part.target.session, under: permit)
            var position = 0
            // Asked with every batch, and known before the next one.
            try guardian.check(replies, at: &position)
            let values = part.due.indices.map { _ in replies.value(at: &position) }
            let lifetimes = part.due.indices.map { _ in replies.value(at: &position) }
            strays += try note(part.due, values, lifetimes, &state.receipt, &failure)
        }
        // All of the batch is counted; what is refused for good is refused to the next one, too.
        if let failure { throw failure }
        try await restore(strays, &state.receipt)
    }

    /// Entries whose time has not passed, and that no later one of the same key stands for.
    private func due(_ batch: Copies, of block: JournalReader.Block, _ state: inout Course) -> [Due] {
        let takenAt = block.takenAt
        let now = WallTime.now.milliseconds +| (takenAt.isOfServer ? state.clock : 0)
        let passed = max(0, now -| takenAt.time.milliseconds)
        return batch.compactMap { copy in
            let entry = copy.entry
            let expiry = entry.lifetime.map { takenAt.time.milliseconds +| $0 }
            let counts = state.lives.counts(
                entry.key, isWithdrawn: copy.isWithdrawn,
                KeyLives.Life(
                    place: copy.place, settled: block.settled, digest: ComparedRemoval.digest(entry.dump ?? []),
                    expiry: expiry))
            guard counts else {
                if !copy.isWithdrawn { state.receipt.superseded += 1 }
                return nil
            }
            let left = entry.lifetime.map { $0 -| passed }
            guard left.map({ $0 >= Self.shortest }) ?? true else {
                state.receipt.expired += 1
                return nil
            }
            return Due(entry: entry, left: left, expiry: takenAt.isOfServer ? expiry : nil)
        }
    }

    /// Brings back what a node has sent elsewhere.
    private func restore(_ strays: [Due], _ receipt: inout UndoReceipt) async throws(CacheError) {
        guard !strays.isEmpty else { return }
        let answer = await router.ask(
            strays.map { KeyedCommand($0.entry.key, command($0)) }
                + strays.map { KeyedCommand("PTTL", $0.entry.key) },
            under: permit)
        var found: [(due: Due, value: RESPValue, lifetime: RESPValue)] = []
        for (index, stray) in strays.enumerated() {
            if case .failure(.refused(let refusal)) = answer.results[index],
                refusal.kind == .slotsMoving || refusal.kind == .clusterDown
            {
                receipt.failed += 1
                let words = "\(Printable.escape(stray.entry.key, limit: 80)): \(refusal.reason)"
                receipt.failure = receipt.failure ?? words
                continue
            }
            found.append(
                (stray, try answer.reply(to: index), try answer.reply(to: strays.count + index)))
        }
        var failure: CacheError?
        _ = try note(found.map(\.due), found.map(\.value), found.map(\.lifetime), &receipt, &failure)
        if let failure { throw failure }
    }

    /// Entries whose keys are looked for on one node.
    private struct Part {
        var target: CacheOperations.Target
        var due: [Due]
    }

    /// - Returns: also entries whose keys are on nodes that were not there at the beginning.
    private func parts(_ due: [Due]) async throws(CacheError) -> ([Part], strays: [Due]) {
        guard deployment.movesKeys else { return ([Part(target: targets[0], due: due)], []) }
        var held: [String: [Due]] = [:]
        for one in due { held[try await deployment.holder(of: one.entry.key).name, default: []].append(one) }
        let parts = targets.compactMap { target in
            held.removeValue(forKey: target.session.line.name).map { Part(target: target, due: $0) }
        }
        return (parts, Array(held.values.joined()))
    }

    /// - Parameter failure: what will not be better with the next key.
    /// - Returns: entries that a node sent elsewhere.
    private func note(
        _ due: [Due], _ replies: [RESPValue], _ lifetimes: [RESPValue], _ receipt: inout UndoReceipt,
        _ failure: inout CacheError?
    ) throws(CacheError) -> [Due] {
        var strays: [Due] = []
        for (index, one) in due.enumerated() {
            if isElsewhere(replies[index]) {
                strays.append(one)
                continue
            }
            let isRestored =
                one.entry.dump == nil
                ? try note(lifetime: replies[index], &receipt) : note(replies[index], &receipt, &failure)
            guard isRestored else { continue }
            // One that has moved on since was there.
            if isElsewhere(lifetimes[index]) {
                receipt.verified += 1
                continue
            }
            let lifetime = try lifetimes[index].reading { reply throws(RESPShapeError) in try reply.integer }
            verify(one, lifetime, &receipt)
        }
        return strays
    }

    private func isElsewhere(_ reply: RESPValue) -> Bool {
        RoutePlan.verdict(of: reply, movesKeys: deployment.movesKeys).isElsewhere
    }

    /// What is there has a time to live as it should; one that is short may have run out meanwhile.
    private func verify(_ due: Due, _ lifetime: Int64, _ receipt: inout UndoReceipt) {
        if due.entry.dump == nil, lifetime == -2 {
            receipt.restored -= 1
            receipt.missing += 1
            return
        }
        let isRight =
            if let left = due.left {
                lifetime == -2 ? left < Self.slack : lifetime >= 0 && lifetime <= left +| Self.slack
            } else {
                lifetime == -1
            }
        if isRight { receipt.verified += 1 }
    }

    /// How much less or more may be left than was reckoned, in milliseconds.
    private static let slack: Int64 = 1000

    private func check(_ target: CacheOperations.Target, _ state: inout Course) async throws(CacheError) {
        var flight = FlightBuffer()
        let guardian = NodeGuard(planned: target.opened.identity)
        guardian.append(to: &flight)
        var position = 0
        let info = try guardian.check(try await target.session.fly(flight), at: &position)
        if let time = JournalTime(server: info.server.time) {
            state.clock = time.time.milliseconds -| WallTime.now.milliseconds
        }
    }

    private func command(_ due: Due) -> Command {
        let entry = due.entry
        switch entry.change {
        case .expires(let given):
            return LifetimeUndo.command(entry.key, given: replaces ? nil : given, left: due.left)
        case .removed(let dump):
            let lifetime = String(due.expiry ?? due.left ?? 0)
            return Command(
                [Array("RESTORE".utf8), entry.key, Array(lifetime.utf8), dump]
                    + (replaces ? [Array("REPLACE".utf8)] : []) + (due.expiry != nil ? [Array("ABSTTL".utf8)] : []))
        }
    }

    /// - Returns: true where the time to live is as it was.
    /// - Throws: ``CacheError`` for what will not be better with the next key.
    private func note(lifetime reply: RESPValue, _ receipt: inout UndoReceipt) throws(CacheError) -> Bool {
        let number = try reply.reading { reply throws(RESPShapeError) in try reply.integer }
        switch LifetimeUndo.Verdict(rawValue: number) {
        case .restored:
            receipt.restored += 1
            return true
        case .changed: receipt.existing += 1
        case .gone: receipt.missing += 1
        case nil: throw .protocolError("a script answered something else")
        }
        return false
    }

    /// - Parameter failure: what will not be better with the next key.
    /// - Returns: true where the key is as it was.
    private func note(_ reply: RESPValue, _ receipt: inout UndoReceipt, _ failure: inout CacheError?) -> Bool {
        guard case .error(let words) = reply else {
            receipt.restored += 1
            return true
        }
        let text = Printable.escape(words, limit: 200)
        if text.hasPrefix("BUSYKEY") {
            receipt.existing += 1
        } else {
            receipt.failed += 1
            receipt.failure = receipt.failure ?? text
            if !text.hasPrefix("ERR") { failure = failure ?? reply.cacheError ?? .protocolError(text) }
        }
        return false
    }

    /// A dry run: what would be kept.
    private func look(
        _ due: [JournalEntry], _ course: inout OperationCourse, _ receipt: inout UndoReceipt,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(CacheError) {
        var (parts, strays) = try await parts(due.map { Due(entry: $0) })
        var now = WallTime.now.milliseconds
        for part in parts {
            var flight = FlightBuffer()
            flight.append(Question.server, as: "info")
            for one in part.due { flight.append(Command([Array("PTTL".utf8), one.entry.key]), as: "pttl") }
            let replies = try await course.fly(flight, on: part.target.session)
            var position = 0
            let text = try replies.value(at: &position).reading { reply throws(RESPShapeError) in try reply.bytes }
            now = InfoParser.parse(text).server.time?.milliseconds ?? WallTime.now.milliseconds
            for one in part.due {
                let reply = replies.value(at: &position)
                if isElsewhere(reply) {
                    strays.append(one)
                    continue
                }
                let lifetime = try reply.reading { reply throws(RESPShapeError) in try reply.integer }
                part.target.session.line.caused(hits: lifetime != -2 ? 1 : 0, misses: lifetime != -2 ? 0 : 1)
                look(one.entry, lifetime, serverTime: now, &receipt)
            }
        }
        guard !strays.isEmpty else { return }
        let replies = try await router.ask(strays.map { KeyedCommand("PTTL", $0.entry.key) }).replies
        for (one, reply) in zip(strays, replies) {
            look(
                one.entry, try reply.reading { reply throws(RESPShapeError) in try reply.integer }, serverTime: now,
                &receipt)
        }
    }

    private func look(
        _ entry: JournalEntry, _ lifetime: Int64, serverTime now: Int64, _ receipt: inout UndoReceipt
    ) {
        switch entry.change {
        case .removed where lifetime != -2 && !replaces: receipt.existing += 1
        case .removed: note(would: &receipt)
        case .expires(let given):
            switch LifetimeUndo.look(lifetime, given: given, serverTime: now) {
            case .gone: receipt.missing += 1
            case .changed where !replaces: receipt.existing += 1
            case .changed, .restored: note(would: &receipt)
            }
        }
    }

    private func note(would receipt: inout UndoReceipt) {
        receipt.restored += 1
        receipt.verified += 1
    }
}
