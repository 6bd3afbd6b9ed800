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

    func run(
        isolation: isolated (any Actor)? = #isolation, tell: @Sendable (OperationProgress) -> Void
    ) async -> UndoReceipt {
        var course = OperationCourse(pace: pace, control: control, line: targets[0].session.line)
        var receipt = UndoReceipt(header: journal.header)
        let keys = journal.keys
        do throws(CacheError) {
            // Keys that are there stay as they are, so the newest comes first; where they are overwritten, last.
            let reader = try JournalReader(journal, newestFirst: !replaces)
            let first = targets[0]
            try await course.calibrate(
                on: first.session, idle: isDryRun ? nil : NodeGuard(planned: first.opened.identity).idle)
            for target in targets { try await check(target) }
            while !control.isCancelled, let block = try reader.next() {
                var rest = block.entries[...]
                while !control.isCancelled, !rest.isEmpty {
                    let batch = Self.batch(rest, most: max(1, course.governor.count / Self.keysPerCount))
                    rest = rest.dropFirst(batch.count)
                    try await restore(Array(batch), takenAt: block.takenAt, &course, &receipt)
                    await course.rest()
                    guard course.isTimeToTell() || (rest.isEmpty && receipt.entries == keys) else { continue }
                    var progress = OperationProgress()
                    (progress.examined, progress.expected) = (receipt.entries, keys)
                    (progress.matched, progress.done) = (receipt.entries, receipt.restored)
                    progress.elapsed = course.elapsed
                    tell(progress)
                }
            }
            if control.isCancelled { receipt.outcome = .cancelled }
        } catch {
            receipt.outcome = .stopped(error.description)
            for target in targets { target.session.close() }
        }
        receipt.journalIsWhole = journal.isWhole
        receipt.damagedBlocks = journal.damaged
        receipt.took = course.elapsed
        return receipt
    }

    private static func batch(_ entries: ArraySlice<JournalEntry>, most: Int) -> ArraySlice<JournalEntry> {
        var bytes = 0
        let end = entries.prefix(most).firstIndex { entry in
            bytes += entry.key.count + (entry.dump?.count ?? 0)
            return bytes > flightBytes
        }
        guard let end else { return entries.prefix(most) }
        return entries[entries.startIndex..<max(end, entries.startIndex + 1)]
    }

    private func restore(
        _ batch: [JournalEntry], takenAt: WallTime, _ course: inout OperationCourse, _ receipt: inout UndoReceipt,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(CacheError) {
        receipt.entries += batch.count
        let passed = max(0, WallTime.now.milliseconds - takenAt.milliseconds)
        let due = batch.filter { $0.lifetime.map { $0 - passed >= Self.shortest } ?? true }
        receipt.expired += batch.count - due.count
        guard !due.isEmpty else { return }
        guard !isDryRun else { return try await look(due, &course, &receipt) }
        var (parts, strays) = try await parts(due)
        for part in parts {
            let guardian = NodeGuard(planned: part.target.opened.identity)
            var flight = FlightBuffer()
            guardian.append(to: &flight)
            for entry in part.entries { flight.append(command(entry, passed: passed), as: "restore") }
            for entry in part.entries { flight.append(Command([Array("PTTL".utf8), entry.key]), as: "pttl") }
            let replies = try await course.fly(flight, on: part.target.session, under: permit)
            var position = 0
            // Asked with every batch, and known before the next one.
            try guardian.check(replies, at: &position)
            let values = part.entries.indices.map { _ in replies.value(at: &position) }
            let lifetimes = part.entries.indices.map { _ in replies.value(at: &position) }
            strays += try note(part.entries, values, lifetimes, passed: passed, &receipt)
        }
        guard !strays.isEmpty else { return }
        let answer = await router.ask(
            strays.map { KeyedCommand($0.key, command($0, passed: passed)) }
                + strays.map { KeyedCommand("PTTL", $0.key) },
            under: permit)
        var found: [(entry: JournalEntry, value: RESPValue, lifetime: RESPValue)] = []
        for (index, entry) in strays.enumerated() {
            if case .failure(.refused(let refusal)) = answer.results[index],
                refusal.kind == .slotsMoving || refusal.kind == .clusterDown
            {
                receipt.failed += 1
                let words = "\(Printable.escape(entry.key, limit: 80)): \(refusal.reason)"
                receipt.failure = receipt.failure ?? words
                continue
            }
            found.append(
                (entry, try answer.reply(to: index), try answer.reply(to: strays.count + index)))
        }
        _ = try note(found.map(\.entry), found.map(\.value), found.map(\.lifetime), passed: passed, &receipt)
    }

    /// Entries whose keys are looked for on one node.
    private struct Part {
        var target: CacheOperations.Target
        var entries: [JournalEntry]
    }

    /// - Returns: also entries whose keys are on nodes that were not there at the beginning.
    private func parts(_ due: [JournalEntry]) async throws(CacheError) -> ([Part], strays: [JournalEntry]) {
        guard deployment.movesKeys else { return ([Part(target: targets[0], entries: due)], []) }
        var entries: [String: [JournalEntry]] = [:]
        for entry in due { entries[try await deployment.holder(of: entry.key).name, default: []].append(entry) }
        let parts = targets.compactMap { target in
            entries.removeValue(forKey: target.session.line.name).map { Part(target: target, entries: $0) }
        }
        return (parts, Array(entries.values.joined()))
    }

    /// - Returns: entries that a node sent elsewhere.
    private func note(
        _ entries: [JournalEntry], _ replies: [RESPValue], _ lifetimes: [RESPValue], passed: Int64,
        _ receipt: inout UndoReceipt
    ) throws(CacheError) -> [JournalEntry] {
        var strays: [JournalEntry] = []
        for (index, entry) in entries.enumerated() {
            if isElsewhere(replies[index]) {
                strays.append(entry)
                continue
            }
            let isRestored =
                entry.dump == nil
                ? try note(lifetime: replies[index], &receipt) : try note(replies[index], &receipt)
            guard isRestored else { continue }
            // One that has moved on since was there.
            if isElsewhere(lifetimes[index]) {
                receipt.verified += 1
                continue
            }
            let lifetime = try lifetimes[index].reading { reply throws(RESPShapeError) in try reply.integer }
            verify(entry, lifetime, passed: passed, &receipt)
        }
        return strays
    }

    private func isElsewhere(_ reply: RESPValue) -> Bool {
        RoutePlan.verdict(of: reply, movesKeys: deployment.movesKeys).isElsewhere
    }

    /// What is there has a time to live as it should; one that is short may have run out meanwhile.
    private func verify(_ entry: JournalEntry, _ lifetime: Int64, passed: Int64, _ receipt: inout UndoReceipt) {
        if entry.dump == nil, lifetime == -2 {
            receipt.restored -= 1
            receipt.missing += 1
            return
        }
        let isRight =
            if let due = entry.lifetime { lifetime == -2 ? due - passed < 1000 : lifetime >= 0 && lifetime <= due } else
            {
                lifetime == -1
            }
        if isRight { receipt.verified += 1 }
    }

    private func check(_ target: CacheOperations.Target) async throws(CacheError) {
        var flight = FlightBuffer()
        let guardian = NodeGuard(planned: target.opened.identity)
        guardian.append(to: &flight)
        var position = 0
        try guardian.check(try await target.session.fly(flight), at: &position)
    }

    private func command(_ entry: JournalEntry, passed: Int64) -> Command {
        let left = entry.lifetime.map { $0 - passed }
        switch entry.change {
        case .expires(let given):
            return LifetimeUndo.command(entry.key, given: replaces ? nil : given, left: left)
        case .removed(let dump):
            let arguments = [Array("RESTORE".utf8), entry.key, Array(String(left ?? 0).utf8), dump]
            return Command(replaces ? arguments + [Array("REPLACE".utf8)] : arguments)
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

    /// - Returns: true where the key is as it was.
    /// - Throws: ``CacheError`` for what will not be better with the next key.
    private func note(_ reply: RESPValue, _ receipt: inout UndoReceipt) throws(CacheError) -> Bool {
        switch reply {
        case .error(let words):
            let text = Printable.escape(words, limit: 200)
            if text.hasPrefix("BUSYKEY") {
                receipt.existing += 1
                return false
            }
            if !text.hasPrefix("ERR") { throw reply.cacheError ?? .protocolError(text) }
            receipt.failed += 1
            receipt.failure = receipt.failure ?? text
            return false
        default:
            receipt.restored += 1
            return true
        }
    }

    /// A dry run: what would be kept.
    private func look(
        _ due: [JournalEntry], _ course: inout OperationCourse, _ receipt: inout UndoReceipt,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(CacheError) {
        var (parts, strays) = try await parts(due)
        var now = WallTime.now.milliseconds
        for part in parts {
            var flight = FlightBuffer()
            flight.append(NodeGuard.serverQuestion, as: "info")
            for entry in part.entries { flight.append(Command([Array("PTTL".utf8), entry.key]), as: "pttl") }
            let replies = try await course.fly(flight, on: part.target.session)
            var position = 0
            let text = try replies.value(at: &position).reading { reply throws(RESPShapeError) in try reply.bytes }
            now = InfoParser.parse(text).server.time?.milliseconds ?? WallTime.now.milliseconds
            for entry in part.entries {
                let reply = replies.value(at: &position)
                if isElsewhere(reply) {
                    strays.append(entry)
                    continue
                }
                let lifetime = try reply.reading { reply throws(RESPShapeError) in try reply.integer }
                part.target.session.line.caused(hits: lifetime != -2 ? 1 : 0, misses: lifetime != -2 ? 0 : 1)
                look(entry, lifetime, serverTime: now, &receipt)
            }
        }
        guard !strays.isEmpty else { return }
        let replies = try await router.ask(strays.map { KeyedCommand("PTTL", $0.key) }).replies
        for (entry, reply) in zip(strays, replies) {
            look(
                entry, try reply.reading { reply throws(RESPShapeError) in try reply.integer }, serverTime: now,
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
