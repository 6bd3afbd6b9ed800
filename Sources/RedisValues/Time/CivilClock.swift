/// How instants are written here: each by the offset that holds at that instant, which in summer is another one.
public struct CivilClock: Sendable {
    private let offset: @Sendable (WallTime) -> Int

    public static let utc = CivilClock(offset: 0)

    /// - Parameter offset: seconds east of UTC, at all times.
    public init(offset: Int) { self.offset = { _ in offset } }

    /// - Parameter offset: seconds east of UTC at an instant.
    public init(offsetAt offset: @escaping @Sendable (WallTime) -> Int) { self.offset = offset }

    /// `14:32:07`.
    public func clock(_ time: WallTime) -> String { time.clock(offset: offset(time)) }

    /// `2026-11-22`.
    public func date(_ time: WallTime) -> String { time.date(offset: offset(time)) }

    /// `2026-11-22 14:32:07`.
    public func dateAndClock(_ time: WallTime) -> String { "\(date(time)) \(clock(time))" }

    /// `2026-11-22 14:32:07 UTC`, or `+01:00` instead of `UTC`.
    public func full(_ time: WallTime) -> String { "\(dateAndClock(time)) \(zone(at: time))" }

    /// Without the date where it is that of the other instant.
    public func short(_ time: WallTime, seenAt now: WallTime) -> String {
        date(time) == date(now) ? clock(time) : dateAndClock(time)
    }

    private func zone(at time: WallTime) -> String {
        let offset = offset(time)
        guard offset != 0 else { return "UTC" }
        let minutes = Int(offset.magnitude / 60)
        let digits = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return (offset < 0 ? "-" : "+") + digits.joined(separator: ":")
    }
}
