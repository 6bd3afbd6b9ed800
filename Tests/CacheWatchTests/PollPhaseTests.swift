import RedisValues
import Testing

@testable import CacheWatch

@Suite struct PollPhaseTests {
    private func next(_ due: Int64, every milliseconds: Int) -> Int64 {
        let correction = PollPhase.correction(
            at: WallTime(milliseconds: due), every: .milliseconds(milliseconds))
        return due + correction.wholeMilliseconds
    }

    @Test func pollsOfEverySecondBeginWithIt() {
        #expect(next(1_795_357_927_412, every: 1000) == 1_795_357_927_003)
        #expect(next(1_795_357_927_612, every: 1000) == 1_795_357_928_003)
        #expect(next(1_795_357_928_003, every: 1000) == 1_795_357_928_003, "from then on they stay")
        #expect(next(1_795_357_928_001, every: 5000) == 1_795_357_928_003)
        #expect(next(-412, every: 1000) == 3, "clocks that were never set")
    }

    @Test func moreThanOneASecondBeginWithTheirPartOfIt() {
        #expect(next(1_795_357_927_412, every: 500) == 1_795_357_927_503)
        #expect(next(1_795_357_927_412, every: 200) == 1_795_357_927_403)
    }

    @Test(arguments: [300, 1500, 2400]) func otherIntervalsStayAsTheyAre(interval: Int) {
        #expect(next(1_795_357_927_412, every: interval) == 1_795_357_927_412)
    }

    @Test func noClockAndNoIntervalTrap() {
        for milliseconds in [Int64.min, .min + 1, -1, 0, .max] {
            for interval in [Duration.zero, .seconds(1), .seconds(Int64.max), .nanoseconds(1), .milliseconds(-5)] {
                let correction = PollPhase.correction(at: WallTime(milliseconds: milliseconds), every: interval)
                #expect(correction <= .milliseconds(500) && correction >= .milliseconds(-500))
            }
        }
    }
}
