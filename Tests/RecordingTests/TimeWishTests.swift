import RedisValues
import Testing

@testable import Recording

/// A time as it is typed is one of the recording.
@Suite struct TimeWishTests {
    /// 2026-11-25 14:20:07 UTC.
    private static let now = TimeText.parse("2026-11-25T14:20:07Z")!
    private static let zone = CivilClock(offset: 3600)

    @Test(arguments: [
        ("14:20", "2026-11-25T13:20:00Z"), ("9:05", "2026-11-25T08:05:00Z"), ("14:20:07", "2026-11-25T13:20:07Z"),
        ("+1h", "2026-11-25T15:20:07Z"), ("-10m", "2026-11-25T14:10:07Z"), (" -30s", "2026-11-25T14:19:37Z"),
        ("2026-11-24T14:20", "2026-11-24T13:20:00Z"), ("2026-11-24 14:20Z", "2026-11-24T14:20:00Z"),
        ("2026-11-24T14:20+02:00", "2026-11-24T12:20:00Z"), ("1764061200", "2025-11-25T09:00:00Z"),
    ])
    func timesOfThisPlace(typed: String, meant: String) {
        #expect(TimeWish.parse(typed, from: Self.now, Self.zone) == TimeText.parse(meant), "\(typed)")
    }

    @Test(arguments: ["", "now", "14", "25:00", "14:61", "+", "-", "-x", "14:20 tomorrow", "2026-13-01T00:00"])
    func whatIsNoTimeIsNone(typed: String) { #expect(TimeWish.parse(typed, from: Self.now, Self.zone) == nil) }

    /// A night's recording: 23:30 was yesterday, and 01:00 is today.
    @Test func aTimeOfDayIsOfADayThatWasRecorded() {
        let night = TimeText.parse("2026-11-24T22:00:00Z")!...TimeText.parse("2026-11-25T02:00:00Z")!
        func time(_ text: String, from now: WallTime) -> String? {
            TimeWish.parse(text, from: now, within: night, .utc)?.iso8601
        }
        #expect(time("23:30", from: night.upperBound) == "2026-11-24T23:30:00.000Z")
        #expect(time("01:00", from: night.upperBound) == "2026-11-25T01:00:00.000Z")
        #expect(time("01:00", from: night.lowerBound) == "2026-11-25T01:00:00.000Z")
        #expect(time("12:00", from: night.upperBound) == "2026-11-25T12:00:00.000Z")
    }

    /// The day on which clocks are set back has 25 hours, and the one before it is a day of its own.
    @Test func yesterdayIsTheDateBefore() {
        let zone = CivilClock { $0 < TimeText.parse("2026-10-25T01:00:00Z")! ? 7200 : 3600 }
        let recorded = TimeText.parse("2026-10-24T18:00:00Z")!...TimeText.parse("2026-10-25T22:35:00Z")!
        // 23:35 there.
        let time = TimeWish.parse("23:40", from: recorded.upperBound, within: recorded, zone)
        #expect(time?.iso8601 == "2026-10-24T21:40:00.000Z")
    }
}
