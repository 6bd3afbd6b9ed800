internal import RedisValues

/// A figure and the interval that holds the truth 95 times of a hundred; all three are equal where it was counted.
public struct Estimated: Codable, Equatable, Sendable {
    public var value: Double
    public var low: Double
    public var high: Double

    public init(_ value: Double, low: Double, high: Double) {
        self.value = value
        self.low = min(low, value)
        self.high = max(high, value)
    }

    public init(exactly value: Double) { self.init(value, low: value, high: value) }
    public init(exactly value: Int) { self.init(exactly: Double(value)) }

    public var isExact: Bool { low == high }

    /// Half the interval's width.
    public var margin: Double { (high - low) / 2 }

    public static func * (left: Estimated, factor: Double) -> Estimated {
        Estimated(left.value * factor, low: left.low * factor, high: left.high * factor)
    }
}
