internal import RedisValues

/// A figure and the interval that holds the truth 95 times of a hundred; all three are equal where it was counted.
///
/// An end that nothing is known of is infinite; ``IntervalDoubt`` says why.
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

    /// Neither is negative, and each holds by itself.
    static func * (left: Estimated, right: Estimated) -> Estimated {
        Estimated(left.value * right.value, low: left.low * right.low, high: left.high * right.high)
    }
}

extension Estimated {
    /// As a percentage with its interval as a distance, `38.2 % ±1.4`; without the distance where it was counted.
    ///
    /// The distance reaches to both ends from the figure that stands before it: intervals of few hits lie askew.
    public var percentage: String {
        let shown = Format.percent(value)
        guard !isExact else { return shown }
        guard low.isFinite, high.isFinite else { return "\(shown) ±\(Format.unknown)" }
        let figure = (value * 1000).rounded() / 10
        let distance = max(high * 100 - figure, figure - low * 100)
        // What is not zero is not written as zero, and what is rounded is rounded away from the figure.
        let tenths = ((distance - 1e-9) * 10).rounded(.up)
        return "\(shown) ±\(Format.number(max(0.1, tenths / 10), digits: 1))"
    }
}

/// Why there is no interval: one end, or what it is counted from, is not known.
public enum IntervalDoubt: String, Codable, Sendable {
    /// One key may hold more than all that were drawn, and the server does not tell what all keys take together.
    case totalNotKnown = "total-not-known"
    /// How many keys there are is not known.
    case keysNotKnown = "keys-not-known"
    /// More keys were met than there were at the beginning: how many are left is not known.
    case stillGrowing = "still-growing"

    public var words: String {
        switch self {
        case .totalNotKnown:
            "no upper end: the server does not tell what all keys take together"
        case .keysNotKnown: "no interval: how many keys there are is not known"
        case .stillGrowing: "no upper end: more keys were met than there were at the beginning"
        }
    }
}
