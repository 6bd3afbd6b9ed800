import CacheWire
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("redis://cache-1", Endpoint(address: .tcp(host: "cache-1", port: 6379))),
        ("redis://", Endpoint(address: .tcp(host: "localhost", port: 6379))),
        ("redis://cache-1:7000/3", Endpoint(address: .tcp(host: "cache-1", port: 7000), database: 3)),
        ("rediss://cache-1/1", Endpoint(address: .tcp(host: "cache-1", port: 6380), usesTLS: true, database: 1)),
        ("redis://:p%40ss%2f@h", Endpoint(address: .tcp(host: "h", port: 6379), password: Secret("p@ss/"))),
        ("redis://u:a/b@h:1", Endpoint(address: .tcp(host: "h", port: 1), username: "u", password: Secret("a/b"))),
        ("redis://[::1]:6380/0", Endpoint(address: .tcp(host: "::1", port: 6380))),
        ("unix:///run/redis.sock", Endpoint(address: .unix(path: "/run/redis.sock"))),
        ("unix:///run/a%20b.sock?db=4", Endpoint(address: .unix(path: "/run/a b.sock"), database: 4)),
        ("unix://:pw@/run/redis.sock", Endpoint(address: .unix(path: "/run/redis.sock"), password: Secret("pw"))),
        // Credentials end at the last @ of all that follows the scheme.
        (
            "redis://:a@d/e@h?db=3",
            Endpoint(address: .tcp(host: "h", port: 6379), password: Secret("a@d/e"), database: 3)
        ),
        ("redis://:a%3Fb%23c@h", Endpoint(address: .tcp(host: "h", port: 6379), password: Secret("a?b#c"))),
        ("redis://:a://b@h", Endpoint(address: .tcp(host: "h", port: 6379), password: Secret("a://b"))),
        ("unix://:a/c@/r.sock?db=4", Endpoint(address: .unix(path: "/r.sock"), password: Secret("a/c"), database: 4)),
        ("unix:///run/a@b.sock", Endpoint(address: .unix(path: "/run/a@b.sock"))),
        ("unix:///run/a@/b.sock", Endpoint(address: .unix(path: "/run/a@/b.sock"))),
    ])
    func urlIsRead(url: String, expected: Endpoint) throws {
        #expect(try Endpoint(url: url) == expected)
    }

    @Test(arguments: [
        ("cache-1:6379", "no scheme"), ("http://x", "scheme \"http\""), ("redis://h:0", "port \"0\""),
        ("redis://h:65536", "port"), ("redis://h:x", "port \"x\""), ("redis://h/-1", "database"),
        ("redis://h/x", "database"),
        ("redis://::1:6379", "brackets"), ("redis://[::1", "not closed"), ("redis://h%zz", "hexadecimal"),
        ("redis://h%00", "hexadecimal"), ("unix://run/redis.sock", "no host"), ("unix://", "absolute path"),
        ("redis://h?x=1", "parameter \"x\""), ("redis://a b", "blank"), ("redis://h\u{1b}[31m", "control character"),
        ("redis://u:pw%ff@h", "UTF-8"), ("redis://:pw?x@h", "%3F"), ("redis://:pw#x@h", "%23"),
        ("unix://:pw?@/s", "%3F"),
    ])
    func wrongURLSaysWhatIsWrong(url: String, words: String) {
        let error = #expect(throws: EndpointURLError.self) { try Endpoint(url: url) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("pw") != true)
    }

    /// Wherever the password stands by mistake, no part of it is repeated.
    @Test(arguments: [
        "redis://:hunter2", "redis://app:hunter2", "redis://:hunter2@h:hunter2", "redis://:hunter2?x@h:1",
        "redis://app:pa?hunter2=x@h:1", "redis://:hunter2#x@h",
        "redis://h:1/0?x=hunter2@y", "unix://:hunter2?x@/a.sock",
        "redis://h/hunter2", "redis://h:1/0#hunter2", "redis://h?hunter2", "redis://h?hunter2=1",
        "redis://h?db=hunter2",
        "hunter2@h", "app:hunter2@h:6379", "hunter2://h", ":hunter2://x@h", "redis:hunter2@h", "redis://:hunter2%@h",
        "redis://:hunter2 x@h", "redis://:hunter2@[::1", "redis://:hunter2@a:b:c", "redis://[::1]hunter2",
        "redis://:hunter2@h?password=hunter2", "unix://:hunter2@run/redis.sock", "unix://hunter2",
        "unix:///a?db=hunter2", "unix:///a?hunter2", "rediss://:hunter2@h:99999", "redis://:hunter2@h/-1",
    ])
    func noPartOfAPasswordIsRepeated(url: String) {
        let error = #expect(throws: EndpointURLError.self) { try Endpoint(url: url) }
        #expect(error?.message.contains("hunter2") == false, "\(error?.message ?? "")")
    }

    @Test func redactedURLHidesUserAndPassword() throws {
        #expect(try Endpoint(url: "redis://u:pw@[::1]:1/2").redacted == "redis://***@[::1]:1/2")
        #expect(try Endpoint(url: "unix://:pw@/a.sock").redacted == "unix://***@/a.sock?db=0")
        #expect(try Endpoint(url: "redis://:pw@x/y@h").redacted == "redis://***@h:6379/0")
    }
}
