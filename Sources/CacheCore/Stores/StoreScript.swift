internal import CacheWire
internal import RedisValues

/// A script about one key, so that it runs in a cluster, too.
package struct StoreScript: Sendable {
    let source: [UInt8]
    /// By which a server knows it once it has seen it: SHA-1, 40 digits.
    let digest: [UInt8]

    init(_ source: String) {
        self.source = Array(source.utf8)
        digest = Array(SHA1.digest(of: self.source).hexadecimal.utf8)
    }

    /// By its digest.
    func call(_ key: [UInt8], _ arguments: [[UInt8]], isRepeatable: Bool = false) -> CacheCall {
        CacheCall(key, Command([Array("EVALSHA".utf8), digest, [0x31], key] + arguments), isRepeatable: isRepeatable)
    }

    /// In full, for a server that has not seen it.
    func fullCall(_ key: [UInt8], _ arguments: [[UInt8]], isRepeatable: Bool = false) -> CacheCall {
        CacheCall(key, Command([Array("EVAL".utf8), source, [0x31], key] + arguments), isRepeatable: isRepeatable)
    }
}

extension CacheCalls {
    /// Runs a script: by its digest, and in full once where the server does not know it, which then does.
    ///
    /// - Parameter isRepeatable: twice is once.
    /// - Returns: the reply; an error reply that concerns the script is a value.
    /// - Throws: ``CacheError`` as ``send(_:)`` does.
    package func run(
        _ script: StoreScript, _ key: [UInt8], _ arguments: [[UInt8]], isRepeatable: Bool = false
    ) async throws(CacheError) -> RESPValue {
        let reply = try await send(script.call(key, arguments, isRepeatable: isRepeatable))
        guard reply.isUnknownScript else { return reply }
        return try await send(script.fullCall(key, arguments, isRepeatable: isRepeatable))
    }
}

extension RESPValue {
    /// The server has not seen the script, and has run nothing.
    var isUnknownScript: Bool {
        guard case .error(let words) = self else { return false }
        return words.starts(with: "NOSCRIPT".utf8)
    }

    /// The key holds something else than the command is about; of a script, too, whose errors are told in words around
    /// it.
    var isWrongType: Bool {
        guard case .error(let words) = self else { return false }
        return words.firstRange(of: Array("WRONGTYPE".utf8)) != nil
    }
}
