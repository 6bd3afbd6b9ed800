public import RedisValues

/// When a segment is closed and the next one begun.
public struct Rotation: Equatable, Sendable {
    public var longest: Duration
    /// In bytes.
    public var largest: Int

    public init(longest: Duration = .seconds(3600), largest: Int = 64 << 20) {
        (self.longest, self.largest) = (longest, largest)
    }

    /// - Parameters:
    ///   - began: when the segment that grows has got its first line, by the clock that never jumps.
    ///   - size: of it, in bytes.
    ///   - line: bytes of what is to be written.
    public func isDue(began: Duration, now: Duration, size: Int, line: Int) -> Bool {
        size > 0 && (now - began >= longest || size +| line > largest)
    }

    /// Beyond this it is not the hour's end nor a zone, but a clock that was wrong.
    public static let farAhead = Duration.seconds(86_400)

    /// Whether a segment was written before another: what a clock wrote that was a day ahead of now is older than all that
    /// was written since.
    public static func precedes(_ left: SegmentName, _ right: SegmentName, at now: WallTime) -> Bool {
        let (isAhead, isOtherAhead) = (left.hour - now > farAhead, right.hour - now > farAhead)
        return isAhead == isOtherAhead ? left < right : isAhead
    }

    /// The next segment's name: behind all that are there, so that names are in the order of writing also where the clock
    /// was set back. One of a clock that was a day ahead does not count.
    public static func name(at time: WallTime, among names: some Sequence<SegmentName>) -> SegmentName {
        let first = SegmentName(at: time)
        let last = names.filter { $0.hour - first.hour <= farAhead }.max { $0 < $1 }
        guard let last, last.hour >= first.hour else { return first }
        return last.plain.next
    }
}
