import CacheModel
import RedisValues
import Testing

/// What differs from its twin, and whether that is more than noise.
@Suite struct TwinDifferenceTests {
    @Test func noiseIsTheMedianOfDistancesToTheMedian() {
        #expect(TwinDifference.deviation(of: [1, 1, 2, 2, 4, 6, 9]) == 1)
        #expect(TwinDifference.deviation(of: [10, 12, 14, 16]) == nil)
        #expect(TwinDifference.deviation(of: [3, 3, 3, 3, 3]) == 0)
        #expect(TwinDifference.deviation(of: [1, 2, 3, 4, 5, 6]) == 1.5)
    }

    /// Over three deviations, and over a twentieth of what the twin has.
    @Test(
        arguments: [
            // now, twin, noise, beyond
            (104.0, 100.0, 1.0, false),  // four deviations, and less than a twentieth
            (106, 100, 1, true), (106, 100, 2, false),  // three deviations are not over three
            (107, 100, 2, true), (94, 100, 1, true), (95, 100, 0, false), (0, 0, 0, false), (1, 0, 0, true),
            (0, 40, 3, true),
        ] as [(Double, Double, Double, Bool)])
    func bothBoundsCount(now: Double, twin: Double, noise: Double, isBeyond: Bool) {
        #expect(TwinDifference(now: now, twin: twin, noise: noise).isBeyondNoise == isBeyond)
    }

    @Test func whereNoiseIsNotKnownNobodySays() {
        let difference = TwinDifference(now: 900, twin: 100, samples: [100, 100])
        #expect(difference.noise == nil && difference.isBeyondNoise == nil)
        #expect(difference.part == 8)
        #expect(TwinDifference(now: 900, twin: 0, noise: 0).part == nil)
    }

    @Test func aSeriesTellsWhatItKnowsOfASpan() {
        var series = Series(capacity: 3660)
        for second in 0..<20 { series.append(second == 12 ? nil : Double(second), at: .seconds(second)) }
        #expect(series.values(span: .seconds(10), until: .seconds(19)) == [9, 10, 11, 13, 14, 15, 16, 17, 18, 19])
        #expect(series.values(span: .seconds(10), until: .seconds(100)).isEmpty)
    }
}
