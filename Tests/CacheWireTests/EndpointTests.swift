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
        ("redis://u:pw%ff@h", "UTF-8"),
    ])
    func wrongURLSaysWhatIsWrong(url: String, words: String) {
        let error = #expect(throws: EndpointURLError.self) { try Endpoint(url: url) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("pw") != true)
    }

    @Test func redactedURLHidesUserAndPassword() throws {
        #expect(try Endpoint(url: "redis://u:pw@[::1]:1/2").redacted == "redis://***@[::1]:1/2")
        #expect(try Endpoint(url: "unix://:pw@/a.sock").redacted == "unix://***@/a.sock?db=0")
    }
}
