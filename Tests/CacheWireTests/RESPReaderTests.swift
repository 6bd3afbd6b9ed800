import RedisValues
import Support
import Testing

@testable import CacheWire

@Suite struct RESPReaderTests {
    private static let stream =
        "*4\r\n$3\r\nfoo\r\n:-42\r\n*2\r\n+OK\r\n-ERR no\r\n$-1\r\n$0\r\n\r\n*0\r\n*-1\r\n:9223372036854775807\r\n"
    private static let values: [RESPValue] = [
        .array([
            .string(Array("foo".utf8)), .integer(-42),
            .array([.status(Array("OK".utf8)), .error(Array("ERR no".utf8))]), .null,
        ]),
        .string([]), .array([]), .null, .integer(.max),
    ]

    private func feed(_ reader: RESPReader, _ bytes: some Collection<UInt8>) {
        Array(bytes).withUnsafeBytes { reader.feed($0) }
    }

    private func drain(_ reader: RESPReader) throws -> [RESPValue] {
        var values: [RESPValue] = []
        while let value = try reader.next() { values.append(value) }
        return values
    }

    @Test func replySplitAtEveryByteIsHeldUntilComplete() throws {
        let bytes = Array(Self.stream.utf8)
        for split in 0...bytes.count {
            let reader = RESPReader()
            feed(reader, bytes[..<split])
            var values = try drain(reader)
            feed(reader, bytes[split...])
            values += try drain(reader)
            #expect(values == Self.values, "split at \(split)")
        }
    }

    @Test func replyByteByByte() throws {
        let reader = RESPReader()
        var values: [RESPValue] = []
        for byte in Self.stream.utf8 {
            feed(reader, [byte])
            values += try drain(reader)
        }
        #expect(values == Self.values)
    }

    @Test func stringsAreBytes() throws {
        let reader = RESPReader()
        feed(reader, Array("$4\r\n".utf8) + [0, 0xff, 0x0d, 0x0a] + Array("\r\n".utf8))
        #expect(try reader.next() == .string([0, 0xff, 0x0d, 0x0a]))
    }

