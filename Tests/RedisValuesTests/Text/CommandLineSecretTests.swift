import RedisValues
import Testing

/// A password of any signs, in every place of a command line and its environment, in the words of the parser that
/// complains about it.
@Suite struct CommandLineSecretTests {
    /// `PW` stands for it.
    private static let places: [[String]] = [
        ["redis://app:PW@h:1"], ["app:PW@h:1"], [":PW@h"], ["redis//:PW@h"], ["redis//app:PW@h"], ["redis:/app:PW@h"],
        ["redis:app:PW@h:1"], ["http:///x:PW@h"], ["keys", "admin:PW@db"], ["--config", "admin:PW@h"],
        ["--url", "redis://:PW@h"], ["--url=rediss://app:PW@h"], ["--sentinel", "app:PW@h:1"], ["--theme", "app:PW@h"],
        ["--ask-password", "PW"], ["--ask-password=PW"], ["-a", "PW"], ["--pass", "PW"], ["--password=PW"],
        ["--pw", "PW"], ["--pwd", "PW"], ["--auth", "PW"], ["--credentials", "PW"], ["--cred=PW"], ["-p", "PW"],
        ["-u", "app:PW"], ["unix://app:PW@/run/r.sock"], ["redis-sentinel://app:PW@a:1,b:2/shop"],
        ["revoke", "--user", "redis://:PW@h"], ["--nodes", "a:1,app:PW@b:2"],
    ]

    /// As the parser of the command line complains.
    private static func complaints(about arguments: [String]) -> [String] {
        let last = arguments.last ?? ""
        let quoted = arguments.map { "'\($0)'" }.joined(separator: ", ")
        let words = [
            "Unexpected argument '\(last)'", "\(arguments.count) unexpected arguments: \(quoted)",
            "The value '\(last)' is invalid for '--format <format>'", "Unknown option '\(last)'",
            "there is no namespace \"\(last)\"",
        ]
        return words + words.map { Printable.escapeControls($0) }
    }

    private static func isKept(_ password: String, _ arguments: [String], commands: Set<String> = ["keys"]) -> String? {
        let filter = SecretFilter(arguments: arguments, environment: [:], commands: commands)
        let parts = password.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).map(String.init)
        return complaints(about: arguments).map(filter.redact).first { shown in
            parts.contains { $0.count > 2 && shown.contains($0) } || shown.contains(":\(password)@")
        }
    }

    @Test(arguments: places) func everySignMayBeInAPassword(place: [String]) {
        for byte in UInt8(0x20)...0x7e {
            let password = "geheim\(Character(UnicodeScalar(byte)))wort"
            let shown = Self.isKept(password, place.map { $0.replacing("PW", with: password) })
            #expect(shown == nil, "\(password.debugDescription): \(shown ?? "")")
        }
    }

    /// Letters alone, digits alone, short ones, those that look like a host or a port.
    @Test(arguments: places) func everyPasswordIsOne(place: [String]) {
        for password in ["secret", "abc", "x", "12345", "6379", "pässwörd", "flush", "aVeryLongOneIndeed", "h:6379"] {
            let arguments = place.map { $0.replacing("PW", with: password) }
            let shown = Self.isKept(password, arguments)
            #expect(shown == nil, "\(arguments): \(shown ?? "")")
        }
    }

    /// A shell has cut it at its blanks.
    @Test(arguments: [
        ["redis://app:geheim", "wort@h:1"], ["app:geheim", "wort@h:1"], ["--ask-password", "geheim", "wort"],
        ["--url=redis://:geheim", "und", "wort@h"], ["-phunter2geheim"], ["-a123geheim"],
    ])
    func partsOfAPasswordAreNotRepeated(arguments: [String]) {
        let shown = Self.isKept("geheim wort", arguments)
        #expect(shown == nil, "\(shown ?? "")")
    }

    /// What follows the option that takes none may be meant.
    @Test func whatIsMeantIsSaid() {
        func shown(_ words: String, _ arguments: [String]) -> String {
            SecretFilter(arguments: arguments, environment: [:], commands: ["flush", "keys"]).redact(words)
        }
        let flush = ["--ask-password", "flush", "session"]
        #expect(shown("flush session, 'flush' and \"session\"", flush) == "flush session, 'flush' and \"session\"")
        let undo = ["undo", "--ask-password", "/var/state/x-2026.journal"]
        #expect(shown("undone from /var/state/x-2026.journal", undo) == "undone from /var/state/x-2026.journal")
        #expect(shown("Unknown option '-pace'", ["-pace", "fast"]) == "Unknown option '-pace'")
        #expect(shown("'a:b' has no user", ["keys", "a:b"]) == "'a:b' has no user")
        #expect(
            shown("at cache-1:6379 as app@cache-1", ["--url", "redis://app@cache-1:6379"]).contains("cache-1:6379"))
        #expect(
            shown("admin:secret@db is no namespace", ["keys", "admin:secret@db"]) == "admin:***@db is no namespace")
    }

    @Test func theEnvironmentsOfOthersAreKnown() {
        for name in [
            "REDIS_PASSWORD", "REDIS_SENTINEL_PASSWORD", "REDIS_TWIN_PASSWORD", "REDISCLI_AUTH", "VALKEYCLI_AUTH",
        ] {
            #expect(SecretFilter(arguments: [], environment: [name: "geheim-7"]).redact("x geheim-7") == "x ***")
        }
        let filter = SecretFilter(arguments: [], environment: ["REDIS_URL": "redis://:gehe%20im@h"])
        #expect(filter.redact("a:gehe im@h, :gehe%20im@h") == "a:***@h, :***@h")
    }

    /// A token behind anything, and what only looks like one.
    @Test(arguments: [
        ("BearereyJhbGciOiJIUzI1NiJ9.e30.sig", "Bearer***"), ("token_eyJhbGciOiJIUzI1NiJ9", "token_***"),
        ("heyJackTheRipper", "heyJackTheRipper"), ("keyJohnMcGregor12", "keyJohnMcGregor12"),
        ("Authorization: Bearer  abcdef123456", "Authorization: Bearer  ***"),
        ("bearer\tabcdef123456;", "bearer\t***;"), ("Cookie: a=1; t=eyJhbGciOiJIUzI1NiJ9", "Cookie: a=1; t=***"),
    ])
    func tokensAreMasked(text: String, redacted: String) { #expect(SecretFilter.redact(text) == redacted) }
}
