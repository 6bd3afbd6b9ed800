import RedisValues
import Testing

@testable import Recording

/// What the system's tar makes of them is tried where files are written.
@Suite struct TarTests {
    private static let time = WallTime(seconds: 1_795_597_200)

    private static func field(_ header: [UInt8], _ offset: Int, _ length: Int) -> String {
        String(decoding: header[offset..<offset + length].prefix { $0 != 0 }, as: UTF8.self)
    }

    @Test func aHeaderSaysWhatAFileIsAndNothingOfWhoHasWrittenIt() throws {
        let header = try #require(Tar.header("a/README.txt", size: 1000, time: Self.time))
        #expect(header.count == Tar.block)
        let fields: [(offset: Int, length: Int, text: String)] = [
            (0, 100, "a/README.txt"), (100, 8, "0000600"), (108, 8, "0000000"), (116, 8, "0000000"),
            (124, 12, "00000001750"), (136, 12, "15301521620"), (156, 1, "0"), (157, 100, ""), (257, 6, "ustar"),
            (263, 2, "00"), (265, 32, ""), (297, 32, ""), (345, 155, ""),
        ]
        for (offset, length, text) in fields { #expect(Self.field(header, offset, length) == text, "\(offset)") }
        // The sum is made with blanks in its own place.
        let sum = header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        #expect(Int(Self.field(header, 148, 6), radix: 8) == sum && header[154] == 0 && header[155] == 0x20)
    }

    @Test func aFolderEndsWithASlash() throws {
        let header = try #require(Tar.header("a/", size: 0, time: Self.time))
        #expect(Self.field(header, 100, 8) == "0000700" && header[156] == UInt8(ascii: "5"))
        #expect(Tar.header("a/", size: 1, time: Self.time) == nil)
    }

    @Test func whatDoesNotFitIsRefused() {
        let hundred = String(repeating: "n", count: 100)
        #expect(Tar.header(hundred, size: 0, time: Self.time).map { Self.field($0, 0, 100) } == hundred)
        #expect(Tar.header(hundred + "n", size: 0, time: Self.time) == nil)
        #expect(Tar.header("", size: 0, time: Self.time) == nil && Tar.header("a", size: -1, time: Self.time) == nil)
        #expect(Tar.header("a", size: 1 << 33, time: Self.time) == nil)
        let largest = Tar.header("a", size: 1 << 33 - 1, time: Self.time)
        #expect(largest.map { Self.field($0, 124, 12) } == "77777777777")
    }

    @Test func timesBeyondItsOwnAreItsFirstAndItsLast() {
        for (seconds, text) in [(-1, "00000000000"), (Int64.max / 1000, "77777777777")] as [(Int64, String)] {
            let header = Tar.header("a", size: 0, time: WallTime(seconds: seconds))
            #expect(header.map { Self.field($0, 136, 12) } == text)
        }
    }

    @Test func filesAreFilledUpToABlock() {
        for (size, padding) in [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511)] {
            #expect(Tar.padding(after: size).count == padding)
        }
        #expect(Tar.end.count == 1024 && Tar.end.allSatisfy { $0 == 0 })
    }
}
