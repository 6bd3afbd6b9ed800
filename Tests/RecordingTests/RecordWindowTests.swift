import RedisValues
import Testing

@testable import Recording

/// From when to when is what somebody means who types it.
@Suite struct RecordWindowTests {
    private static func time(_ text: String) -> WallTime { TimeText.parse(text)! }

    /// An afternoon, a night, and three days.
    private static let (day, night, days) = (
        time("2026-11-25T13:00Z")...time("2026-11-25T15:00Z"), time("2026-11-24T22:00Z")...time("2026-11-25T00:05Z"),
        time("2026-11-23T10:00Z")...time("2026-11-25T15:00Z")
    )

    private static func window(
        _ from: String?, _ to: String?, _ span: ClosedRange<WallTime>
    ) throws(RecordWindow.Problem) -> String {
        let window = try RecordWindow.parse(from: from, to: to, within: span, of: span, .utc)
        func short(_ time: WallTime) -> String { String(time.iso8601.dropFirst(8).prefix(8)) }
        return "\(short(window.lowerBound)) \(short(window.upperBound))"
    }

    @Test(
        arguments: [
            (nil, nil, day, "25T13:00 25T15:00"), ("14:20", "14:32", day, "25T14:20 25T14:32"),
            ("14:20", nil, day, "25T14:20 25T15:00"), (nil, "14:20", day, "25T13:00 25T14:20"),
            ("-30m", nil, day, "25T14:30 25T15:00"), ("-30m", "-10m", day, "25T14:30 25T14:50"),
            ("14:20", "+10m", day, "25T14:20 25T14:30"), (nil, "+10m", day, "25T13:00 25T15:10"),
            ("2026-11-25T14:00Z", "2026-11-25T14:10Z", day, "25T14:00 25T14:10"),
            ("14:20", "14:20", day, "25T14:20 25T14:20"),
            // Beyond what was recorded.
            ("12:00", "16:00", day, "25T12:00 25T16:00"), ("16:00", nil, day, "25T16:00 25T16:00"),
            // Over midnight, also where it ends before that.
            ("23:50", "00:03", night, "24T23:50 25T00:03"), ("23:50", "00:10", night, "24T23:50 25T00:10"),
            ("22:30", "23:00", night, "24T22:30 24T23:00"), ("00:01", nil, night, "25T00:01 25T00:05"),
            // The latest day that has it; the end is the first time behind the beginning.
            ("11:00", "12:00", days, "25T11:00 25T12:00"),
            ("16:00", "17:00", days, "24T16:00 24T17:00"), ("2026-11-23T22:00Z", "06:00", days, "23T22:00 24T06:00"),
            ("-2d", "+1h", days, "23T15:00 23T16:00"), (nil, "16:00", days, "23T10:00 24T16:00"),
        ] as [(String?, String?, ClosedRange<WallTime>, String)])
    func timesAreThoseThatAreMeant(from: String?, to: String?, span: ClosedRange<WallTime>, meant: String) {
        #expect(throws: Never.self) {
            let window = try Self.window(from, to, span)
            #expect(window == meant, "\(from ?? "") \(to ?? "")")
        }
    }

    @Test func theWrongWayRoundIsSaid() {
        for (from, to) in [("14:30", "14:20"), ("-10m", "-30m"), ("2026-11-25T14:30Z", "2026-11-25T14:20Z")] {
            #expect(throws: RecordWindow.Problem.self, "\(from) \(to)") { try Self.window(from, to, Self.day) }
        }
        // It would be the next day's, which was not recorded.
        #expect(throws: RecordWindow.Problem.self) { try Self.window("14:30", "14:20", Self.days) }
        #expect(
            throws: RecordWindow.Problem.turned(
                from: Self.time("2026-11-25T15:00Z"), to: Self.time("2026-11-25T14:00Z"))
        ) {
            try Self.window("2026-11-25T15:00Z", "2026-11-25T14:00Z", Self.days)
        }
        #expect(throws: RecordWindow.Problem.noTime(option: "--from", "soon")) {
            try Self.window("soon", nil, Self.day)
        }
        #expect(throws: RecordWindow.Problem.noTime(option: "--to", "")) { try Self.window("14:00", "", Self.day) }
    }
}
