internal import CacheCore
internal import CacheModel

/// A name that no key has: 128 random bits behind what the keys that are concerned begin with.
struct ProbeKey: Sendable {
    let name: [UInt8]

    /// - Parameter prefix: ACL rules may go by it.
    init(in prefix: [UInt8]) {
        let bits = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
        name = prefix + Array("cachewatch:probe:\(bits)".utf8)
    }
}

/// A command on a key that nobody has: there it does nothing, and the answer tells whether this user may send it.
struct Probe: Sendable {
    let command: Command
    /// How errors begin that show that the command was taken: an argument was read that makes no sense.
    private(set) var proofs: [String] = []

    init(_ key: ProbeKey, _ command: ([UInt8]) -> Command) { self.command = command(key.name) }

    /// - Parameter command: about no key; it does nothing.
    init(_ command: Command) { self.command = command }

    init(_ name: String, _ key: ProbeKey, _ arguments: [UInt8]...) {
        command = Command([Array(name.utf8), key.name] + arguments)
    }

    /// - Parameter dump: of a real key, which runs out at once and leaves nothing behind: what cannot be read here is
    ///   refused. nil for no payload: whoever may restore is told so.
    static func restore(_ key: ProbeKey, _ dump: [UInt8]? = nil) -> Probe {
        guard let dump else {
            var probe = Probe("RESTORE", key, Array("0".utf8), [])
            probe.proofs = ["ERR DUMP payload", "ERR Bad data format"]
            return probe
        }
        return Probe("RESTORE", key, Array("1".utf8), dump, Array("ABSTTL".utf8))
    }
}
