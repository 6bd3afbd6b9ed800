import RedisValues
import Testing

@Suite struct FormatTests {
    @Test(arguments: [
        (0, "0 B"), (1, "1 B"), (999, "999 B"), (1023, "1.00 KiB"), (1_053_000_000, "0.98 GiB"), (1024, "1.00 KiB"),
        (1_524_713_390, "1.42 GiB"), (10_240, "10.0 KiB"),
        (104_857_600, "100 MiB"), (1_073_741_823, "1.00 GiB"), (-2048, "-2.00 KiB"), (.max, "8.00 EiB"),
        (.min, "-8.00 EiB"),
    ]) func bytesHaveThreeDigits(bytes: Int, expected: String) {
        #expect(Format.bytes(ByteCount(bytes)) == expected)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (18_204, "18,204"), (5_012_345, "5,012,345"), (-1234, "-1,234"),
        (.max, "9,223,372,036,854,775,807"), (.min, "-9,223,372,036,854,775,808"),
    ]) func countsAreGrouped(count: Int, expected: String) {
        #expect(Format.count(count) == expected)
    }

    @Test(arguments: [
        (1, "key", "1 key"), (0, "key", "0 keys"), (2, "entry", "2 entries"), (1, "entry", "1 entry"),
        (18_204, "address", "18,204 addresses"), (3, "primary", "3 primaries"), (-1, "key", "-1 keys"),
        (nil, "key", "– keys"), (2, "y", "2 ys"),
    ]) func countsHaveTheirNoun(count: Int?, noun: String, expected: String) {
        #expect(Format.count(count, noun) == expected)
    }

    @Test func shortCountsHaveTheirNoun() {
        #expect(Format.shortCount(1, "key") == "1 key" && Format.shortCount(1_914_000, "key") == "1.91 M keys")
    }

    @Test(arguments: [
        (9_999, "9,999"), (18_204, "18.2 k"), (1_914_000, "1.91 M"), (999_950, "1.00 M"), (.max, "9.22 E"),
    ])
    func largeCountsAreShortened(count: Int, expected: String) {
        #expect(Format.shortCount(count) == expected)
    }

    @Test(arguments: [
        (0.931, "93.1 %"), (0, "0.0 %"), (1, "100.0 %"), (0.99949, "99.9 %"), (0.9996, "100.0 %"), (-0.00001, "0.0 %"),
        (.nan, "–"), (.infinity, "–"), (1e300, "–"),
    ]) func sharesArePercent(share: Double, expected: String) {
        #expect(Format.percent(share) == expected)
    }

    @Test(arguments: [
        (Duration.zero, "0 s"), (.microseconds(412), "412 µs"), (.nanoseconds(999_600), "1.00 ms"),
        (.microseconds(18_200), "18.2 ms"),
        (.milliseconds(999), "999 ms"), (.milliseconds(1_500), "1.5 s"), (.milliseconds(9_960), "10 s"),
        (.seconds(184), "3 min 4 s"),
        (.seconds(180), "3 min"), (.seconds(7_260), "2 h 1 min"), (.seconds(1_051_200), "12 d 4 h"),
        (.seconds(-5), "-5.0 s"),
        (.seconds(Int.max), "–"),
    ]) func durationsHaveTwoUnitsAtMost(duration: Duration, expected: String) {
        #expect(Format.duration(duration) == expected)
    }

    @Test(arguments: [
        (Duration.milliseconds(900), "0 s"), (.seconds(14), "14 s"), (.seconds(119), "1 min"), (.seconds(7_300), "2 h"),
        (.seconds(500_000), "5 d"), (.seconds(-3), "0 s"), (.seconds(Int.max), "106751991167300 d"),
    ]) func agesHaveOneUnit(age: Duration, expected: String) {
        #expect(Format.age(age) == expected)
    }

    @Test(arguments: [
        (0.0, "0"), (0.4, "0.4"), (12.0, "12"), (18_204.4, "18,204"), (1e18, "1.00 E"), (1e300, "–"), (-1e300, "–"),
        (.nan, "–"),
    ]) func ratesShowWhatMatters(rate: Double, expected: String) {
        #expect(Format.rate(rate) == expected)
    }

    @Test func unknownIsADashEverywhere() {
        let none: [String] = [
            Format.bytes(nil), Format.byteRate(nil), Format.count(nil), Format.shortCount(nil), Format.rate(nil),
            Format.percent(nil), Format.duration(nil), Format.number(nil), Format.byteRate(.nan),
            Format.number(.infinity),
        ]
        #expect(none.allSatisfy { $0 == "–" })
    }

    @Test func roundingCarriesOver() {
        #expect(
            Format.number(1.999) == "2.00" && Format.number(-0.001) == "0.00"
                && Format.number(1.005, digits: 1) == "1.0")
        #expect(Format.byteRate(22_754_000) == "21.7 MiB/s" && Format.byteRate(1e300) == "–")
    }

    /// What is not zero is not written as zero.
    @Test(arguments: [
        (Format.rate(1 / 60.0), "0.017"), (Format.rate(1 / 30.0), "0.033"), (Format.rate(0.049), "0.049"),
        (Format.rate(0.05), "0.1"), (Format.rate(0.000_4), "0.00040"), (Format.rate(1e-9), "<0.000001"),
        (Format.rate(0), "0"),
        (Format.percent(0.000_3), "<0.1 %"), (Format.percent(0.003, digits: 0), "<1 %"),
        (Format.percent(0.000_6), "0.1 %"),
        (Format.byteRate(0.2), "<1 B/s"), (Format.byteRate(0), "0 B/s"), (Format.duration(.nanoseconds(300)), "<1 µs"),
    ])
    func whatIsNotZeroIsNotWrittenAsZero(text: String, expected: String) {
        #expect(text == expected)
    }
}
