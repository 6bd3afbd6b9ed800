import Support
import Testing

@testable import CacheWire

/// URLs as other clients write them.
@Suite struct EndpointURLTests {
    @Test(arguments: [
        ("valkey://h", "redis://h:6379/0"), ("valkeys://h/2", "rediss://h:6379/2"), ("VALKEY://H", "redis://h:6379/0"),
        ("rediss://h", "rediss://h:6380/0"), ("redis+unix:///r.sock", "unix:///r.sock?db=0"),
        ("redis-socket:///r.sock?database=3", "unix:///r.sock?db=3"), ("valkey+unix:///r.sock", "unix:///r.sock?db=0"),
        // What files, templates and containers leave around it.
        ("redis://h:1/2\n", "redis://h:1/2"), (" redis://h:1/2\r\n", "redis://h:1/2"),
        ("\u{feff}redis://h", "redis://h:6379/0"),
        ("\"redis://:p@h\"", "redis://***@h:6379/0"), ("'redis://:p@h'\n", "redis://***@h:6379/0"),
        // Parameters that have one meaning.
        ("redis://h?db=2", "redis://h:6379/2"), ("redis://h/?db=2", "redis://h:6379/2"),
        ("redis://h/2?db=2", "redis://h:6379/2"),
        ("redis://h/?dbindex=2", "redis://h:6379/2"), ("redis://h?ssl=true", "rediss://h:6379/0"),
        ("redis://h?ssl=False", "redis://h:6379/0"), ("redis://h?tls=1&db=1", "rediss://h:6379/1"),
        ("redis://h/3/", "redis://h:6379/3"), ("redis://h?password=p", "redis://***@h:6379/0"),
        ("redis://h?username=u&password=p%26q", "redis://***@h:6379/0"),
        ("redis://u@h?password=p", "redis://***@h:6379/0"),
        ("redis://:@h", "redis://h:6379/0"), ("redis://h?&&db=1&", "redis://h:6379/1"),
    ])
    func urlsOfOtherClientsAreRead(url: String, target: String) throws {
        let read = try EndpointURL(url)
        #expect(read.endpoint.redacted == target)
        #expect(read.deployment == nil && read.leftAlone.isEmpty)
        #expect(try Endpoint(url: url) == read.endpoint)
    }

    @Test(arguments: [
        ("protocol=3", ["protocol"]), ("timeout=2s&db=2", ["timeout"]), ("socket_timeout=5", ["socket_timeout"]),
        ("pool_size=20&client_name=web", ["pool_size", "client_name"]),
        ("ssl_check_hostname=false", ["ssl_check_hostname"]),
        ("clientName=web&commandTimeout=5", ["clientName", "commandTimeout"]),
        ("health-check-interval=3", ["health-check-interval"]),
        ("keyPrefix=shop:", ["keyPrefix"]), ("ssl_cert_reqs=optional", ["ssl_cert_reqs"]),
        ("decode_responses", ["decode_responses"]),
        ("timeout=p%zz", ["timeout"]),
    ])
    func whatIsTheBusinessOfOthersIsLeftAloneByName(query: String, names: [String]) throws {
        let url = try EndpointURL("redis://h?\(query)")
        #expect(url.leftAlone == names)
        #expect(url.endpoint.name == "h:6379")
    }

    @Test func certificatesAreSaidAsOthersSayThem() throws {
        for text in [
            "ssl_cert_reqs=none", "ssl_cert_reqs=CERT_NONE", "skip_verify=true", "verifyPeer=NONE",
            "insecure_skip_verify=1",
        ] {
            #expect(try EndpointURL("rediss://h?\(text)").verifyCertificate == false, "\(text)")
        }
        #expect(try EndpointURL("rediss://h?ssl_cert_reqs=required").verifyCertificate == true)
        #expect(try EndpointURL("rediss://h").verifyCertificate == nil)
        let files = try EndpointURL("rediss://h?ssl_ca_certs=%2Fca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem")
        #expect(files.caFile == "/ca.pem" && files.certificateFile == "/c.pem" && files.keyFile == "/k.pem")
        #expect(try EndpointURL("rediss://h?ssl_certfile=/both.pem").keyFile == "/both.pem")
    }