    @Test(arguments: [
        "@x\r\n", "HTTP/1.1 400 Bad Request\r\n", "\u{16}\u{3}\u{1}", ":12a\r\n", "$x\r\n", "*x\r\n", "\r\n",
    ])
    func whatIsNotRESPIsAProtocolError(text: String) {
        let reader = RESPReader()
        feed(reader, text.utf8)
        let error = #expect(throws: CacheError.self) { _ = try drain(reader) }
        guard case .protocolError(let words) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!words.isEmpty)
    }

    /// Whatever hiredis itself can read: 0.14 gives up at nine levels, 1.x at none.
    @Test(arguments: [8, 9, 10, 200, 100_000])
    func nestingBeyondTheLimitIsAnErrorAndNoTrap(levels: Int) {
        let reader = RESPReader()
        feed(reader, (String(repeating: "*1\r\n", count: levels) + ":1\r\n").utf8)
        #expect(throws: CacheError.protocolError("arrays are nested deeper than 7 levels")) { _ = try drain(reader) }
    }

    /// hiredis 1.x reads them, 0.14 does not: to us they are an error either way, alone and within an array.
    @Test(arguments: [
        ",1.5\r\n", "#t\r\n", "_\r\n", "(12345678901234567890\r\n", "=7\r\ntxt:abc\r\n", "%1\r\n:1\r\n:2\r\n",
        "~1\r\n:1\r\n", ">1\r\n:1\r\n",
    ])
    func valuesOfRESP3AreAProtocolError(text: String) {
        for stream in [text, "*2\r\n:1\r\n" + text, "*1\r\n*2\r\n" + text + ":1\r\n"] {
            let reader = RESPReader()
            feed(reader, (stream + "+OK\r\n").utf8)
            let error = #expect(throws: CacheError.self, "\(stream)") { _ = try reader.advance(atMost: 2) }
            guard case .protocolError = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test func nestingBeyondTheParserIsAnErrorAndNoTrap() throws {
        let deep = RESPReader()
        feed(deep, (String(repeating: "*1\r\n", count: 200) + ":1\r\n").utf8)
        #expect(throws: CacheError.self) { _ = try drain(deep) }
        let shallow = RESPReader()
        feed(shallow, (String(repeating: "*1\r\n", count: 7) + ":1\r\n").utf8)
        #expect(try drain(shallow).count == 1)
    }

    @Test(arguments: ["$500000000\r\nabc", "*2\r\n:1\r\n$500000000\r\n", "*2147483647\r\n", "*1000000\r\n"])
    func hugeReplyIsRefusedWhenItIsAnnounced(text: String) {
        let reader = RESPReader(limits: ReplyLimits(bytes: 1 << 20, elements: 1000))
        feed(reader, text.utf8)
        let error = #expect(throws: CacheError.self) { _ = try drain(reader) }
        guard case .replyTooLarge = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func replyThatGrowsBeyondTheLimitIsRefused() {
        let reader = RESPReader(limits: ReplyLimits(bytes: 10_000, elements: 100_000))
        feed(reader, "*90000\r\n".utf8)
        let error = #expect(throws: CacheError.self) {
            for _ in 0..<90_000 {
                feed(reader, ":1\r\n".utf8)
                _ = try drain(reader)
            }
        }
        guard case .replyTooLarge = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Sixty megabytes of these would take a gigabyte of memory.
    @Test func emptyArraysAreRefusedByTheirNumber() throws {
        let part = Array("*1000000\r\n".utf8) + Array(repeatElement(Array("*0\r\n".utf8), count: 1_000_000).joined())
        let reader = RESPReader()
        feed(reader, "*14\r\n".utf8)
        feed(reader, part)
        #expect(try reader.next() == nil)
        feed(reader, part.prefix(10))
        #expect(throws: CacheError.replyTooLarge(2_000_014)) { _ = try reader.next() }
    }

    @Test func elementsAreCountedForEachReply() throws {
        let reader = RESPReader(limits: ReplyLimits(elements: 10))
        feed(reader, String(repeating: "*3\r\n*2\r\n:1\r\n:2\r\n*0\r\n*-1\r\n:7\r\n", count: 100).utf8)
        #expect(try drain(reader).count == 200)
        feed(reader, "*3\r\n*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n*4\r\n".utf8)
        #expect(throws: CacheError.replyTooLarge(11)) { _ = try drain(reader) }
    }

    @Test(arguments: ["$100\r\n" + String(repeating: "x", count: 100) + "\r\n", "*5\r\n*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n"])
    func repliesOfAFlightTogetherHaveALimit(text: String) throws {
        let limits = ReplyLimits(held: 10_000)
        let hoarder = RESPReader(limits: limits)
        feed(hoarder, String(repeating: text, count: 100).utf8)
        let error = #expect(throws: CacheError.self) { _ = try hoarder.advance(atMost: 100) }
        guard case .replyTooLarge(let size) = error, (10_001...10_200).contains(size) else {
            Issue.record("\(String(describing: error))")
            return
        }
        let reader = RESPReader(limits: limits)
        for _ in 0..<100 {
            feed(reader, String(repeating: text, count: 20).utf8)
            #expect(try reader.advance(atMost: 20).replies == 20)
            #expect(reader.takeArena().footprint > 2000)
        }
    }

    /// In memory values take many times their bytes on the wire.
    @Test func valuesTellWhatTheyTake() throws {
        let reader = RESPReader()
        feed(reader, "*3\r\n*0\r\n:1\r\n$3\r\nabc\r\n".utf8)
        _ = try reader.next()
        #expect(reader.taken >= 4 * MemoryLayout<RESPValue>.size + 3 && reader.taken < 1000)
    }

    /// A TTL of a day in milliseconds, cut before its line feed, looks like the length of a string.
    @Test func integerThatIsCutIsNoLength() throws {
        let stream = Array(":86077471000\r\n+86077471\r\n-86077471\r\n".utf8)
        for split in 0...stream.count {
            let reader = RESPReader()
            feed(reader, stream[..<split])
            var values = try drain(reader)
            feed(reader, stream[split...])
            values += try drain(reader)
            #expect(values.count == 3, "split at \(split)")
        }
    }

    @Test func flatRepliesAreTheSameOnes() throws {
        let bytes = Array((Self.stream + "-ERR at last\r\n").utf8)
        for split in 0...bytes.count {
            let reader = RESPReader()
            feed(reader, bytes[..<split])
            let first = try reader.advance(atMost: 100)
            feed(reader, bytes[split...])
            let second = try reader.advance(atMost: 100)
            #expect(first.replies + second.replies == 6)
            #expect(first.errors + second.errors == 1, "those within arrays are parts")
            let arena = reader.takeArena()
            var position = 0
            let values = (0..<6).map { _ in arena.value(at: &position) }
            #expect(values == Self.values + [.error(Array("ERR at last".utf8))], "split at \(split)")
            #expect(position == arena.nodes.count)
            #expect(arena.end(of: 0) == arena.nodes.count - 5)
            #expect(reader.takeArena().nodes.isEmpty)
        }
    }

    /// Other errors of ours do not hide what somebody else was denied.
    @Test func denialsAreCountedByTheirWords() throws {
        let reader = RESPReader()
        feed(reader, Array("-NOPERM a\r\n-ERR no such key\r\n-NOAUTH b\r\n-NOPERM c\r\n:1\r\n*1\r\n-NOPERM d\r\n".utf8))
        let read = try reader.advance(atMost: 6)
        #expect(read.errors == 4 && read.denials == ["NOPERM": 2, "NOAUTH": 1])
        let counter = TrafficCounter()
        counter.received(errors: read.errors, denials: read.denials)
        counter.received(error: Array("ERR x".utf8))
        counter.received(error: Array("WRONGPASS x".utf8))
        #expect(counter.total.errors == 6)
        #expect(counter.total.denials == ["NOPERM": 2, "NOAUTH": 1, "WRONGPASS": 1])
    }

    @Test func noMoreThanWantedIsRead() throws {
        let reader = RESPReader()
        feed(reader, Array(":1\r\n:2\r\n:3\r\n".utf8))
        #expect(try reader.advance(atMost: 2).replies == 2)
        #expect(reader.takeArena().nodes == [.integer(1), .integer(2)])
        #expect(try reader.next() == .integer(3))
    }

    @Test func manyRepliesDoNotAddUpToTheLimit() throws {
        let reader = RESPReader(limits: ReplyLimits(bytes: 1000, elements: 10))
        for _ in 0..<1000 {
            feed(reader, "$5\r\nhello\r\n".utf8)
            #expect(try drain(reader).count == 1)
        }
    }

    @Test func randomBytesNeverTrap() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("*$:+-0123456789\r\nabc".utf8) + [0, 0xff]
        var errors = 0
        for _ in 0..<3000 {
            let reader = RESPReader(limits: ReplyLimits(bytes: 4096, elements: 64))
            let bytes = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            feed(reader, bytes)
            do { _ = try drain(reader) } catch { errors += 1 }
        }
        #expect(errors > 1000)
    }
}
