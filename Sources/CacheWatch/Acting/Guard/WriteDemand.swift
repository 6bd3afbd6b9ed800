internal import CacheCore
internal import CacheWire
internal import CacheModel

/// What an operation needs of a server, asked before anything is journalled, noted or changed.
///
/// The questions are the commands themselves, on a key that nobody has: there they do nothing.
struct WriteDemand: Sendable {
    let action: String
    let commands: [Command]

    /// - Parameter prefix: of the keys that are concerned; ACL rules may go by it.
    static func flush(_ prefix: [UInt8], journals: Bool) -> WriteDemand {
        let key = WriteAccess.probeKey(in: prefix)
        let names = journals ? ["UNLINK", "DUMP", "PTTL"] : ["UNLINK"]
        return WriteDemand(action: "flush", commands: names.map { Command([Array($0.utf8), key]) })
    }

    static func repair(_ prefix: [UInt8]) -> WriteDemand {
        let key = WriteAccess.probeKey(in: prefix)
        let time = Array("4102444800000".utf8)
        return WriteDemand(
            action: "repair",
            commands: [Command([Array("PTTL".utf8), key]), Command([Array("PEXPIREAT".utf8), key, time])])
    }

    /// - Parameter prefix: the name of one of the keys will do.
    static func undo(_ kind: JournalHeader.Kind, _ prefix: [UInt8]) -> WriteDemand {
        let key = WriteAccess.probeKey(in: prefix)
        let question =
            switch kind {
            // No payload: whoever may restore is told so.
            case .flush: Command([Array("RESTORE".utf8), key, Array("0".utf8), []])
            case .lifetimes: LifetimeUndo.command(key, given: 0, left: nil)
            }
        return WriteDemand(action: "undo", commands: [question, Command([Array("PTTL".utf8), key])])
    }

    static func keys(_ action: String, _ names: [String], _ key: [UInt8]) -> WriteDemand {
        let probe = WriteAccess.probeKey(in: key)
        let arguments: [String: [UInt8]] = ["PEXPIRE": Array("1".utf8)]
        return WriteDemand(
            action: action,
            commands: names.map { name in Command([Array(name.utf8), probe] + (arguments[name].map { [$0] } ?? [])) })
    }

    /// Why a reply means that the operation cannot be done; nil where it does not.
    static func objection(in reply: RESPValue) -> CacheError? {
        // Rights are looked at before slots: whoever is sent elsewhere may do it there.
        guard case .error(let bytes) = reply, Redirection(reply) == nil else { return nil }
        let words = Printable.escape(bytes, limit: 200)
        if words.hasPrefix("NOPERM") {
            return .forbidden("this user may not do it: \(words.dropFirst("NOPERM".count).drop { $0 == " " })")
        }
        // An argument that makes no sense is one that was read.
        return words.hasPrefix("ERR") ? nil : reply.cacheError
    }
}

extension CacheOperations {
    /// - Throws: ``CacheError/forbidden(_:)`` where the user may not do what is needed, or the node is a replica;
    ///   nothing was changed then.
    func demand(_ demand: WriteDemand, scope: String, of target: Target) async throws(CacheError) {
        guard target.opened.identity.isPrimary else {
            throw refused(
                demand.action, scope, "\(target.opened.identity.address) is a replica: \(demand.action) on its primary")
        }
        for reply in try await target.node.ask(demand.commands) {
            switch WriteDemand.objection(in: reply) {
            case nil: continue
            case .forbidden(let words): throw refused(demand.action, scope, words)
            case let error?: throw error
            }
        }
    }

    /// Notes a refusal.
    func refused(_ action: String, _ scope: String, _ words: String) -> CacheError {
        audit.refuse(action, scope: scope, why: words)
        return .forbidden("\(action) is refused, nothing was changed: \(words)")
    }

    /// True where the user may run scripts.
    func allowsScripts(
        _ prefix: [UInt8], on node: Session, tries: Int = 20
    ) async throws(CacheError) -> Bool {
        let question = ComparedRemoval.command([(try await probe(in: prefix, on: node), [])])
        let reply = try await node.ask([question])[0]
        // The key's slot is on its way just now; another one is not.
        if Redirection(reply) != nil, tries > 0 { return try await allowsScripts(prefix, on: node, tries: tries - 1) }
        return reply.bytesOrNil == [ComparedRemoval.Verdict.vanished.rawValue]
    }

    /// A name that nobody can have, of a slot that a node holds.
    func probe(in prefix: [UInt8], on node: Session) async throws(CacheError) -> [UInt8] {
        var key = WriteAccess.probeKey(in: prefix)
        guard deployment.movesKeys else { return key }
        // Of thirty nodes each holds a thirtieth.
        for _ in 0..<1000 {
            if try await deployment.holder(of: key).name == node.line.name { break }
            key = WriteAccess.probeKey(in: prefix)
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
