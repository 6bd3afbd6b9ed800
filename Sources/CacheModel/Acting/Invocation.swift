internal import RedisValues

/// How this program was called, for the commands that it tells people to type.
public struct Invocation: Equatable, Sendable {
    /// Which server is meant, without secrets; empty where the environment says it.
    public var options: [String]

    public init(options: [String] = []) { self.options = options }

    /// A line for a shell that brings a journal back.
    public func undo(_ journal: String) -> String {
        (["cachewatch", "undo"] + (options + [journal]).map(Self.quoted)).joined(separator: " ")
    }

    /// A line for a shell that cuts a user off.
    public func cutOff(_ user: String) -> String {
        (["cachewatch", "revoke"] + (options + ["--user", user]).map(Self.quoted) + ["--since", "now"])
            .joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "_@%+=:,./-".utf8.contains(byte)
        }
        if plain, !word.isEmpty { return word }
        return "'"
            + Printable.escape(word).split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