    @Test(arguments: [
        (
            "redis-sentinel://a:1,b/shop/3",
            EndpointURL.Deployment.sentinel(service: "shop", nodes: ["a:1", "b:26379"]), "a:1", 3
        ),
        (
            "redis+sentinel://u:p@a,[::1]:2/shop", .sentinel(service: "shop", nodes: ["a:26379", "[::1]:2"]), "a:26379",
            0
        ),
        ("redis-sentinel://a,b/2#shop", .sentinel(service: "shop", nodes: ["a:26379", "b:26379"]), "a:26379", 2),
        ("redis-sentinel://a?sentinelMasterId=shop&db=1", .sentinel(service: "shop", nodes: ["a:26379"]), "a:26379", 1),
        ("valkey+sentinel://a/shop", .sentinel(service: "shop", nodes: ["a:26379"]), "a:26379", 0),
        ("redis-cluster://a,b:7000/0", .cluster(nodes: ["a:6379", "b:7000"]), "a:6379", 0),
        ("redis+cluster://:p@a:1,b:2?timeout=2s", .cluster(nodes: ["a:1", "b:2"]), "a:1", 0),
        ("rediss-cluster://a", .cluster(nodes: ["a:6380"]), "a:6380", 0),
    ])
    func deploymentsAreRead(url: String, deployment: EndpointURL.Deployment, first: String, database: Int) throws {
        let read = try EndpointURL(url)
        #expect(read.deployment == deployment)
        #expect(read.endpoint.name == first && read.endpoint.database == database)
        #expect(read.endpoint.usesTLS == url.hasPrefix("rediss"))
        #expect(throws: EndpointURLError.self) { try Endpoint(url: url) }
        // What our own reports print, and what they tell people to type.
        #expect(try EndpointURL(read.description).deployment == deployment)
        let typed = try EndpointURL(read.typed())
        #expect(typed.deployment == deployment && typed.endpoint.username == read.endpoint.username)
    }

    /// The sign in front of a zone has a meaning of its own in URLs: what we tell people to type can be typed.
    @Test(arguments: [
        "redis://[fe80::1%25eth0]:6379/2", "redis-cluster://[fe80::1%25eth0]:7000,b:7001/0",
        "redis-sentinel://[fe80::1%25eth0]:26379/shop/0",
    ])
    func zonesComeBack(url: String) throws {
        let read = try EndpointURL(url)
        #expect(read.typed() == url)
        let again = try EndpointURL(read.typed())
        #expect(again.endpoint == read.endpoint && again.deployment == read.deployment)
        #expect(read.endpoint.name.hasPrefix("[fe80::1%eth0]:"))
    }

    @Test(arguments: [
        ("redis://a:1,b:2", "several hosts"), ("redis://h/1?db=2", "two databases"),
        ("redis://h?db=1&db=2", "two values"),
        ("redis://h?db=1&database=2", "two values"), ("rediss://h?ssl=false", "asks for TLS"),
        ("redis://h?ssl=maybe", "neither true nor false"),
        ("redis://:p@h?password=q", "a password in two places"), ("redis://u@h?username=u", "a user in two places"),
        ("redis://h?addr=b:1", "\"addr\" is not understood"), ("redis://h?master_name=m", "redis-sentinel://"),
        ("redis://h?redis_cluster=1", "--cluster"), ("redis://h?virtual_host=3", "write db"),
        ("redis://h?auth=x", "write user:password@"),
        ("redis://h?x=1", "parameter \"x\" is not known"), ("redis://h?db", "database"),
        ("redis://h?db=+1", "database"), ("redis://h/1/2", "more than a database"),
        ("redis://h?ssl_keyfile=/k", "no certificate"),
        ("redis://h?ssl_cert_reqs=perhaps", "neither none nor required"),
        ("redis-sentinel://a", "names no service"), ("redis-sentinel://a/0", "a number stands"),
        ("redis-sentinel://a/a%20b", "no blanks"),
        ("redis-sentinel://a/shop/0/x", "more than a database"), ("redis-cluster://a/shop", "database"),
        ("sentinel://a", "scheme \"sentinel\""),
        ("redis+tls://h", "scheme \"redis+tls\""), ("tcp://h", "scheme \"tcp\""),
        ("redis://h#x", "neither a name nor an address"), ("redis://h x", "blank"),
        ("redis://a!b", "neither a name nor an address"), ("redis://%2Frun%2Fr.sock", "neither a name nor an address"),
        ("redis://[::1]x", "only :port"),
        ("redis://[::g]", "neither a name nor an address"), ("redis://h:+1", "port"), ("redis://h:", "port"),
        ("redis://a,,b", "several"), ("", "no scheme"), ("\"\"", "no scheme"),
        ("redis:/h", "no scheme"), ("redis//h", "no scheme"), ("redis-cli -u redis://h", "is not known"),
        ("REDIS_URL=redis://h", "is not known"),
    ])
    func whatHasNoOneMeaningIsRefusedByName(url: String, words: String) {
        let error = #expect(throws: EndpointURLError.self) { try EndpointURL(url) }
        #expect(error?.message.contains(words) == true, "\(url): \(error?.message ?? "")")
    }

