import RedisValues
import Testing

@Suite struct TimeTextTests {
    @Test(arguments: [
        ("0", 0), ("1764131496", 1_764_131_496), ("1764131496123", 1_764_131_496),
        ("2026-11-26T04:31:36Z", 1_795_667_496), ("2026-11-26 04:31:36Z", 1_795_667_496),
        ("2026-11-26T04:31:36.999Z", 1_795_667_496), ("2026-11-26t05:31:36+01:00", 1_795_667_496),
        ("2026-11-25T23:31:36 -0500", 1_795_667_496), ("2026-11-26T04:31Z", 1_795_667_460),
        ("2026-11-26T05:31+01", 1_795_667_460), ("2026-11-26Z", 1_795_651_200), ("2024-02-29Z", 1_709_164_800),
        ("1970-01-01T00:00:00Z", 0), ("2000-03-01Z", 951_868_800),
    ])
    func whatHasOneMeaningIsRead(text: String, seconds: Int64) {
        #expect(TimeText.parse(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "now", "yesterday", "-5", "+5", "1e9", "12:00", "2026-11-26", "2026-11-26T04:31:36", "2026-13-01Z",
        "2026-02-29Z", "2026-00-10Z", "2026-01-00Z", "2026-11-26T24:00Z", "2026-11-26T04:60Z", "2026-11-26T04:31:60Z",
        "2026-11-26T04:31:36.Z", "2026-11-26T04:31:36Zulu", "26-11-2026Z", "2026-11-26T4:31Z", "2026-11-26T04:31+24:00",
        "1764131496 ", "9999999999999999", "٢٠٢٦-11-26Z",
    ])
    func whatHasNoneOrSeveralIsNot(text: String) { #expect(TimeText.parse(text) == nil) }

    /// Each way leads back.
    @Test func calendarAndTextAgree() {
        for seconds in stride(from: Int64(0), to: 100_000_000_000, by: 12_345_677) {
            let time = WallTime(seconds: seconds)
            guard time.date(offset: 0).utf8.count == 10 else { continue }
            #expect(TimeText.parse("\(time.date(offset: 0))T\(time.clock(offset: 0))Z") == time)
        }
    }
}
