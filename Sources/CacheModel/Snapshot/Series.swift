internal import RedisValues

/// Samples of one figure over time, the oldest dropped first, with gaps where nothing was known.
///
/// Samples of the last minutes are kept as they came; older ones that lie within the same second become their mean. So
/// whatever is polled five times a second reaches back as far as what is polled every second.
public struct Series: Equatable, Sendable {
    private struct Sample: Equatable {
        /// Seconds on the monotonic clock.
        var at: Double
        /// NaN is a gap.
        var value: Double
        /// Seconds for which it is worth something where no other comes; nil where its time did not say.
        var holds: Double?
        /// Samples of which it is the mean.
        var count = 1.0
    }

    /// Older than ``fine``, a second each at least; from ``start`` on.
    private var past: [Sample] = []
    private var start = 0
    private var recent: [Sample] = []
    private var recentStart = 0
    /// Seconds.
    public let capacity: Int

    /// Seconds within which samples are kept as they came.
    private static let fine = 120.0
    /// However often somebody polls.
    private static let mostRecent = 1200

    /// - Parameter capacity: how far it reaches back, in seconds.
    public init(capacity: Int) { self.capacity = max(1, capacity) }

    public var last: Double? { recent.last.flatMap(Self.known) }

    /// - Parameter hold: for how long it is worth something where no other comes: about as long as polls lay apart at its
    ///   time. nil leaves it to whoever asks.
    public mutating func append(_ value: Double?, at elapsed: Duration, hold: Duration? = nil) {
        let finite = value.flatMap { $0.isFinite ? $0 : nil }
        let now = elapsed / .seconds(1)
        recent.append(Sample(at: now, value: finite ?? .nan, holds: hold.map { $0 / .seconds(1) }))
        while recent.count - recentStart > Self.mostRecent || recent[recentStart].at < now - Self.fine {
            settle(recent[recentStart])
            recentStart += 1
        }
        drop(&past, &start, until: now - Double(capacity))
        drop(&recent, &recentStart, until: now - Double(capacity))
    }

    private mutating func settle(_ sample: Sample) {
        guard past.count > start, let last = past.last, last.at.rounded(.down) == sample.at.rounded(.down),
            last.value.isNaN == sample.value.isNaN
        else {
            past.append(sample)
            return
        }
        let count = last.count + sample.count
        past[past.count - 1] = Sample(
            at: last.at, value: last.value + (sample.value - last.value) * sample.count / count,
            holds: sample.holds.map { sample.at - last.at + $0 }, count: count)
    }

    private func drop(_ samples: inout [Sample], _ start: inout Int, until end: Double) {
        while start < samples.count, samples[start].at <= end { start += 1 }
        guard start > 256, start * 2 > samples.count else { return }
        samples.removeFirst(start)
        start = 0
    }

    private var count: Int { past.count - start + recent.count - recentStart }

    private func sample(_ index: Int) -> Sample {
        let old = past.count - start
        return index < old ? past[start + index] : recent[recentStart + index - old]
    }

    /// Means of equally long stretches of time, oldest first; nil where nothing is known.
    ///
    /// Stretches begin at multiples of their length, so that a chart scrolls and does not shimmer. A sample holds
    /// until the next one, at most for its own time: polls rarer than stretches leave no holes, a lost connection does.
    ///
    /// - Parameter hold: of samples that have no time of their own.
    public func buckets(
        count: Int, span: Duration, until now: Duration, hold: Duration = .seconds(3)
    ) -> [Double?] {
        guard count > 0, span > .zero else { return [] }
        let width = span / .seconds(1) / Double(count)
        let begin = ((now / .seconds(1)) / width).rounded(.down) + 1 - Double(count)
        var sums = [Double](repeating: 0, count: count)
        var counts = [Double](repeating: 0, count: count)
        var held = [Double?](repeating: nil, count: count)
        let known = self.count
        for offset in 0..<known {
            let sample = sample(offset)
            let end = sample.at + (sample.holds ?? hold / .seconds(1))
            guard let value = Self.known(sample), end >= begin * width else { continue }
            let next = offset + 1 < known ? self.sample(offset + 1).at : now / .seconds(1)
            let first = Int(max(-1, min(Double(count), (sample.at / width).rounded(.down) - begin)))
            let until = min(next, end)
            let last = Int(max(-1, min(Double(count) - 1, (until / width).rounded(.down) - begin)))
            if first >= 0, first < count {
                sums[first] += value * sample.count
                counts[first] += sample.count
            }
            if first + 1 <= last { for index in (first + 1)...last { held[index] = value } }
        }
        return (0..<count).map { counts[$0] > 0 ? sums[$0] / counts[$0] : held[$0] }
    }

    /// Least and greatest value of the last `span`; nil where nothing is known.
    public func range(span: Duration, until now: Duration) -> ClosedRange<Double>? {
        let begin = (now - span) / .seconds(1)
        let values = (0..<count).lazy.map(sample).filter { $0.at >= begin }.compactMap(Self.known)
        guard let least = values.min(), let greatest = values.max() else { return nil }
        return least...greatest
    }

    /// What is known of the last `span`, oldest first; a mean stands for the samples that it was made of.
    public func values(span: Duration, until now: Duration) -> [Double] {
        let begin = (now - span) / .seconds(1)
        return (0..<count).lazy.map(sample).filter { $0.at >= begin }.compactMap(Self.known)
    }

    private static func known(_ sample: Sample) -> Double? { sample.value.isNaN ? nil : sample.value }
}
