public import RedisValues

/// How long segments are kept, and how many bytes of them.
public struct Retention: Equatable, Sendable {
    /// nil for ever.
    public var age: Duration?
    /// In bytes, of all segments together; nil for any.
    public var size: Int?

    public init(age: Duration? = nil, size: Int? = nil) { (self.age, self.size) = (age, size) }

    public struct Segment: Equatable, Sendable {
        public var name: SegmentName
        public var bytes: Int

        public init(_ name: SegmentName, bytes: Int) { (self.name, self.bytes) = (name, bytes) }
    }

    /// The names that go, the oldest first; never the one that grows.
    public func leaving(_ segments: [Segment], growing: SegmentName?, at now: WallTime) -> [SegmentName] {
        var sum = segments.reduce(0) { $0 +| $1.bytes }
        var leaving: [SegmentName] = []
        let oldestFirst = segments.sorted { Rotation.precedes($0.name, $1.name, at: now) }
        for segment in oldestFirst where segment.name != growing {
            // Its latest line is at most as old as its hour's end.
            let end = segment.name.hour.adding(.milliseconds(SegmentName.hourLength))
            let isOld = age.map { now - end > $0 } ?? false
            guard isOld || size.map({ sum > $0 }) ?? false else { continue }
            leaving.append(segment.name)
            sum = sum -| segment.bytes
        }
        return leaving
    }
}
