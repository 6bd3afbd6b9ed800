extension SecretFilter {
    /// Knows what is secret in a command line and its environment, also where it was mistyped.
    public init(arguments: [String], environment: [String: String]) {
        var found = FoundSecrets()
        for name in ["REDIS_PASSWORD", "REDIS_SENTINEL_PASSWORD"] {
            if let value = environment[name] { found.note(value) }
        }
        if let url = environment["REDIS_URL"] { found.note(url: url) }
        for (index, argument) in arguments.enumerated() {
            found.note(url: argument)
            found.note(option: argument, next: arguments.dropFirst(index + 1).first)
            found.note(cut: argument, next: arguments.dropFirst(index + 1))
        }
        self.init(secrets: found.secrets)
    }
}

private struct FoundSecrets {
    private(set) var secrets: Set<String> = []

    mutating func note(_ secret: some StringProtocol) {
        secrets.insert(String(secret))
        var words = Substring(secret)
        while let last = words.last, last.isWhitespace { words.removeLast() }
        secrets.insert(String(words))
    }

    /// Credentials of a URL, or in front of a host.
    mutating func note(url text: String) {
        let rest = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
        let end = rest.lastIndex(of: "@")
        guard end != nil || rest.startIndex != text.startIndex else { return }
        let credentials = end.map { rest[..<$0] } ?? rest
        guard let colon = credentials.firstIndex(of: ":") else { return }
        let password = credentials[credentials.index(after: colon)...]
        // A port is none.
        guard end != nil || !password.prefix(while: \.isNumber).elementsEqual(password.prefix { $0 != "/" }) else {
            return
        }
        note(password)
        if let bytes = PercentCoding.decode(password) { note(String(decoding: bytes, as: UTF8.self)) }
    }

    /// An option of another program that takes a password, such as `redis-cli -a`.
    mutating func note(option: String, next: String?) {
        guard option.hasPrefix("-"), option != "--ask-password" else { return }
        let parts = option.split(separator: "=", maxSplits: 1)
        let name = (parts.first ?? "").lowercased()
        guard name == "-a" || ["pass", "auth", "secret"].contains(where: { name.contains($0) }) else { return }
        if parts.count > 1 { note(parts[1]) } else if let next, !next.hasPrefix("--") { note(next) }
    }

    /// A URL that was cut at the blanks of its password: it goes on up to an `@`.
    mutating func note(cut argument: String, next: ArraySlice<String>) {
        guard let scheme = argument.firstRange(of: "://"), !argument.contains("@"),
            argument[scheme.upperBound...].contains(":"),
            let last = next.prefix(8).firstIndex(where: { $0.contains("@") })
        else { return }
        note(argument)
        for word in next[...last] {
            note(word)
            if let at = word.lastIndex(of: "@") { note(word[..<at]) }
        }
    }
}
