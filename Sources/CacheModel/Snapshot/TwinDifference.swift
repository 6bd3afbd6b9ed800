internal import RedisValues

/// How far a figure is from that of its twin: another time, or another server.
public struct TwinDifference: Equatable, Sendable {
    public let now: Double
    public let twin: Double
    /// The median absolute deviation of the twin's last ten minutes; nil where too few samples tell.
    public let noise: Double?

    /// How far back the twin's noise is looked for.
    public static let window = Duration.seconds(600)

    private static let leastSamples = 5
    private static let deviations = 3.0
    /// Of the twin's figure.
    private static let leastPart = 0.05

    public init(now: Double, twin: Double, noise: Double?) { (self.now, self.twin, self.noise) = (now, twin, noise) }

    /// - Parameter samples: what the twin's figure was in the last ten minutes.
    public init(now: Double, twin: Double, samples: [Double]) {
        self.init(now: now, twin: twin, noise: Self.deviation(of: samples))
    }

    public var difference: Double { now - twin }
    /// As a part of what the twin has; nil beside nothing.
    public var part: Double? { twin == 0 ? nil : difference / abs(twin) }
    /// Whether it is more than the twin differs from itself, and more than a twentieth; nil where nobody knows how much that is.
    public var isBeyondNoise: Bool? {
        noise.map { abs(difference) > $0 * Self.deviations && abs(difference) > abs(twin) * Self.leastPart }
    }

    /// The median of the distances to the median; nil for fewer than five samples.
    public static func deviation(of samples: [Double]) -> Double? {
        guard samples.count >= leastSamples else { return nil }
        let middle = median(samples)
        return median(samples.map { abs($0 - middle) })
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
