extension SecretFilter {
    /// Variables of the environment that hold a password of ours, or of programs like this one.
    public static let passwordVariables: Set = [
        "REDIS_PASSWORD", "REDIS_SENTINEL_PASSWORD", "REDIS_TWIN_PASSWORD", "REDISCLI_AUTH", "VALKEYCLI_AUTH",
    ]

    /// Knows what is secret in a command line and its environment, also where it was mistyped.
    ///
    /// - Parameter commands: words that are meant wherever they stand.
    public init(arguments: [String], environment: [String: String], commands: Set<String> = []) {
        var found = FoundSecrets()
        for name in Self.passwordVariables { if let value = environment[name] { found.note(value) } }
        if let url = environment["REDIS_URL"] { found.note(url: url) }
        for (index, argument) in arguments.enumerated() {
            let next = arguments.dropFirst(index + 1)
            found.note(url: argument)
            found.note(option: argument, next: next, commands: commands)
            found.note(cut: argument, next: next)
        }
        self.init(secrets: found.secrets, suspects: found.suspects)
    }
}

private struct FoundSecrets {
    private(set) var secrets: Set<String> = []
    /// What may be a secret, and may be meant.
    private(set) var suspects: Set<String> = []

    mutating func note(_ secret: some StringProtocol) {
        secrets.insert(String(secret))
        var words = Substring(secret)
        while let last = words.last, last.isWhitespace { words.removeLast() }
        secrets.insert(String(words))
    }

    /// Credentials of a URL, or in front of a host.
    mutating func note(url text: String) {
        let scheme = text.firstRange(of: "://")
        let rest = scheme.map { text[$0.upperBound...] } ?? text[...]
        let end = rest.lastIndex(of: "@")
        guard end != nil || scheme != nil else { return }
        let credentials = end.map { rest[..<$0] } ?? rest
        guard let colon = credentials.firstIndex(of: ":") else { return }
        let password = credentials[credentials.index(after: colon)...]
        // A port is none.
        guard end != nil || !password.prefix(while: \.isNumber).elementsEqual(password.prefix { $0 != "/" }) else {
            return
        }
        note(password: password)
        guard scheme == nil else { return }
        // A scheme that was mistyped, such as `redis//` or `redis:/`, ends in a colon, too.
        for index in password.indices where password[index] == ":" {
            note(password: password[password.index(after: index)...])
        }
    }

    private mutating func note(password: Substring) {
        guard !password.isEmpty else { return }
        var forms = [String(password)]
        if let bytes = PercentCoding.decode(password) { forms.append(String(decoding: bytes, as: UTF8.self)) }
        for form in forms {
            note(form)
            // However short it is, and whatever it means: here it is one.
            secrets.insert(":\(form)@")
        }
    }

    /// An option, ours or another program's, that takes a password, such as `redis-cli -a`, or seems to take one.
    mutating func note(option: String, next: ArraySlice<String>, commands: Set<String>) {
        guard option.hasPrefix("-") else { return }
        let parts = option.split(separator: "=", maxSplits: 1)
        let name = (parts.first ?? "").lowercased()
        if name == "-u" {
            // As curl has it: a user, a colon, a password.
            guard let value = next.first, let colon = value.firstIndex(of: ":") else { return }
            suspects.formUnion([value, String(value[value.index(after: colon)...])])
        } else if name == "--ask-password" {
            if parts.count > 1 { note(value: parts[1], of: option) }
            // It is asked for, and takes none: what follows may belong to the command.
            for word in next {
                guard !word.hasPrefix("-"), !commands.contains(word) else { break }
                suspects.insert(word)
            }
        } else if name == "-a" || Self.names.contains(where: name.contains) || name.hasPrefix("--pw") {
            if parts.count > 1 {
                note(value: parts[1], of: option)
            } else if let next = next.first, !next.hasPrefix("--") {
                note(next)
            }
        } else if name == "-p" || name.hasSuffix("token") {
            if parts.count > 1 {
                note(value: parts[1], of: option)
            } else if let next = next.first {
                suspects.insert(next)
            }
        } else if name.hasPrefix("-p") || name.hasPrefix("-a"), option.dropFirst(2).contains(where: { !$0.isLetter }) {
            // Without a blank.
            suspects.formUnion([option, String(option.dropFirst(2))])
        }
    }

    private mutating func note(value: Substring, of option: String) {
        note(value)
        suspects.insert(option)
    }

    private static let names = ["pass", "pwd", "auth", "secret", "cred"]

    /// A URL, or what stands in front of a host, that was cut at the blanks of its password: it goes on up to an `@`.
    mutating func note(cut argument: String, next: ArraySlice<String>) {
        let scheme = argument.firstRange(of: "://")
        let start = scheme?.upperBound ?? argument.startIndex
        guard !argument.contains("@"), scheme != nil || !argument.hasPrefix("-"), argument[start...].contains(":"),
            let last = next.prefix(8).firstIndex(where: { $0.contains("@") })
        else { return }
        var words = [argument]
        for word in next[...last] {
            words.append(word)
            if let at = word.lastIndex(of: "@") { words.append(String(word[..<at])) }
        }
        if scheme != nil { for word in words { note(word) } } else { suspects.formUnion(words) }
    }
}
