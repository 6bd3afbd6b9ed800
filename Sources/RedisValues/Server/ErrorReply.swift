/// What an error reply to a question means for asking it again.
///
/// Servers, services and proxies refuse in words of their own. What is known by its code, or by words that all of them
/// use, has a meaning here; the rest is ``Meaning/unclear``, and never taken for an answer.
public struct ErrorReply: Equatable, Sendable {
    public enum Meaning: String, CaseIterable, Sendable {
        /// Over by and by: the server loads, is busy, is full, has lost its primary, or counts our requests.
        case passing
        /// It concerns the key that was asked about, and not the question.
        case ofKey
        /// The user may not send the command.
        case noPermission
        /// The user may not see the key.
        case noKeyPermission
        /// The server has no such command, or not under this name.
        case noSuchCommand
        /// The command is switched off, or kept from everybody.
        case switchedOff
        /// Nobody knows.
        case unclear
    }

    public let meaning: Meaning
    /// True where the words leave open for how long it will be refused.
    public let isDoubtful: Bool
    /// As the server said it, escaped, without what it repeats of the command; 200 characters at most.
    public let words: String

    public init(_ bytes: [UInt8]) {
        words = Self.withoutArguments(Printable.escape(bytes, limit: 200))
        (meaning, isDoubtful) = Self.meaning(of: words)
    }

    /// Nobody has to read what was asked, and it may be a secret.
    public static func withoutArguments(_ words: String) -> String {
        words.firstRange(of: ", with args beginning with").map { String(words[..<$0.lowerBound]) } ?? words
    }

    /// True where the same question will be refused again, for as long as the server and its users are as they are.
    public var isLasting: Bool {
        switch meaning {
        case .noPermission, .noKeyPermission, .noSuchCommand, .switchedOff: true
        case .passing, .ofKey, .unclear: false
        }
    }

    /// True for the words of Redis itself, which nobody has to read to know what they mean.
    public var isPlain: Bool {
        switch meaning {
        case .noPermission, .noKeyPermission: true
        case .noSuchCommand: Self.isPlain(words)
        default: false
        }
    }

    /// Whether a server's objection, without its code, is that nobody may do it: a rule for the user helps against other ones.
    public static func isKeptFromAll(_ objection: String) -> Bool {
        guard !objection.lowercased().contains("permission") else { return false }
        let meaning = ErrorReply(Array("ERR \(objection)".utf8)).meaning
        return meaning == .noSuchCommand || meaning == .switchedOff
    }

    /// Redis itself does not know what was asked; it repeats the name, which may be any word.
    private static func isPlain(_ words: String) -> Bool {
        ["ERR unknown ", "ERR Unknown ", "ERR wrong number of arguments", "ERR syntax"].contains { words.hasPrefix($0) }
    }

    private static func meaning(of words: String) -> (Meaning, isDoubtful: Bool) {
        let code = String(words.prefix { $0 != " " })
        if passingCodes.contains(code) { return (.passing, false) }
        if keyCodes.contains(code) { return (.ofKey, false) }
        if isPlain(words) { return (.noSuchCommand, false) }
        let text = words.lowercased()
        // What a script may not do is said behind a code of its own; the second in Redis 6.2 and 7.0.
        let isOfScript = ["acl failure in script", "the user executing the script can't"].contains(where: text.contains)
        if code == "NOPERM" || isOfScript {
            let isOfKey = ["keys used as arguments", "to access a key", "access at least one of the keys"]
                .contains(where: text.contains)
            return (isOfKey ? .noKeyPermission : .noPermission, false)
        }
        let row = table.first { $0.words.contains(where: text.contains) }
        return row.map { ($0.meaning, $0.isDoubtful) } ?? (.unclear, true)
    }

    /// Source: `shared` errors in `server.c` of Redis 6.2 to 8, and Valkey 9.
    private static let passingCodes: Set = [
        "LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "NOAUTH", "WRONGPASS", "READONLY",
        "OOM", "MISCONF", "NOREPLICAS", "EXECABORT", "UNKILLABLE", "NOTBUSY", "NOMASTERLINK",
    ]

    private static let keyCodes: Set = ["WRONGTYPE", "BUSYKEY", "CROSSSLOT"]

    /// In this order: what begins with a limit may go on with what is not allowed until it is counted anew, and who
    /// does not know a command may name what stands behind it.
    private static let table: [(meaning: Meaning, isDoubtful: Bool, words: [String])] = [
        (
            .passing, false,
            [
                "limit exceeded", "limit reached", "rate limit", "too many", "quota", "max number of clients",
                "max concurrent", "try again", "overloaded",
            ]
        ),
        (
            .noSuchCommand, false,
            [
                "unknown command", "unknown subcommand", "unknown or unsupported", "unsupported command",
                "unsupported subcommand", "no such command", "invalid command", "command not found",
                "wrong number of arguments", "err syntax", "syntax error", "not implemented", "unimplemented",
            ]
        ),
        (
            .switchedOff, false,
            ["currently not supported", "not currently supported", "currently unsupported", "supported by backend"]
        ),
        // Source: the words of twemproxy, predixy and Envoy where they have lost a server.
        (
            .passing, false,
            [
                "timed out", "timeout", "unavailable", "temporarily", "currently", "not ready", " moving",
                "connection refused", "connection reset", "connection closed", "connection lost", "connection fail",
                "connection error", "connection to", "lost connection", "no server connection", "host is down",
                "no backend", "backend", "upstream failure", "no upstream", "upstream host", "upstream connect",
                "upstream protocol", "upstream request",
            ]
        ),
        (.ofKey, false, ["no such key"]),
        (
            .switchedOff, false,
            [
                "not allowed", "disallowed", "disabled", "not enabled", "not support", "unsupported", "not available",
                "forbidden", "not permitted", "prohibited", "permission", "unauthorized", "not authorized",
                "renamed", "reserved for", "maxmemory policy is", "administrat",
                "not valid for", "deprecated",
            ]
        ),
        // Of a command, or of this one request.
        (.switchedOff, true, ["restricted", "blocked", "denied", "illegal", "rejected"]),
    ]
}
