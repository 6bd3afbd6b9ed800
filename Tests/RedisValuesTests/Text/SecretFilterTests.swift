import RedisValues
import Testing

@Suite struct SecretFilterTests {
    @Test(arguments: [
        ("--url redis://u:pw@h:1/0 is wrong", "--url redis://***@h:1/0 is wrong"),
        ("redis://:p@ss/w0rd@h", "redis://***@h"), ("redis://reader@h:1", "redis://reader@h:1"),
        ("no token 'eyJhbGciOiJIUzI1NiJ9.e30.sig' here", "no token '***' here"),
        ("--file=eyJhbGciOiJIUzI1", "--file=***"), ("/tmp/eyJhbGciOiJIUzI1 x", "/tmp/*** x"), ("eyJ", "eyJ"),
        ("session:keyJack", "session:keyJack"), ("https://example.org/a", "https://example.org/a"), ("", ""),
    ])
    func secretsAreTakenOut(text: String, redacted: String) {
        #expect(SecretFilter.redact(text) == redacted)
    }

    /// Whatever it holds, and however it was cut.
    @Test(arguments: [
        "redis://watcher:PW@cache-1:6379/0 is no URL", "'redis://:PW@h'", "\"rediss://u:PW@h\", please",
        "at valkey://u:PW@h, twice",
        "redis-sentinel://:PW@a:1,b:2/shop", "Unexpected argument 'redis://u:PW@h:1'",
    ])
    func passwordsOfAnySignsAreMasked(place: String) {
        for sign in ["'", "\"", " ", "`", "@", "/", "?", "#", "%", ":", "\n", "\t", ",", ";", "://", "[", "]", "@h:1 "]
        {
            let text = place.replacing("PW", with: "s3X" + sign + "Xcret")
            let shown = SecretFilter.redact(text)
            #expect(!shown.contains("s3X") && !shown.contains("Xcret"), "\(text.debugDescription): \(shown)")
            #expect(shown.contains("***@"))
        }
    }

