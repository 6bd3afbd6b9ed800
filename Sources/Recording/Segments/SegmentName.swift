public import RedisValues

/// The name of a file in a recording's folder: `2026-11-25T09.jsonl` for the hour in UTC, `2026-11-25T09.2.jsonl` for the
/// next one in the same hour, with `.gz` when it is packed.
public struct SegmentName: Hashable, Comparable, Sendable {
    /// Where the hour begins.
    public var hour: WallTime
    /// From 1.
    public var number: Int
    public var isPacked: Bool

    static let hourLength: Int64 = 3_600_000

    /// The first segment of the hour that a time lies in.
    public init(at time: WallTime, number: Int = 1, isPacked: Bool = false) {
        hour = WallTime(milliseconds: time.milliseconds -| time.milliseconds.flooredRemainder(by: Self.hourLength))
        (self.number, self.isPacked) = (number, isPacked)
    }

    /// - Returns: nil for a file of another name.
    public init?(_ name: String) {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let isPacked = parts.last == "gz"
        if isPacked { parts.removeLast() }
        guard parts.count == 2 || parts.count == 3, parts.removeLast() == "jsonl", parts[0].utf8.count == 13,
            let hour = WallTime(rfc3339: "\(parts[0]):00:00Z")
        else { return nil }
        let number = parts.count == 2 ? Int(parts[1]) : 1
        guard let number, number > 0 else { return nil }
        (self.hour, self.number, self.isPacked) = (hour, number, isPacked)
        // One name a segment: no leading zero, no `.1`.
        guard text == name else { return nil }
    }

    public var text: String {
        let date = hour.iso8601.prefix(13)
        return "\(date)\(number == 1 ? "" : ".\(number)").jsonl\(isPacked ? ".gz" : "")"
    }

    public var packed: SegmentName { SegmentName(at: hour, number: number, isPacked: true) }
    public var plain: SegmentName { SegmentName(at: hour, number: number) }
    public var next: SegmentName { SegmentName(at: hour, number: number +| 1) }

    public static func < (left: SegmentName, right: SegmentName) -> Bool {
        (left.hour, left.number, left.isPacked ? 0 : 1) < (right.hour, right.number, right.isPacked ? 0 : 1)
    }
}
