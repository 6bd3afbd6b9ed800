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

    /// The next segment's name, by those that are there: never one that is taken.
    public static func name(at time: WallTime, among names: some Sequence<SegmentName>) -> SegmentName {
        let first = SegmentName(at: time)
        let last = names.filter { $0.hour == first.hour }.map(\.number).max()
        return SegmentName(at: time, number: (last ?? 0) +| 1)
    }
}
