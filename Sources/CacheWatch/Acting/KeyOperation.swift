internal import CacheCore
package import CacheWire
internal import CacheModel

extension CacheOperations {
    /// Sets when a key expires, or that it never does.
    ///
    /// - Parameters:
    ///   - lifetime: nil for never.
    ///   - readmits: the second word that a protected namespace needs: a revoked token may be let in again.
    ///   - runIDs: of the servers that held the keys when this one was shown; another one is not touched.
    /// - Returns: false for a key that is not there.
    public func setLifetime(
        of key: [UInt8], to lifetime: Duration?, readmits: Bool = false, shownOn runIDs: Set<String>? = nil
    ) async throws(CacheError) -> Bool {
        let action: GuardedAction = lifetime == nil ? .persist(readmits: readmits) : .expire(readmits: readmits)
        let scope = GuardScope.key(key, classifier)
        try self.guard.precheck(action, on: scope)
        if let lifetime, lifetime < .milliseconds(1) {
            throw .input("a time to live is at least a millisecond; delete the key instead")
        }
        let question = KeyedCommand("PTTL", key)
        let checked = try await self.guard.check(action, on: scope, asking: [question])
        try requireSame(runIDs, checked)
        let before = (try? checked.answers[0].integer).map { Int($0) }
        let command =
            if let lifetime {
                Command([Array("PEXPIRE".utf8), key, Array(String(lifetime.wholeMilliseconds).utf8)])
            } else {
                Command([Array("PERSIST".utf8), key])
            }
        return try await checked.perform([("pttl_before", JSONValue(before))]) { permit throws(CacheError) in
            let replies = try await permit.router.ask([KeyedCommand(key, command), question], under: permit.token)
                .replies
            if let error = replies[0].cacheError { throw error }
            let after = try replies[1].reading { reply throws(RESPShapeError) in try reply.integer }
            let isDone = lifetime == nil ? after == -1 : after >= 0
            return Ended(isDone, isDone ? .done : .notDone, [("pttl_after", .integer(Int(after)))])
        }
    }

    /// - Throws: ``CacheError/forbidden(_:)``, noted, where the key is held by another process than was shown.
    private func requireSame(_ runIDs: Set<String>?, _ checked: CheckedAction) throws(CacheError) {
        guard let runIDs, let other = checked.identities.first(where: { !runIDs.contains($0.runID) }) else { return }
        throw self.guard.refusal(
            checked.action, checked.scope,
            "\(other.address) is another server process than the one whose keys were shown; look again")
    }

    /// What has become of a key that was to be removed.
    public enum Removal: Equatable, Sendable {
        /// ``CacheOperations/undo(_:_:pace:control:tell:)`` brings it back; or why the server would refuse that to this user.
        case journalled(String, undoObjection: String?)
        /// No journal can hold it, and it is gone for good.
        case gone(bytes: Int)
        /// No journal can hold it, and it stays: nobody has said that it may go for good.
        case stays(bytes: Int)

        /// nil where there is none.
        public var journal: String? { if case .journalled(let path, _) = self { path } else { nil } }
        /// Why the server would refuse to bring it back; nil where it would not, and for what nothing brings back.
        public var undoObjection: String? { if case .journalled(_, let words) = self { words } else { nil } }
    }

