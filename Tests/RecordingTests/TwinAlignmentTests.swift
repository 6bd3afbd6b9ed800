import RedisValues
import Recording
import Testing

/// Which time of a recording stands beside another one.
@Suite struct TwinAlignmentTests {
    private static let day: Int64 = 86_400
    /// 2026-11-25 14:20 UTC.
    private static let now = WallTime(seconds: 1_795_616_400)

    private static func time(_ seconds: Int64) -> WallTime { WallTime(seconds: now.seconds + seconds) }

    @Test(
        arguments: [
            // from and to, in seconds from now; the offset in days
            (-2 * 86_400, 0, -1), (-86_400 - 600, -86_400 + 600, -1),
            // The day before was not recorded: the latest one that was.
            (-9 * 86_400 - 600, -3 * 86_400 + 600, -3), (-7 * 86_400 - 30, -7 * 86_400 + 30, -7),
            // A recording of later, beside one of before.
            (86_400 - 600, 5 * 86_400, 1), (3 * 86_400 - 600, 3 * 86_400 + 600, 3),
            // To the minute.
            (-86_400 + 50, -80_000, -1),
            // Nothing of this time of any day.
            (-7_200, -3_600, nil), (-86_400 + 3_600, -1, nil),
        ] as [(Int64, Int64, Int64?)])
    func theSameTimeOfAnotherDay(from: Int64, to: Int64, days: Int64?) {
        let offset = TwinAlignment.offset(at: Self.now, within: Self.time(from)...Self.time(to))
        #expect(offset == days.map { .seconds($0 * Self.day) })
    }

    @Test(
        arguments: [
            ("tonight@14:20", "tonight", "14:20"), ("/var/r@-1h", "/var/r", "-1h"), ("a@b", "a@b", nil),
            ("a@b@+2m", "a@b", "+2m"), ("@14:20", "@14:20", nil), ("plain", "plain", nil), ("end@", "end@", nil),
        ] as [(String, String, String?)])
    func aTimeFollowsTheName(text: String, path: String, time: String?) {
        let split = TwinAlignment.split(text) { TimeWish.parse($0, from: Self.now, .utc) != nil }
        #expect(split.path == path && split.time == time)
    }
}
