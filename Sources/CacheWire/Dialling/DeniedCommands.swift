package import RedisValues

/// What a server refused to this user or does not know: none of it is sent twice.
package struct DeniedCommands: Equatable, Sendable {
    /// By the command's name: the rule that `ACL SETUSER` would need, nil where the server has no such command.
    private var needs: [String: String?] = [:]

    package init() {}

    package func contains(_ name: String) -> Bool { needs[name] != nil }

    /// Remembers an error reply that will be the same next time; others are forgotten.
    ///
    /// - Parameters:
    ///   - name: as people write it, such as `SLOWLOG GET`.
    ///   - permission: that it needs; nil takes the name as a rule.
    package mutating func note(_ name: String, error words: [UInt8], permission: String? = nil) {
        let text = Printable.escape(words)
        if text.hasPrefix("NOPERM"), text.contains("keys used as arguments") || text.contains("to access a key") {
            needs[name] = .some("~*")
        } else if text.hasPrefix("NOPERM") {
            needs[name] = .some(permission ?? Self.permission(for: name))
        } else if text.hasPrefix("ERR unknown") || text.hasPrefix("ERR Unknown")
            || text.contains("wrong number of arguments")
            || text.hasPrefix("ERR syntax")
        {
            needs[name] = .some(nil)
        }
    }

    /// - Returns: nil where it was not refused.
    package func entry(_ name: String) -> DeniedCommand? {
        needs[name].map { DeniedCommand(command: name, needs: $0) }
    }

    /// The rule that `ACL SETUSER` needs for a command, such as `+slowlog|get`.
    package static func permission(for name: String) -> String {
        "+" + name.lowercased().replacing(" ", with: "|")
    }
}
