import RedisValues
import Testing

@Suite struct ClientListTests {
    private func entries(_ text: String) -> [ClientEntry] { ClientListParser.parse(Array(text.utf8)).entries }

    @Test func aLineOfRedisSeven() throws {
        let line =
            "id=7 addr=10.0.3.7:51234 laddr=10.0.0.5:6379 fd=8 name=checkout-1 age=86 idle=3 flags=N db=2 sub=0 psub=0 ssub=0 multi=-1 qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=22298 events=r cmd=client|list user=shop redir=-1 resp=2 lib-name=jedis lib-ver=5.1\n"
        let entry = try #require(entries(line).first)
        #expect(entry.id == 7 && entry.address == "10.0.3.7:51234" && entry.host == "10.0.3.7")
        #expect(entry.name == "checkout-1" && entry.user == "shop" && entry.library == "jedis")
        #expect(entry.age == 86 && entry.idle == 3 && entry.database == 2 && entry.command == "client|list")
        #expect(entry.outputBuffer == 0 && entry.memory == 22298 && entry.totalCommands == nil)
        #expect(entry.other["laddr"] == "10.0.0.5:6379" && entry.kind == .client)
    }

    @Test(arguments: [
        ("[::1]:4000", "::1"), ("/tmp/r.sock:0", "/tmp/r.sock"), ("[/tmp/r.sock:0]:0", "/tmp/r.sock:0"),
        ("10.0.0.1:1", "10.0.0.1"), ("", ""), (":0", ""),
    ])
    func addressesHaveHosts(address: String, host: String) {
        #expect(entries("id=1 addr=\(address)").first?.host == host)
    }

    @Test func pathOfASocketMayHoldABlank() {
        let entry = entries("id=1 addr=/tmp/my sock:0 laddr=/tmp/my sock:0 name= age=4").first
        #expect(entry?.address == "/tmp/my sock:0" && entry?.name == "" && entry?.age == 4)
    }

    @Test(arguments: [
        ("N", ClientEntry.Kind.client), ("S", .replica), ("SO", .monitor), ("O", .monitor), ("M", .primary),
        ("P", .subscriber), ("", .client),
    ])
    func flagsTellWhoItIs(flags: String, kind: ClientEntry.Kind) {
        #expect(entries("id=1 addr=a:1 flags=\(flags)").first?.kind == kind)
    }

    @Test(arguments: [
        ("sentinel-6f1c0c2b-cmd", ClientEntry.Kind.sentinel), ("sentinel-6f1c0c2b-pubsub", .sentinel),
        ("sentinel-of-shop", .client), ("checkout", .client),
    ])
    func sentinelsAreKnownByTheirNames(name: String, kind: ClientEntry.Kind) {
        #expect(entries("id=1 addr=a:1 name=\(name) flags=N").first?.kind == kind)
    }

    /// What is known and of no use is not kept ten thousand times; what is not known is.
    @Test func unknownFieldsAreKept() {
        let entry = entries("id=1 addr=a:1 fd=8 qbuf=26 resp=3 io-thread=2 capa=r events=r").first
        #expect(entry?.other == ["io-thread": "2", "capa": "r"])
    }

    /// Whatever a server sends is text without commands for a terminal, bounded, and never a trap.
    @Test func hostileLinesAreEscapedOrLeftOut() {
        let result = ClientListParser.parse(
            Array(
                "id=x addr=a:1\naddr=a:1\nid=2\n\n=\nid=3 addr=a\u{1b}[2J:1 name=\u{7} age=-5 idle=99999999999999999999 omem=-1\n"
                    .utf8))
        #expect(result.leftOut == 4 && result.entries.count == 1)
        let entry = result.entries[0]
        #expect(entry.address == "a\\x1b[2J:1" && entry.name == "\\x07" && entry.age == 0 && entry.idle == nil)
        let many = String(repeating: "id=1 addr=a:1\n", count: 100_010)
        let bounded = ClientListParser.parse(Array(many.utf8))
        #expect(bounded.entries.count == 100_000 && bounded.leftOut == 10)
    }
}