    /// Removes one key, journalled before.
    ///
    /// - Parameters:
    ///   - readmits: the second word that a protected namespace needs: a revoked token may be let in again.
    ///   - forGood: the word that a key needs which no journal can hold: nothing brings it back.
    ///   - runIDs: of the servers that held the keys when this one was shown; another one is not touched.
    /// - Returns: nil for a key that was not there.
    public func remove(
        _ key: [UInt8], readmits: Bool = false, forGood: Bool = false, shownOn runIDs: Set<String>? = nil
    ) async throws(CacheError) -> Removal? {
        let (action, scope) = (GuardedAction.delete(readmits: readmits), GuardScope.key(key, classifier))
        let checked = try await self.guard.check(
            action, on: scope, asking: [KeyedCommand(key, KeyMeasure.command(key))])
        try requireSame(runIDs, checked)
        if let size = try? checked.answers[0].integer, size > Int64(LargeKeys.largestValue) {
            let bytes = Int(min(Int64(KeyFacts.largest), size))
            guard forGood else {
                let words = "the key has \(Format.bytes(ByteCount(bytes))), too large for a journal"
                _ = self.guard.refusal(action, scope, words)
                return .stays(bytes: bytes)
            }
            return try await removeForGood(key, bytes, checked)
        }
        let compares = try await allowsScripts(key, on: checked.nodes[0].session)
        let undoObjection = try await undoObjection(.flush, key, on: checked.nodes[0].session)
        // A server may do something else between the two, and what is newer than the value is compared later.
        let questions = [
            KeyedCommand(key, Question.server), KeyedCommand("DUMP", key), KeyedCommand("PTTL", key),
        ]
        let asked = ContinuousClock.now
        let replies = try await router().ask(questions).replies
        let took = ContinuousClock.now - asked
        for reply in replies { if let error = reply.cacheError { throw error } }
        guard let dump = try? replies[1].bytes, let lifetime = try? replies[2].integer, lifetime != -2 else {
            return nil
        }
        let info = (try? replies[0].bytes).map(InfoParser.parse)
        let takenAt = JournalTime(server: info?.server.time) ?? JournalTime(.now)
        let path = files.journal(for: "delete", scope: scope.name, at: .now)
        let copy = ComparedRemoval.Copy(
            key: key, digest: ComparedRemoval.digest(dump),
            expiry: ComparedRemoval.Expiry(
                lifetime: lifetime, from: takenAt, slack: took.wholeMilliseconds))
        let removal = compares ? ComparedRemoval.command([copy]) : Command([Array("UNLINK".utf8), key])
        let verdict = try await checked.perform([("journal", .string(path))]) {
            permit throws(CacheError) -> Ended<ComparedRemoval.Verdict> in
            let writer = try JournalWriter(
                path: path, header: header(.flush, scope.name, checked.identities), expected: dump.count + 4096)
            let block = try writer.append(
                [JournalEntry(key: key, lifetime: lifetime < 0 ? nil : lifetime, change: .removed(dump: dump))],
                takenAt: takenAt)
            let answer = try await permit.router.ask(KeyedCommand(key, removal), under: permit.token)
            let verdict = Self.verdict(answer)
            // It is not for undo to bring back what is there still, or what somebody else has removed.
            if verdict != .removed { try writer.withdraw([JournalPlace(sequence: block, index: 0)]) }
            do throws(CacheError) { try writer.end() } catch {
                // What was removed is gone, and its copy is on the disk; the end only says that there is no more.
                guard verdict == .removed else { throw error }
            }
            if let error = answer.cacheError { throw error }
            guard verdict == .changed else { return Ended(verdict, verdict == .removed ? .done : .notDone) }
            return Ended(verdict, .notDone, [("reason", .string("written to"))])
        }
        switch verdict {
        case .removed: return .journalled(path, undoObjection: undoObjection)
        case .vanished: return nil
        case .changed:
            throw .forbidden("the key was written to just now: nothing was removed; look at it again")
        }
    }

    private func removeForGood(
        _ key: [UInt8], _ bytes: Int, _ checked: CheckedAction
    ) async throws(CacheError) -> Removal? {
        let isRemoved = try await checked.perform([("journal", .null), ("bytes", .integer(bytes))]) {
            permit throws(CacheError) -> Ended<Bool> in
            let command = Command([Array("UNLINK".utf8), key])
            let answer = try await permit.router.ask(KeyedCommand(key, command), under: permit.token)
            if let error = answer.cacheError { throw error }
            let isRemoved = try answer.reading { reply throws(RESPShapeError) in try reply.integer } > 0
            return Ended(isRemoved, isRemoved ? .done : .notDone, [("for_good", .boolean(isRemoved))])
        }
        return isRemoved ? .gone(bytes: bytes) : nil
    }

    private static func verdict(_ answer: RESPValue) -> ComparedRemoval.Verdict {
        switch answer {
        case .string(let digits): ComparedRemoval.verdicts(digits).first ?? .changed
        case .integer(let count): count > 0 ? .removed : .vanished
        default: .changed
        }
    }
}
