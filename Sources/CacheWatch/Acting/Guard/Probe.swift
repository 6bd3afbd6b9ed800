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

    init(_ key: ProbeKey, _ command: ([UInt8]) -> Command) { self.command = command(key.name) }

    init(_ name: String, _ key: ProbeKey, _ arguments: [UInt8]...) {
        command = Command([Array(name.utf8), key.name] + arguments)
    }
}
