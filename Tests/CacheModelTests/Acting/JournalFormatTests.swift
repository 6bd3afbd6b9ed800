import CacheModel
import Support
import Testing

@Suite struct JournalFormatTests {
    private let header = JournalHeader(
        id: 0x0123_4567_89ab_cdef, kind: .flush, scope: "session", target: "redis://***@h:1/0", database: 3,
        runID: "abc", software: "redis 7.0.15", startedAt: WallTime(milliseconds: 1_700_000_000_123))
    private let entries = [
        JournalEntry(key: Array("session:1".utf8), lifetime: 60_000, change: .removed(dump: [0, 1, 2, 255])),
        JournalEntry(key: [0, 255, 10], lifetime: nil, change: .removed(dump: [])),
        JournalEntry(key: [], lifetime: 0, change: .expires(at: 1_700_000_000_456)),
    ]

    @Test(arguments: [
        ("redis://***@h:1/0", "redis://h:1/0"), ("redis://h:1/0", "redis://h:1/0"), ("?", nil), ("", nil),
        ("unix:///run/r.sock?db=0", "unix:///run/r.sock?db=0"),
        ("redis-cluster://a:1,b:1/0", "redis-cluster://a:1,b:1/0"),
    ])
    func theServerIsNamedWithoutItsSecrets(target: String, expected: String?) {
        var header = header
        header.target = target
        #expect(header.url == expected)
    }

    @Test func checksumIsTheUsualOne() {
        #expect(Checksum.of(Array("123456789".utf8)) == 0xcbf4_3926)
        #expect(Checksum.of([]) == 0)
        // The same in parts, however they are cut.
        let bytes = (0..<100).map { UInt8($0 * 7 % 251) }
        for cut in 0...bytes.count {
            var checksum = Checksum()
            checksum.add(Array(bytes[..<cut]).span)
            checksum.add(Array(bytes[cut...]).span)
            #expect(checksum.value == Checksum.of(bytes))
        }
    }

    @Test func blocksComeBackAsTheyWere() throws {
        let payload = JournalFormat.payload(entries, takenAt: WallTime(milliseconds: 42))
        let block = JournalFormat.block(.entries, sequence: 7, id: header.id, payload: payload)
        let frame = try JournalFormat.frame(Array(block.prefix(JournalFormat.frameLength)), block: 7)
        #expect(frame.kind == .entries && frame.id == header.id && frame.length == payload.count)
        let rest = Array(block.dropFirst(JournalFormat.frameLength))
        try JournalFormat.verify(frame, rest)
        let (takenAt, read) = try JournalFormat.entries(rest, block: 7)
        #expect(takenAt == WallTime(milliseconds: 42))
        #expect(read == entries)
    }

    @Test func withdrawnPlacesComeBack() throws {
        let places = [JournalPlace(sequence: 3, index: 7), JournalPlace(sequence: 4_000_000_000, index: 0)]
        let payload = JournalFormat.payload(withdrawn: places)
        #expect(try JournalFormat.withdrawn(payload, block: 1) == places)
        for length in 0..<payload.count {
            #expect(throws: JournalProblem.damaged(block: 1)) {
                try JournalFormat.withdrawn(Array(payload.prefix(length)), block: 1)
            }
        }
    }

    /// A journal from before prefixes could be flushed, and keys be removed for good.
    @Test func oldHeadsAreRead() throws {
        let old = """
            {"kind":"flush","scope":"session","target":"redis://h:1/0","database":0,"run_id":"r","software":"redis 7.0.15",\
            "started_at":"2026-11-22T14:32:10Z","started_at_ms":1795357930000,"servers":[]}
            """
        let payload = Array(old.utf8)
        let block = JournalFormat.block(.header, sequence: 0, id: 7, payload: payload)
        let frame = try JournalFormat.frame(Array(block.prefix(JournalFormat.frameLength)), block: 0)
        let read = try JournalFormat.header(frame, payload)
        #expect(read.scope == "session" && read.kind == .flush && read.forGood.isEmpty && read.runID == "r")
        #expect(read.forGoodOthers == 0)
        var new = header
        new.scope = "prefix reco:home:"
        new.forGood = [NotedKey(key: "reco:home:giant", bytes: 196 << 20)]
        new.forGoodOthers = 190
        let written = JournalFormat.block(
            .header, sequence: 0, id: new.id, payload: JournalFormat.payload(new))
        let again = try JournalFormat.header(
            JournalFormat.frame(Array(written.prefix(JournalFormat.frameLength)), block: 0),
            JournalFormat.payload(new))
        #expect(again == new)
    }

    /// Somebody may have made a journal by hand; what is read of it goes to a terminal.
    @Test func headsAreNotTrusted() throws {
        var wild = header
        (wild.scope, wild.target) = ("a\u{1b}[2J", "redis://\u{202e}h")
        let payload = JournalFormat.payload(wild)
        let block = JournalFormat.block(.header, sequence: 0, id: wild.id, payload: payload)
        let frame = try JournalFormat.frame(Array(block.prefix(JournalFormat.frameLength)), block: 0)
        let read = try JournalFormat.header(frame, payload)
        #expect(read.scope == #"a\x1b[2J"# && !read.target.unicodeScalars.contains("\u{202e}"))
    }

    @Test func headerComesBack() throws {
        let payload = JournalFormat.payload(header)
        let block = JournalFormat.block(.header, sequence: 0, id: header.id, payload: payload)
        let frame = try JournalFormat.frame(Array(block.prefix(JournalFormat.frameLength)), block: 0)
        #expect(try JournalFormat.header(frame, payload) == header)
    }

    @Test func everyFlippedBitIsNoticed() throws {
        let payload = JournalFormat.payload(entries, takenAt: WallTime(milliseconds: 42))
        let block = JournalFormat.block(.entries, sequence: 7, id: header.id, payload: payload)
        for index in block.indices {
            for bit in 0..<8 {
                var damaged = block
                damaged[index] ^= 1 << UInt8(bit)
                #expect(throws: JournalProblem.self, "byte \(index), bit \(bit)") {
                    let frame = try JournalFormat.frame(Array(damaged.prefix(JournalFormat.frameLength)), block: 7)
                    try JournalFormat.verify(frame, Array(damaged.dropFirst(JournalFormat.frameLength)))
                }
            }
        }
    }

    @Test func payloadsThatDoNotAddUpAreRefused() {
        let payload = JournalFormat.payload(entries, takenAt: WallTime(milliseconds: 42))
        for length in 0..<payload.count {
            #expect(throws: JournalProblem.damaged(block: 1)) {
                try JournalFormat.entries(Array(payload.prefix(length)), block: 1)
            }
        }
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            var wild = payload
            for _ in 0..<3 {
                wild[Int.random(in: 0..<wild.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = try? JournalFormat.entries(wild, block: 1)
        }
    }

    @Test func otherFilesAreToldApart() {
        #expect(throws: JournalProblem.cutShort(block: 0)) {
            try JournalFormat.check(magic: Array("CACHEWATCH JOURNAL 1".utf8))
        }
        #expect(throws: JournalProblem.notAJournal) { try JournalFormat.check(magic: Array("REDIS0011".utf8)) }
        #expect(throws: JournalProblem.otherVersion("2")) {
            try JournalFormat.check(magic: Array("CACHEWATCH JOURNAL 2\n".utf8))
        }
        #expect(throws: Never.self) { try JournalFormat.check(magic: JournalFormat.magic) }
    }
}