    @Test(arguments: [
        "expected redis://[user][:password@]host[:port][/db], rediss://… or unix:///path.sock[?db=n]",
        "INFO Connecting to Redis at redis://***@h:6379/0...",
        "redis://[::1]:6379/0 refused, tell ops@shop.example: now",
        "redis://h:6379: connection refused (a@b:c)", "unix:///run/a.sock?db=0",
        "see https://example.org/a: it says so",
        "redis-cluster://a:1,b:2/0", "the key session:u@x.example is gone", "key eyelid, ewok and eyJ",
        "Basic words and bearer of news",
    ])
    func whatHoldsNoSecretStays(text: String) { #expect(SecretFilter.redact(text) == text) }

    @Test(arguments: [
        ("redis://u:s3cret", "redis://***"), ("redis://:s3cret?x y", "redis://*** y"),
        ("Bearer abcdef123456", "Bearer ***"),
        ("Authorization: Basic dXNlcjpwdw==", "Authorization: Basic ***"), ("x=%20eyJhbGciOiJIUzI1NiJ9", "x=%20***"),
        ("ewogICJhbGciOiAiSFMyNTYiCn0.eyJ9.x", "***"), ("eyAiYWxnIjogIkhTMjU2IiB9.e30.sig", "***"),
    ])
    func whatLooksLikeASecretIsMasked(text: String, redacted: String) { #expect(SecretFilter.redact(text) == redacted) }

    /// What this process was given is known, also where it was mistyped.
    @Test(
        arguments: [
            (["redis://u:s3X", "Xcret@h:1"], [:], "2 unexpected arguments: 'redis://u:s3X', 'Xcret@h:1'"),
            (["redis://u:6379", "Xcret", "more@h"], [:], "unexpected: 'redis://u:6379' 'Xcret' 'more@h'"),
            (["--url", "redis://u:6379 Xcret@h"], [:], "no such host: 6379 Xcret"),
            (["-a", "geheim"], [:], "Unexpected argument 'geheim'"),
            (["--pass=Xcret-1"], [:], "Unknown option '--pass=Xcret-1'"),
            (["--password", "geheim"], [:], "Unexpected argument \"geheim\""),
            ([], ["REDIS_PASSWORD": "Xcret-12\n"], "it said Xcret-12"),
            ([], ["REDIS_URL": "redis://:Xcret%2D12@h"], "it said Xcret-12"),
            ([], ["REDIS_SENTINEL_PASSWORD": "Xcret-12"], "it said Xcret-12"),
            ([], ["REDIS_TWIN_PASSWORD": "Xcret-12"], "it said Xcret-12"),
            (["app:Xcret-12@h:1"], [:], "Unexpected argument 'app:Xcret-12@h:1'"),
        ] as [([String], [String: String], String)])
    func whatIsKnownToBeSecretIsMasked(arguments: [String], environment: [String: String], words: String) {
        let shown = SecretFilter(arguments: arguments, environment: environment).redact(words)
        for part in ["s3X", "Xcret", "geheim", "6379", "more"] { #expect(!shown.contains(part), "\(shown)") }
    }

    @Test func wordsOfOursAreNoSecretsByThemselves() {
        let filter = SecretFilter(
            arguments: ["--ask-password", "keys", "--url", "redis://:session@h:6379/0"],
            environment: ["REDIS_PASSWORD": "redis"])
        #expect(filter.redact("redis: 3 keys of session at h:6379") == "redis: 3 keys of session at h:6379")
        #expect(filter.redact("Unexpected argument 'session'") == "Unexpected argument '***'")
        #expect(SecretFilter(secrets: ["", "***"]) == SecretFilter())
    }

    @Test func controlsAreWrittenOutAndBackslashesStay() {
        #expect(Printable.escapeControls("a\\b \u{1b}[2J\u{202e}") == #"a\b \x1b[2J\u{202e}"#)
    }
}

@Suite struct TargetNameTests {
    @Test(arguments: [
        ("redis://***@localhost:6379/0", "redis://127.0.0.1:6379/0"), ("rediss://Cache-1:1/2", "redis://cache-1:1/2"),
        ("unix:///run//redis/../redis/./r.sock?db=0", "unix://***@/run/redis/r.sock?db=0"),
        ("redis://[::1]:6379/0", "redis://LOCALHOST:6379/0"),
    ])
    func sameDatabase(left: String, right: String) { #expect(TargetName.areSame(left, right)) }

    @Test(arguments: [
        ("redis://h:6379/0", "redis://h:6379/1"), ("redis://h:6379/0", "redis://h:6380/0"),
        ("unix:///a?db=0", "unix:///b?db=0"), ("unix:///a?db=0", "unix:///a?db=1"), ("?", "redis://h:1/0"),
    ])
    func anotherOne(left: String, right: String) { #expect(!TargetName.areSame(left, right)) }

    /// What leads to whatever this machine puts behind it.
    @Test(arguments: [
        "redis://localhost:6379/0", "redis://***@127.0.0.1:6379/0", "rediss://[::1]:6380/2", "unix:///run/r.sock?db=0",
        "unix://***@/run/r.sock?db=0", "redis://127.8.8.8:1/0", "redis://LOCALHOST.:1/0", "redis://x.localhost:1/0",
        "redis://0.0.0.0:1/0", "redis://[::ffff:127.0.0.1]:1/0", "redis://:6379/0", "redis://[::]:1/0",
        "redis-sentinel://localhost:1,127.0.0.1:2/mymaster/0", "redis://[0:0:0:0:0:0:0:1]:1/0", "?",
    ])
    func namesOfNobody(target: String) { #expect(TargetName.namesNobody(target)) }

    @Test(arguments: [
        "redis://cache-1:6379/0", "redis://10.0.0.1:6379/0", "redis://localhost.example.org:1/0",
        "redis://[fe80::1]:1/0", "redis://[::ffff:10.0.0.1]:1/0", "redis-cluster://localhost:1,cache-2:1/0",
    ])
    func namesOfSomebody(target: String) { #expect(!TargetName.namesNobody(target)) }
}
