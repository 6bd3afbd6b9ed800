import RedisValues
import Testing

@Suite struct NodeNameTests {
    @Test(arguments: [
        ("cache-1:6379", "cache-1:6379"), ("Cache-1.Example.COM:1", "cache-1.example.com:1"),
        ("my_redis:65535", "my_redis:65535"), ("10.0.0.5:6379", "10.0.0.5:6379"), ("a:06379", "a:6379"),
        ("[::1]:6379", "[::1]:6379"), ("::1:6379", "[::1]:6379"), ("fd00::5:6379", "[fd00::5]:6379"),
        ("FD00:0:0::0005:6379", "[fd00::5]:6379"), ("[fd00:0:0:0:0:0:0:5]:6379", "[fd00::5]:6379"),
        ("fe80::1%eth0:6379", "[fe80::1%eth0]:6379"), ("::ffff:10.0.0.5:6379", "[::ffff:10.0.0.5]:6379"),
        (":::6379", "[::]:6379"),
    ])
    func everySpellingHasOneName(_ text: String, _ name: String) throws {
        let read = try NodeName(text)
        #expect(read.description == name)
        #expect(try NodeName(read.description) == read)
        #expect(try NodeName(announced: Array(text.utf8)) == read)
    }

    @Test(arguments: [
        ("", NodeNameError.noPort), ("cache-1", .noPort), ("cache-1:", .badPort), (":6379", .noHost),
        ("[]:1", .badHost),
        ("cache-1:0", .badPort), ("cache-1:65536", .badPort), ("cache-1:-1", .badPort), ("cache-1:+1", .badPort),
        ("127.0.0.1:tunnel", .badPort), ("a:1 ", .badPort), ("a:\u{0661}", .badPort),
        ("a:99999999999999999999", .badPort),
        ("?:6379", .unknownHost), ("a b:1", .badHost), ("a/b:1", .badHost), ("redis://a:1", .badHost),
        ("é:1", .badHost),
        ("\u{1b}[2J:1", .badHost), ("1:2:3", .badHost), ("fd00::5::1:1", .badHost), ("[cache-1]:6379", .badHost),
        ("[::1:6379", .badHost), ("[::1]6379", .badPort), ("::1%:6379", .badHost), ("::10.0.0.256:1", .badHost),
        ("default:geheim123@10.0.0.5:6379", .credentials), ("10.0.0.5:6379@16379", .credentials), ("@", .credentials),
    ])
    func whatNamesNoNodeIsRefused(_ text: String, _ error: NodeNameError) {
        #expect(throws: error) { try NodeName(text) }
        // A node may leave out its host, but nothing else.
        if error != .noHost { #expect(throws: error) { try NodeName(announced: Array(text.utf8)) } }
        for word in ["geheim", "default", "tunnel"] { #expect(!error.description.contains(word)) }
    }

    @Test func whatIsTooLongOrNoTextIsRefused() {
        #expect(throws: NodeNameError.badHost) { try NodeName(String(repeating: "a", count: 300) + ":1") }
        #expect(throws: NodeNameError.badHost) { try NodeName(announced: [UInt8](repeating: 0x61, count: 1 << 20)) }
        #expect(throws: NodeNameError.badHost) { try NodeName(announced: [0xff, 0x3a, 0x31]) }
    }

    @Test(arguments: [
        ("cache-1", "cache-1:7000"), ("cache-1:1", "cache-1:1"), ("10.0.0.5", "10.0.0.5:7000"), ("::1", "[::1]:7000"),
        ("[::1]", "[::1]:7000"), ("[::1]:1", "[::1]:1"), ("fd00::5:1", "[fd00::5]:1"),
    ])
    func portMayBeLeftOutWhereThereIsAUsualOne(_ text: String, _ name: String) throws {
        #expect(try NodeName(text, defaultPort: 7000).description == name)
    }

    @Test(arguments: ["", ":1", "cache-1:", "cache-1:x", "?", "a@b", "1:2:3"])
    func usualPortMakesNothingElseRight(_ text: String) {
        #expect(throws: NodeNameError.self) { try NodeName(text, defaultPort: 7000) }
    }

    /// A node that does not know its own host leaves it out: it is reached where it was asked.
    @Test func hostThatIsLeftOutIsThatOfWhoAnnouncesIt() throws {
        let asked = try NodeName("10.0.0.4:6379")
        #expect(try NodeName(announced: Array(":6381".utf8)).announced(by: asked).description == "10.0.0.4:6381")
        #expect(try NodeName(announced: Array("b:6381".utf8)).announced(by: asked).description == "b:6381")
    }

    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"), ("2001:DB8::1", "2001:db8::1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("::FFFF:192.0.2.33", "::ffff:192.0.2.33"), ("fe80::1%eth0.1", "fe80::1%eth0.1"),
    ])
    func addressHasOneSpelling(_ text: String, _ address: String) {
        #expect(IPv6Address(text)?.description == address)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "+1::", "::1.2.3",
        "::1.2.3.4.5", "1.2.3.4::", "::1..2.3", "1:2:3:4:5:6:7:8::", "::%", "::1%a b", "[::1]", "1.2.3.4", ":1::2",
        "1:",
        "1:2:3:4:5:6:7:1.2.3.4",
    ])
    func whatIsNotAnAddressIsNone(_ text: String) { #expect(IPv6Address(text) == nil) }
}

@Suite struct AddressMapTests {
    @Test func keysAreComparedByWhatTheyMean() throws {
        let map = try AddressMap(["FD00:0::5:6379": "127.0.0.1:16379", "Cache-1:6379": "[::1]:7000"])
        #expect(map[try NodeName("[fd00::5]:6379")].description == "127.0.0.1:16379")
        #expect(map[try NodeName("cache-1:6379")].description == "[::1]:7000")
        #expect(map[try NodeName("cache-2:6379")].description == "cache-2:6379")
        #expect(AddressMap()[try NodeName("a:1")] == (try NodeName("a:1")))
    }

    @Test func whatCannotBeReadIsRefusedAndNotRepeated() throws {
        let tunnel = #expect(throws: AddressMapError.self) { try AddressMap(["10.0.0.5:6379": "127.0.0.1:tunnel"]) }
        #expect(tunnel == .value(of: try NodeName("10.0.0.5:6379"), .badPort))
        #expect(
            tunnel?.description == "what 10.0.0.5:6379 is mapped to has a port that is not a number from 1 to 65535")
        let secret = #expect(throws: AddressMapError.self) { try AddressMap(["u:geheim@a:1": "b:1"]) }
        #expect(secret == .key(.credentials))
        #expect(secret?.description.contains("geheim") == false)
    }

    @Test func twoSpellingsOfANodeMustAgree() throws {
        #expect(throws: AddressMapError.twice(try NodeName("[::1]:1"))) {
            try AddressMap(["::1:1": "a:1", "[::1]:1": "b:1"])
        }
        #expect(throws: Never.self) { try AddressMap(["::1:1": "a:1", "[::1]:1": "A:1"]) }
    }
}
