import RedisValues
import Testing

@Suite struct CivilClockTests {
    /// An hour east of UTC in winter, two from the end of March to the end of October.
    private let berlin = CivilClock(offsetAt: { time in
        (1_806_195_600..<1_824_944_400).contains(time.seconds) ? 7200 : 3600
    })

    @Test func instantsAreOfTheirOwnSeasonsClock() {
        let november = WallTime(seconds: 1_795_357_927)
        let july = WallTime(seconds: 1_814_443_200)
        #expect(berlin.full(november) == "2026-11-22 15:32:07 +01:00")
        #expect(berlin.full(july) == "2027-07-01 14:00:00 +02:00")
        #expect(berlin.short(july, seenAt: november) == "2027-07-01 14:00:00")
        #expect(berlin.short(november, seenAt: november) == "15:32:07")
    }

    @Test func datesAreThoseOfThePlace() {
        let evening = WallTime(seconds: 1_795_390_200)  // 23:30 UTC
        #expect(CivilClock.utc.dateAndClock(evening) == "2026-11-22 23:30:00")
        #expect(berlin.dateAndClock(evening) == "2026-11-23 00:30:00")
        #expect(CivilClock(offset: -12_600).full(evening) == "2026-11-22 20:00:00 -03:30")
    }
}
