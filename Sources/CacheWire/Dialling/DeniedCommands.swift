package import RedisValues

/// What a server refused to this user or does not know: none of it is sent twice.
package struct DeniedCommands: Equatable, Sendable {
    private struct Entry: Equatable, Sendable {
        /// The rule that `ACL SETUSER` would need; nil where none would help.
        var needs: String?
        /// The server's own, where nothing else says why.
        var words: String?
        /// False where the words leave open whether it will be refused again.
        var isCertain = true
    }

    private var entries: [String: Entry] = [:]

    /// What the watching lives by: words that leave open whether it is refused for good do not end it, and what a
    /// service or a proxy says against it is asked again some time.
    private static let vital: Set = ["INFO"]

    package init() {}

    package func contains(_ name: String) -> Bool { entries[name] != nil }

    /// Remembers an error reply that will be the same next time; others are forgotten.
    ///
    /// - Parameters:
    ///   - name: as people write it, such as `SLOWLOG GET`.
    ///   - permission: that it needs; nil takes the name as a rule.
    ///   - keys: the rule where it is the key that may not be read.
    package mutating func note(
        _ name: String, error bytes: [UInt8], permission: String? = nil, keys: String = "~*"
    ) {
        let reply = ErrorReply(bytes)
        switch reply.meaning {
        case .passing, .ofKey: return
        case .noKeyPermission: entries[name] = Entry(needs: keys)
        case .noPermission: entries[name] = Entry(needs: permission ?? Self.permission(for: name))
        case .noSuchCommand: entries[name] = Entry(words: reply.isPlain ? nil : reply.words)
        case .switchedOff:
            let isCertain = !reply.isDoubtful && !Self.vital.contains(name)
            entries[name] = Entry(words: reply.words, isCertain: isCertain)
        case .unclear:
            if !Self.vital.contains(name) { entries[name] = Entry(words: reply.words, isCertain: false) }
        }
    }

    /// True where words leave open whether they will be said again.
    package var hasDoubts: Bool { entries.values.contains { !$0.isCertain } }

    /// Asks once more what may not be refused any more.
    package mutating func forgetDoubts() { entries = entries.filter { $0.value.isCertain } }

    /// - Returns: nil where it was not refused.
    package func entry(_ name: String) -> DeniedCommand? {
        entries[name].map { DeniedCommand(command: name, needs: $0.needs, words: $0.words) }
    }

    /// The rule that `ACL SETUSER` needs for a command, such as `+slowlog|get`.
    package static func permission(for name: String) -> String {
        "+" + name.lowercased().replacing(" ", with: "|")
    }
}