    // MARK: secrets

    /// Any password of any signs, encoded, is read back, and printed nowhere.
    @Test func anyPasswordIsReadBackAndPrintedNowhere() throws {
        var generator = SeededGenerator(seed: 59)
        let signs: [String] =
            "\"' ?#/@%:&=+,;!$()*[]{}<>\\|^`~\n\r\t\0€é😀\u{202e}\u{feff}".map { String($0) } + [
                "%40", "eyJ", "://", "a", "Z", "0",
            ]
        for _ in 0..<600 {
            let middle = (0..<Int.random(in: 0..<12, using: &generator)).map { _ in
                signs.randomElement(using: &generator) ?? ""
            }
            let password = "S3" + middle.joined() + "cr3T"
            let lower = Bool.random(using: &generator)
            let encoded = password.utf8.map { byte in
                let digits = String(byte, radix: 16, uppercase: !lower)
                return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }.joined()
            for url in [
                "redis://:\(encoded)@h:1/2", "rediss://app:\(encoded)@[::1]", "unix://:\(encoded)@/r.sock?db=1",
                "redis-cluster://:\(encoded)@a,b", "redis-sentinel://:\(encoded)@a/shop",
                "redis://h?password=\(encoded)",
            ] {
                let read = try EndpointURL(url)
                #expect(read.endpoint.password?.reveal() == password)
                for text in Self.printed(read) + Self.printed(read.endpoint) + [
                    read.typed(), read.endpoint.typed, read.endpoint.redacted,
                ] {
                    #expect(!text.contains("S3") && !text.contains("cr3T") && !text.contains(encoded), "\(text)")
                }
            }
        }
    }

    /// As it is, unencoded and wherever it gets to: read, or refused without any part of it.
    @Test func noPartOfAPasswordIsInAnyComplaint() {
        var generator = SeededGenerator(seed: 11)
        let signs: [String] =
            "\"' ?#/@%:&=+,;![]{}\\\n\t".map { String($0) } + ["%4", "?db=", "?timeout=", "://", "a", "1"]
        let places = [
            "redis://:PW@h:1/0", "redis://app:PW@h", "redis://PW", "redis://app:PW", "redis://h:PW", "redis://h/PW",
            "redis://h?PW",
            "redis://h?db=PW", "redis://h#PW", "PW@h:1", "unix://:PW@/r.sock", "redis-cluster://:PW@a,b",
            "redis-sentinel://a/PW/PW",
            "redis-sentinel://:PW@a/shop", "redis://h?x=PW", "redis://a,PW", "redis://h?ssl=PW", "redis://h?timeout=PW",
            "PW", "redis+PW://h",
            "redis://[PW]", "redis://h?password=PW&password=x", "redis-cluster://a#PW",
        ]
        for _ in 0..<400 {
            func some() -> String {
                (0..<Int.random(in: 0..<5, using: &generator)).map { _ in signs.randomElement(using: &generator) ?? "" }
                    .joined()
            }
            let password = "hunTer2" + some() + "swOrd" + some()
            for place in places {
                do throws(EndpointURLError) {
                    let url = try EndpointURL(place.replacing("PW", with: password))
                    if url.endpoint.password != nil {
                        let printed = Self.printed(url).joined()
                        #expect(!printed.contains("hunTer2") && !printed.contains("swOrd"), "\(place) \(printed)")
                    }
                } catch {
                    #expect(!error.message.contains("hunTer2") && !error.message.contains("swOrd"), "\(error.message)")
                }
            }
        }
    }

    @Test func whoeverHoldsAnEndpointPrintsNoSecret() throws {
        struct Holder { var url: EndpointURL?, endpoints: [Endpoint] }
        let url = try EndpointURL("redis://app:geheim@h")
        for text in Self.printed(Holder(url: url, endpoints: [url.endpoint])) {
            #expect(!text.contains("geheim") && !text.contains("app"), "\(text)")
        }
    }

    static func printed(_ value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(reflecting: value), String(describing: Optional(value)), dumped]
    }
}
