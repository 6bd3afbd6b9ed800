public import RedisValues

/// How far a snapshot that was found is from the time that somebody wished for.
public enum RecordedTime {
    /// - Parameters:
    ///   - wished: by whoever has typed it.
    ///   - found: when the snapshot was taken.
    ///   - interval: between two snapshots there.
    /// - Returns: what is to be said; nil where it is the snapshot of that time.
    public static func remark(
        wished: WallTime, found: WallTime, interval: Duration, _ clock: CivilClock
    ) -> String? {
        if found > wished {
            return
                "nothing of it was recorded before \(clock.full(found)): its first snapshot stands for \(clock.full(wished))"
        }
        guard wished - found > max(interval * 3, shortestGap) else { return nil }
        return "nothing was recorded at \(clock.full(wished)): this is the last snapshot before, "
            + "\(Format.age(wished - found)) earlier"
    }

    private static let shortestGap = Duration.seconds(3)
}
