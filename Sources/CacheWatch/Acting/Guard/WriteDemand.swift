internal import CacheCore
internal import CacheWire
internal import CacheModel

/// What an action needs of a server, asked before anything is journalled, noted or changed.
struct WriteDemand: Sendable {
    let probes: [Probe]
    /// Whether only what the user may not do counts; else everything that keeps the server from doing it.
    let rightsAlone: Bool

    init(_ probes: [Probe], rightsAlone: Bool = false) {
        self.probes = probes
        self.rightsAlone = rightsAlone
    }

    /// What a reply to a probe means.
    enum Objection: Equatable, Sendable {
        /// The user may not; the server's words.
        case denied(String)
        /// The server cannot.
        case failed(CacheError)
    }

    /// nil where the action can be done.
    static func objection(in reply: RESPValue) -> Objection? {
        // Rights are looked at before slots: whoever is sent elsewhere may do it there.
        guard case .error(let bytes) = reply, !RoutePlan.verdict(of: reply, movesKeys: true).isElsewhere else {
            return nil
        }
        let words = Printable.escape(bytes, limit: 200)
        if let words = lastingObjection(in: bytes) { return .denied(words) }
        // An argument that makes no sense is one that was read.
        return words.hasPrefix("ERR") ? nil : reply.cacheError.map { .failed($0) }
    }
}

extension WriteDemand {
    /// Why a command will be refused for as long as the server and its users are as they are; nil for what may pass.
    static func lastingObjection(in bytes: [UInt8]) -> String? {
        let words = Printable.escape(bytes, limit: 200)
        if words.hasPrefix("NOPERM") { return String(words.dropFirst("NOPERM".count).drop { $0 == " " }) }
        return words.hasPrefix("ERR unknown command") ? String(words.dropFirst("ERR ".count)) : nil
    }
}

extension CacheOperations {
    /// True where the user may run scripts.
    func allowsScripts(
        _ prefix: [UInt8], on session: Session, tries: Int = RoutePlan.tries
    ) async throws(CacheError) -> Bool {
        let question = Probe(try await probe(in: prefix, on: session)) {
            ComparedRemoval.command([ComparedRemoval.Copy(key: $0, digest: [])])
        }
        let reply = try await Guard.ask([question], on: session)[0]
        // The key's slot is on its way just now; another one is not.
        if RoutePlan.verdict(of: reply, movesKeys: true).isElsewhere, tries > 0 {
            return try await allowsScripts(prefix, on: session, tries: tries - 1)
        }
        return reply.bytesOrNil == [ComparedRemoval.Verdict.vanished.rawValue]
    }

    /// Why an undo would be refused to this user, whatever the journal holds; nil where it would not be.
    ///
    /// What may be over by then, such as a full memory, is nothing of the kind.
    func undoObjection(
        _ kind: JournalHeader.Kind, _ prefix: [UInt8], on session: Session
    ) async throws(CacheError) -> String? {
        guard !settings.readOnly else { return nil }
        let probes = GuardedAction.restoring(kind, try await probe(in: prefix, on: session))
        for reply in try await Guard.ask(probes, on: session) {
            if case .error(let words) = reply, let objection = WriteDemand.lastingObjection(in: words) {
                return objection
            }
        }
        return nil
    }

    /// A name that nobody can have, of a slot that a node holds.
    func probe(in prefix: [UInt8], on session: Session) async throws(CacheError) -> ProbeKey {
        var key = ProbeKey(in: prefix)
        guard deployment.movesKeys else { return key }
        // Of thirty nodes each holds a thirtieth.
        for _ in 0..<1000 {
            if try await deployment.holder(of: key.name).name == session.line.name { break }
            key = ProbeKey(in: prefix)
        }
        return key
    }

    /// What the keys of a rule begin with, as an example.
    nonisolated func prefix(ofRule index: Int) -> [UInt8] {
        guard let prefix = classifier.prefixes.first(where: { $0.namespace == index }) else { return keyPrefix }
        let front = prefix.afterSegment ? keyPrefix + Array("cachewatch:".utf8) : []
        return front + prefix.bytes + [UInt8(ascii: ":")]
    }
}

extension RESPValue {
    fileprivate var bytesOrNil: [UInt8]? { try? bytes }
}
