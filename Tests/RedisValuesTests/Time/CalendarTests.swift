import RedisValues
import Testing

@Suite struct CalendarTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_357_927_412, "2026-11-22T14:32:07.412Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-2_203_891_200_001, "1900-02-28T23:59:59.999Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)]) func datesAreThoseOfTheGregorianCalendar(milliseconds: Int64, expected: String)
    {
        #expect(WallTime(milliseconds: milliseconds).iso8601 == expected)
    }

    @Test func offsetsMoveClockAndDate() {
        let time = WallTime(milliseconds: 1_795_357_927_412)
        #expect(time.clock(offset: 0) == "14:32:07" && time.clock(offset: 3600) == "15:32:07")
        #expect(time.clock(offset: -15 * 3600) == "23:32:07" && time.date(offset: -15 * 3600) == "2026-11-21")
        #expect(time.clock(offset: 19_800) == "20:02:07" && time.date(offset: 12 * 3600) == "2026-11-23")
    }

    @Test(arguments: [Int64.min, .min + 999, .max, .max - 1]) func theEndsOfTimeDoNotTrap(milliseconds: Int64) {
        let time = WallTime(milliseconds: milliseconds)
        #expect(time.iso8601.hasSuffix("Z"))
        #expect(time - WallTime(milliseconds: .min) >= .zero && WallTime(milliseconds: .max) - time >= .zero)
        #expect(time.clock(offset: .max).count == 8 && !time.date(offset: .min).isEmpty)
    }

    @Test func secondsBeyondTheEndsAreTheEnds() {
        #expect(WallTime(seconds: .max).milliseconds == .max && WallTime(seconds: .min).milliseconds == .min)
        #expect(WallTime(milliseconds: -1).seconds == -1 && WallTime(milliseconds: 1999).seconds == 1)
    }
}

@Suite struct BackoffTests {
    @Test func waitsDoubleUpToTheCeilingWithJitter() {
        var backoff = Backoff(initial: .milliseconds(250), maximum: .seconds(5))
        for (step, jitter) in zip([0.25, 0.5, 1, 2, 4, 5, 5, 5], [0, 1, 0.5, 0, 1, 0.5, 0, 1]) {
            #expect(backoff.next(jitter: jitter) / .seconds(1) == step * (1 + jitter) / 2)
        }
        #expect(backoff.attempts == 8)
        backoff.reset()
        #expect(backoff.next(jitter: 1) == .milliseconds(250))
    }

    @Test func aDayWithoutServerDoesNotTrap() {
        var backoff = Backoff()
        for _ in 0..<100_000 { #expect(backoff.next(jitter: 1) <= .seconds(5)) }
    }
}
