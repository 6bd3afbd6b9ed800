import Recording
import RedisValues
import Testing

@Suite struct SegmentTests {
    /// 2026-11-25 09:00 UTC.
    static let nine = WallTime(seconds: 1_795_597_200)
    static func at(_ minutes: Int) -> WallTime { nine.adding(.seconds(minutes * 60)) }

    @Test(arguments: [
        (0, 1, false, "2026-11-25T09.jsonl"), (59, 1, false, "2026-11-25T09.jsonl"),
        (60, 1, true, "2026-11-25T10.jsonl.gz"), (0, 2, false, "2026-11-25T09.2.jsonl"),
        (0, 12, true, "2026-11-25T09.12.jsonl.gz"), (-1, 1, false, "2026-11-25T08.jsonl"),
    ])
    func namesAreReadAsTheyAreWritten(_ minutes: Int, _ number: Int, _ isPacked: Bool, _ text: String) {
        let name = SegmentName(at: Self.at(minutes), number: number, isPacked: isPacked)
        #expect(name.text == text)
        #expect(SegmentName(text) == name)
    }

    @Test(arguments: [
        "", "a.jsonl", "2026-11-25T09", "2026-11-25T09.json", "2026-11-25T09.1.jsonl", "2026-11-25T09.02.jsonl",
        "2026-11-25T09.-2.jsonl", "2026-11-25T09.jsonl.gz.part", "2026-11-25T9.jsonl", "2026-13-25T09.jsonl",
        "2026-02-30T09.jsonl", "2026-11-25T24.jsonl", "2026-11-25T09.x.jsonl", "2026-11-25t09.jsonl", ".jsonl", ".gz",
        "2026-11-25T09.99999999999999999999.jsonl",
    ])
    func otherNamesAreNone(_ text: String) { #expect(SegmentName(text) == nil) }

    @Test func namesAreInTheOrderOfWriting() {
        let names = [
            "2026-11-25T09.jsonl.gz", "2026-11-25T09.2.jsonl.gz", "2026-11-25T09.10.jsonl", "2026-11-25T10.jsonl",
        ].compactMap { SegmentName($0) }
        #expect(names.count == 4 && names.shuffled().sorted() == names)
    }

    @Test func aNewNameStandsBehindAllThatAreThere() {
        func next(_ minutes: Int, _ names: String...) -> String {
            Rotation.name(at: Self.at(minutes), among: names.compactMap { SegmentName($0) }).text
        }
        #expect(next(5) == "2026-11-25T09.jsonl")
        #expect(next(5, "2026-11-25T08.jsonl.gz") == "2026-11-25T09.jsonl")
        #expect(next(5, "2026-11-25T09.jsonl.gz") == "2026-11-25T09.2.jsonl")
        #expect(next(5, "2026-11-25T09.jsonl", "2026-11-25T09.2.jsonl.gz") == "2026-11-25T09.3.jsonl")
        // The clock was set back an hour, and a year.
        #expect(next(5, "2026-11-25T10.jsonl.gz") == "2026-11-25T10.2.jsonl")
        #expect(next(5, "2027-11-25T10.jsonl.gz") == "2026-11-25T09.jsonl")
    }

    @Test(arguments: [
        (0, 100, 10, false), (3599, 100, 10, false), (3600, 100, 10, true), (3600, 0, 10, false),
        (10, 1000, 24, false), (10, 1000, 25, true), (0, 0, 5000, false),
    ])
    func aSegmentIsClosedWhenItIsOldOrLarge(_ seconds: Int, _ size: Int, _ line: Int, _ isDue: Bool) {
        let rotation = Rotation(longest: .seconds(3600), largest: 1024)
        #expect(
            rotation.isDue(began: .seconds(50), now: .seconds(50 + seconds), size: size, line: line) == isDue)
    }

    static let segments = [
        "2026-11-24T08.jsonl.gz", "2026-11-24T09.jsonl.gz", "2026-11-25T08.jsonl.gz", "2026-11-25T09.jsonl",
    ].compactMap { SegmentName($0) }.map { Retention.Segment($0, bytes: 100) }

    @Test(arguments: [
        (nil, nil, []), (86_400, nil, ["2026-11-24T08.jsonl.gz"]),
        (3600, nil, ["2026-11-24T08.jsonl.gz", "2026-11-24T09.jsonl.gz"]),
        (1, nil, ["2026-11-24T08.jsonl.gz", "2026-11-24T09.jsonl.gz", "2026-11-25T08.jsonl.gz"]),
        (nil, 400, []), (nil, 399, ["2026-11-24T08.jsonl.gz"]),
        (nil, 150, ["2026-11-24T08.jsonl.gz", "2026-11-24T09.jsonl.gz", "2026-11-25T08.jsonl.gz"]),
        (nil, 1, ["2026-11-24T08.jsonl.gz", "2026-11-24T09.jsonl.gz", "2026-11-25T08.jsonl.gz"]),
        (86_400, 399, ["2026-11-24T08.jsonl.gz"]),
    ])
    func theOldestGoAndNeverTheOneThatGrows(_ age: Int?, _ size: Int?, _ leaving: [String]) {
        let retention = Retention(age: age.map { .seconds($0) }, size: size)
        let growing = Self.segments[3].name
        let found = retention.leaving(Self.segments.shuffled(), growing: growing, at: Self.at(30))
        #expect(found.map(\.text) == leaving)
    }

    /// What a clock wrote that was wrong is the oldest, however it is called.
    @Test func anHourOfAWrongClockGoesFirst() throws {
        let wrong = Retention.Segment(try #require(SegmentName("2999-01-01T00.jsonl.gz")), bytes: 100)
        let found = Retention(size: 400).leaving(
            (Self.segments + [wrong]).shuffled(), growing: Self.segments[3].name, at: Self.at(30))
        #expect(found == [wrong.name])
    }

    @Test(arguments: [
        ("500M", 524_288_000), ("2G", 2_147_483_648), ("1.5GiB", 1_610_612_736), ("1048576", 1_048_576),
        ("10kb", 10_240), ("7B", 7), ("0", 0),
    ])
    func sizesAreReadAsPeopleTypeThem(_ text: String, _ bytes: Int) { #expect(SizeText.parse(text)?.bytes == bytes) }

    @Test(arguments: ["", "G", "-1G", "2 G", "2X", "2GG", "1e9", "nan", "9999999P", "GiB", "2G2"])
    func otherSizesAreNone(_ text: String) { #expect(SizeText.parse(text) == nil) }
}
