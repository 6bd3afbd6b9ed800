/// A point in civil time, milliseconds since 1970-01-01 00:00 UTC.
public struct WallTime: Hashable, Comparable, Codable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    /// Seconds beyond what milliseconds can hold become the first or the last instant.
    public init(seconds: Int64) {
        let (product, tooLarge) = seconds.multipliedReportingOverflow(by: 1000)
        milliseconds = tooLarge ? (seconds < 0 ? .min : .max) : product
    }

    /// Rounded down.
    public var seconds: Int64 { milliseconds.flooredDivision(by: 1000) }

    package var secondsRoundedUp: Int64 { (milliseconds +| 999).flooredDivision(by: 1000) }

    public static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }
    public static func - (left: WallTime, right: WallTime) -> Duration {
        .milliseconds(left.milliseconds) - .milliseconds(right.milliseconds)
    }

    /// So much later; beyond what milliseconds can hold, the last instant.
    public func adding(_ duration: Duration) -> WallTime {
        WallTime(milliseconds: milliseconds +| Int64((duration / .milliseconds(1)).whole))
    }

    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
