internal import CacheCore
package import CacheWire
internal import CacheModel

extension CacheOperations {
    /// Sets when a key expires, or that it never does.
    ///
    /// - Parameter lifetime: nil for never.
    /// - Returns: false for a key that is not there.
    public func setLifetime(of key: [UInt8], to lifetime: Duration?) async throws(CacheError) -> Bool {
        let scope = Printable.escape(key, limit: 200)
        let action = lifetime == nil ? "persist" : "expire"
        try demandWriting(action, scope)
        if let lifetime, lifetime < .milliseconds(1) {
            throw .input("a time to live is at least a millisecond; delete the key instead")
        }
        let (router, _) = try await writable(action, [lifetime == nil ? "PERSIST" : "PEXPIRE", "PTTL"], key)
        let lifetimeQuestion = KeyedCommand("PTTL", key)
        let before = try await router.ask(lifetimeQuestion)
        let id = try audit.begin(
            action, scope: scope, details: [("pttl_before", JSONValue((try? before.integer).map { Int($0) }))])
        let command =
            if let lifetime {
                Command([Array("PEXPIRE".utf8), key, Array(String(Int64(lifetime / .milliseconds(1))).utf8)])
            } else {
                Command([Array("PERSIST".utf8), key])
            }
        do throws(CacheError) {
            let replies = try await router.ask([KeyedCommand(key, command), lifetimeQuestion]).replies
            if let error = replies[0].cacheError { throw error }
            let after = try replies[1].reading { reply throws(RESPShapeError) in try reply.integer }
            let isDone = lifetime == nil ? after == -1 : after >= 0
            audit.end(
                id, action, scope: scope, outcome: isDone ? "done" : "not done",
                details: [("pttl_after", .integer(Int(after)))])
            return isDone
        } catch {
            audit.end(id, action, scope: scope, outcome: "not done", details: reason(error))
            throw error
        }
    }

    /// Removes one key, journalled before.
    ///
    /// ``undo(_:_:pace:control:tell:)`` brings it back.
    ///
    /// - Returns: the journal; nil for a key that was not there.
    public func delete(_ key: [UInt8]) async throws(CacheError) -> String? {
        let scope = Printable.escape(key, limit: 200)
        try demandWriting("delete", scope)
        let (router, target) = try await writable("delete", ["UNLINK", "DUMP", "PTTL"], key)
        let size = try? await router.ask(KeyedCommand(key, KeyMeasure.command(key))).integer
        if let size, size > 48 << 20 {
            throw .forbidden(
                "the key has \(Format.bytes(ByteCount(Int(size)))): too large for a journal; nothing was removed")
        }
        let compares = try await allowsScripts(key, on: target.node)
        let replies = try await router.ask([KeyedCommand("PTTL", key), KeyedCommand("DUMP", key)]).replies
        for reply in replies { if let error = reply.cacheError { throw error } }
        guard let dump = try? replies[1].bytes, let lifetime = try? replies[0].integer, lifetime != -2 else {
            return nil
        }
        let path = files.journal(for: "delete", scope: scope, at: .now)
        let id = try audit.begin("delete", scope: scope, details: [("journal", .string(path))])
        do throws(CacheError) {
            let writer = try JournalWriter(
                path: path, header: header(.flush, scope, [target.opened.identity]), expected: dump.count + 4096)
            try writer.append(
                [JournalEntry(key: key, lifetime: lifetime < 0 ? nil : lifetime, change: .removed(dump: dump))],
                takenAt: .now)
            try writer.end()
            let command =
                compares
                ? ComparedRemoval.command([(key, ComparedRemoval.digest(dump))])
                : Command([Array("UNLINK".utf8), key])
            let answer = try await router.ask(KeyedCommand(key, command))
            if let error = answer.cacheError { throw error }
            if compares, ComparedRemoval.verdicts((try? answer.bytes) ?? []) == [.changed] {
                throw .forbidden("the key was written to just now: nothing was removed; look at it again")
            }
            audit.end(id, "delete", scope: scope, outcome: "done")
            return path
        } catch {
            audit.end(id, "delete", scope: scope, outcome: "not done", details: reason(error))
            throw error
        }
    }

    private func writable(
        _ action: String, _ commands: [String], _ key: [UInt8]
    ) async throws(CacheError) -> (KeyRouter, Target) {
        let router = await router()
        let node = try await node(try await deployment.holder(of: key))
        let target = Target(node: node, opened: try await node.identity())
        try await demand(.keys(action, commands, key), scope: Printable.escape(key, limit: 200), of: target)
        return (router, target)
    }
}
