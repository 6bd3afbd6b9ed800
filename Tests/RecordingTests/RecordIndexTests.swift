import Recording
import RedisValues
import Testing

@Suite struct RecordIndexTests {
    static func line(_ time: Int, _ kind: String, m: Int? = nil) -> String {
        #"{"t":\#(time),"m":\#(m ?? time),"k":"\#(kind)","text":"x"}"# + "\n"
    }

    /// A snapshot each second from 1 to 9, with an alert behind the third and a mark behind the fifth.
    static let text = (1...9).map { second in
        line(second * 1000, "snapshot") + (second == 3 ? line(3000, "alert") : second == 5 ? line(5000, "mark") : "")
    }.joined()

    @Test func linesAreFoundHoweverTheyAreCut() {
        let bytes = Array(Self.text.utf8)
        let whole = RecordIndex(of: bytes)
        #expect(whole.lines.count == 11 && whole.unreadable == 0 && whole.size == bytes.count)
        for size in [1, 2, 7, 60, 61, 4096] {
            var index = RecordIndex()
            for start in stride(from: 0, to: bytes.count, by: size) {
                index.add(bytes.span.extracting(start..<min(bytes.count, start + size)))
            }
            index.finish()
            #expect(index == whole, "\(size)")
        }
        for line in whole.lines {
            let part = Array(bytes[line.offset..<line.offset + line.length])
            #expect(LineHead(reading: part) == line.head)
        }
    }

    @Test(arguments: [
        ("{\"t\":1,\"k", 1), ("\0\0\0\0\0", 1), ("garbage\n", 1), ("{\"t\":1,\"m\":2,\"k\":\"mark\",\"te\n", 1),
        ("\n", 1), ("hello\nworld\n\0\0", 3),
    ])
    func whatCannotBeReadIsPassedOverAndCounted(_ damage: String, _ count: Int) {
        let index = RecordIndex(of: Array((Self.line(1, "snapshot") + damage).utf8))
        #expect(index.lines.count == 1 && index.unreadable == count)
        let before = RecordIndex(of: Array((damage + "\n" + Self.line(1, "snapshot")).utf8))
        #expect(before.lines.count == 1 && before.isRecording)
    }

    /// A clock that was set back makes two stretches of one.
    @Test func linesOfAStretchAreFound() {
        let index = RecordIndex(of: Array(Self.text.utf8))
        func ranges(_ from: Int64, _ to: Int64, in index: RecordIndex) -> [Range<Int>] {
            index.ranges(within: WallTime(milliseconds: from)...WallTime(milliseconds: to))
        }
        #expect(ranges(0, 99_000, in: index) == [0..<11] && ranges(3000, 5000, in: index) == [2..<7])
        #expect(ranges(3001, 3999, in: index).isEmpty && ranges(9000, 9000, in: index) == [10..<11])
        let set = RecordIndex(
            of: Array([1, 2, 3, 2, 3, 4].map { Self.line($0 * 1000, "snapshot") }.joined().utf8))
        #expect(ranges(2000, 2999, in: set) == [1..<2, 3..<4] && ranges(3000, 9000, in: set) == [2..<3, 4..<6])
    }

    @Test func unreadableLinesAreThoseOfAStretch() {
        let lines = (1...4).map { Self.line($0 * 1000, "snapshot") }
        let text = "x\n" + lines[0] + lines[1] + "y\nz\n" + lines[2] + lines[3] + "torn"
        let index = RecordIndex(of: Array(text.utf8))
        #expect(index.lines.count == 4 && index.unreadable == 4)
        for (range, count) in [(0..<4, 4), (0..<1, 1), (1..<2, 0), (1..<3, 2), (2..<3, 0), (2..<4, 1)] {
            #expect(index.unreadable(in: range) == count, "\(range)")
        }
    }

    @Test func whatIsBeingWrittenIsNoDamage() {
        var index = RecordIndex()
        index.add(Array((Self.line(1, "snapshot") + "{\"t\":2,\"m").utf8).span)
        index.finish(isGrowing: true)
        #expect(index.lines.count == 1 && index.unreadable == 0)
    }

    @Test func kindsOfANewerVersionAreLinesOfTheirOwn() {
        let index = RecordIndex(of: Array((Self.line(1, "snapshot") + Self.line(2, "percentiles")).utf8))
        #expect(index.lines.count == 2 && index.unknown == 1 && index.unreadable == 0)
    }

    @Test(arguments: [(0, 0), (1000, 0), (2999, 1), (3000, 2), (4999, 4), (99_999, 10)])
    func aTimeIsThatOfTheLastSnapshotBefore(_ time: Int, _ line: Int) {
        let index = RecordIndex(of: Array(Self.text.utf8))
        #expect(index.line(at: WallTime(milliseconds: Int64(time))) == line)
    }

    @Test func whereTheClockWasSetBackTheLaterPartIsMeant() {
        let times = [1000, 2000, 3000, 4000, 2000, 3000]
        let text = times.enumerated().map { Self.line($1, "snapshot", m: $0) }.joined()
        let index = RecordIndex(of: Array(text.utf8))
        #expect(index.line(at: WallTime(milliseconds: 2500)) == 4)
        #expect(index.line(at: WallTime(milliseconds: 3500)) == 5)
        #expect(index.line(at: WallTime(milliseconds: 9000)) == 5)
        #expect(index.line(at: WallTime(milliseconds: 500)) == 0)
        #expect(index.span == WallTime(milliseconds: 1000)...WallTime(milliseconds: 4000))
        #expect(index.holes(interval: .seconds(1)).isEmpty)
    }

    @Test func alertsAndMarksAreFoundForwardsAndBackwards() {
        let index = RecordIndex(of: Array(Self.text.utf8))
        #expect(index.line(after: 0, of: [.alert]) == 3)
        #expect(index.line(after: 3, of: [.alert]) == nil)
        #expect(index.line(after: -1, of: [.mark, .alert]) == 3)
        #expect(index.line(before: 10, of: [.mark, .alert]) == 6)
        #expect(index.line(before: 3, of: [.alert]) == nil)
        #expect(index.lines(of: .mark) == [6])
        #expect(RecordIndex().line(at: WallTime(seconds: 1)) == nil && RecordIndex().span == nil)
    }

    @Test func holesAreTimesWithoutSnapshots() {
        let text =
            [0, 1000, 2000].map { Self.line($0, "snapshot") }.joined() + Self.line(7000, "snapshot")
            + Self.line(8000, "gap") + Self.line(8000, "header") + Self.line(8100, "snapshot")
            + Self.line(9000, "snapshot", m: 5) + Self.line(60_000, "snapshot", m: 51_005)
        let holes = RecordIndex(of: Array(text.utf8)).holes(interval: .seconds(1))
        #expect(holes.map(\.last) == [2, 3, 7])
        #expect(holes.map(\.next) == [3, 6, 8])
        #expect(holes.map(\.told) == [nil, 4, nil])
        #expect(holes.map(\.length) == [.seconds(5), .milliseconds(1100), .seconds(51)])
    }
}
