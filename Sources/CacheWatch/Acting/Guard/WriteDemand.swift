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
    static func objection(in reply: RESPValue, to probe: Probe) -> Objection? {
        if let words = lastingObjection(in: reply, to: probe) { return .denied(words) }
        guard case .error(let words) = reply, !isProof(words, of: probe), !isElsewhere(reply) else { return nil }
        return reply.cacheError.map { .failed($0) }
    }

    /// What is over by and by, such as a full memory.
    private static let passing: Set = [
        "OOM", "LOADING", "BUSY", "BUSYKEY", "READONLY", "NOREPLICAS", "MISCONF", "MASTERDOWN", "CLUSTERDOWN",
        "TRYAGAIN",
        "NOAUTH",
    ]

    /// Why a command will be refused for as long as the server, what stands in front of it and its users are as they are;
    /// nil for what may pass.
    ///
    /// Servers, and proxies in front of them, refuse in words of their own: only those count as leave that tell that the
    /// command was taken.
    static func lastingObjection(in reply: RESPValue, to probe: Probe) -> String? {
        guard case .error(let bytes) = reply, !isProof(bytes, of: probe), !isElsewhere(reply) else { return nil }
        let words = ErrorReply.withoutArguments(Printable.escape(bytes, limit: 200))
        let code = words.prefix { $0 != " " }
        if passing.contains(String(code)) { return nil }
        guard ["ERR", "NOPERM"].contains(code) else { return words }
        return String(words.dropFirst(code.count).drop { $0 == " " })
    }

    private static func isProof(_ words: [UInt8], of probe: Probe) -> Bool {
        probe.proofs.contains { words.starts(with: Array($0.utf8)) }
    }

    /// Rights are looked at before slots: whoever is sent elsewhere may do it there.
    private static func isElsewhere(_ reply: RESPValue) -> Bool {
        RoutePlan.verdict(of: reply, movesKeys: true).isElsewhere
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
    ///
    /// - Parameter dump: what is to be restored, to find out whether the server can read it; nil asks only whether this
    ///   user may.
    func undoObjection(
        _ kind: JournalHeader.Kind, _ prefix: [UInt8], on session: Session, dump: [UInt8]? = nil
    ) async throws(CacheError) -> String? {
        guard !settings.readOnly else { return nil }
        let probes = GuardedAction.restoring(kind, try await probe(in: prefix, on: session), dump: dump)
        let replies = try await Guard.ask(probes, on: session)
        return zip(probes, replies).lazy.compactMap { WriteDemand.lastingObjection(in: $1, to: $0) }.first
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
        return front + (prefix.bytes + [UInt8(ascii: ":")])
    }
}

extension RESPValue {
    fileprivate var bytesOrNil: [UInt8]? { try? bytes }
}
