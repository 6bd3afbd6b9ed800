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
