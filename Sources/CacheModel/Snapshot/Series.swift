internal import RedisValues

/// Samples of one figure over time, the oldest dropped first, with gaps where nothing was known.
public struct Series: Equatable, Sendable {
    private struct Sample: Equatable {
        /// Seconds on the monotonic clock.
        var at: Double
        /// NaN is a gap.
        var value: Double
    }

    private var samples: [Sample] = []
    private var start = 0
    public let capacity: Int

    public init(capacity: Int) { self.capacity = max(1, capacity) }

    public var last: Double? {
        guard !samples.isEmpty else { return nil }
        return Self.known(samples[(start + samples.count - 1) % samples.count])
    }

    public mutating func append(_ value: Double?, at elapsed: Duration) {
        let finite = value.flatMap { $0.isFinite ? $0 : nil }
        let sample = Sample(at: elapsed / .seconds(1), value: finite ?? .nan)
        if samples.count < capacity {
            samples.append(sample)
        } else {
            samples[start] = sample
            start = (start + 1) % capacity
        }
    }

    /// Means of equally long stretches of time, oldest first; nil where nothing is known.
    ///
    /// Stretches begin at multiples of their length, so that a chart scrolls and does not shimmer. A sample holds
    /// until the next one, at most for `hold`: polls rarer than stretches leave no holes, a lost connection does.
    public func buckets(
        count: Int, span: Duration, until now: Duration, hold: Duration = .seconds(3)
    ) -> [Double?] {
        guard count > 0, span > .zero else { return [] }
        let width = span / .seconds(1) / Double(count)
        let end = ((now / .seconds(1)) / width).rounded(.down) + 1
        let begin = end - Double(count)
        var sums = [Double](repeating: 0, count: count)
        var counts = [Int](repeating: 0, count: count)
        var held = [Double?](repeating: nil, count: count)
        let holdSeconds = hold / .seconds(1)
        for offset in samples.indices {
            let sample = samples[(start + offset) % samples.count]
            guard let value = Self.known(sample), sample.at + holdSeconds >= begin * width else { continue }
            let next = offset + 1 < samples.count ? samples[(start + offset + 1) % samples.count].at : now / .seconds(1)
            let first = Int(max(-1, min(Double(count), (sample.at / width).rounded(.down) - begin)))
            let until = min(next, sample.at + holdSeconds)
            let last = Int(max(-1, min(Double(count) - 1, (until / width).rounded(.down) - begin)))
            if first >= 0, first < count {
                sums[first] += value
                counts[first] += 1
            }
            if first + 1 <= last { for index in (first + 1)...last { held[index] = value } }
        }
        return (0..<count).map { counts[$0] > 0 ? sums[$0] / Double(counts[$0]) : held[$0] }
    }

    /// Least and greatest value of the last `span`; nil where nothing is known.
    public func range(span: Duration, until now: Duration) -> ClosedRange<Double>? {
        let begin = (now - span) / .seconds(1)
        let values = samples.lazy.filter { $0.at >= begin }.compactMap(Self.known)
        guard let least = values.min(), let greatest = values.max() else { return nil }
        return least...greatest
    }

    private static func known(_ sample: Sample) -> Double? { sample.value.isNaN ? nil : sample.value }
}
