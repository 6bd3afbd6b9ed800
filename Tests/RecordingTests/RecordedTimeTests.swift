import Recording
import RedisValues
import Testing

@Suite struct RecordedTimeTests {
    private static let wished = WallTime(seconds: 1_795_000_000)

    @Test(
        arguments: [
            (0, 1, nil), (-1, 1, nil), (-3, 1, nil), (-4, 1, "4 s earlier"), (-100, 60, nil),
            (-181, 60, "3 min earlier"),
            (1, 1, "nothing of it was recorded before"), (3600, 1, "its first snapshot stands for"),
        ] as [(Int, Int, String?)]) func aTimeThatWasNotRecordedIsSaid(seconds: Int, interval: Int, words: String?)
    {
        let remark = RecordedTime.remark(
            wished: Self.wished, found: Self.wished.adding(.seconds(seconds)), interval: .seconds(interval), .utc)
        #expect((remark == nil) == (words == nil), "\(remark ?? "")")
        if let words { #expect(remark?.contains(words) == true, "\(remark ?? "")") }
    }
}
