internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Whether this user may change anything.
public enum WriteAccess: Equatable, Sendable {
    case allowed
    /// `--read-only` or `read_only`.
    case switchedOff
    /// The server is a replica.
    case replica
    /// The ACL user may not; the words say what is missing.
    case denied(String)

    public var isAllowed: Bool { self == .allowed }

    /// Why not; empty where it is allowed.
    public var words: String {
        switch self {
        case .allowed: ""
        case .switchedOff: "read-only: switched on by --read-only or read_only"
        case .replica: "read-only: the server is a replica"
        case .denied(let needs): "read-only: this user may not write (needs \(needs))"
        }
    }

    /// Asks, with commands that change nothing: on a key that nobody has, each does nothing at all.
    static func find(on node: Session, keyPrefix: [UInt8]) async throws(CacheError) -> WriteAccess {
        let opened = try await node.identity()
        guard opened.identity.isPrimary else { return .replica }
        let probe = probeKey(in: keyPrefix)
        let commands = [
            Command([Array("UNLINK".utf8), probe]),
            Command([Array("SET".utf8), probe, Array("x".utf8), Array("XX".utf8)]),
            Command([Array("EXPIRE".utf8), probe, Array("1".utf8)]),
        ]
        // One after the other: whoever may do the first thing is not asked for more.
        for command in commands {
            let reply = try await node.ask([command])[0]
            guard case .error(let words) = reply, words.starts(with: Array("NOPERM".utf8)) else { return .allowed }
        }
        return .denied("+unlink +set +expire +restore")
    }

    /// A name that nobody can have: 128 random bits.
    static func probeKey(in prefix: [UInt8]) -> [UInt8] {
        let bits = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
        return prefix + Array("cachewatch:probe:\(bits)".utf8)
    }
}
