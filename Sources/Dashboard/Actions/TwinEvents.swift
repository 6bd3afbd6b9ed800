public import CacheModel

/// What is asked of whoever brings what the dashboard is compared with.
public enum TwinOrder: Hashable, Sendable {
    /// What somebody has typed: a recording, with or without a time in it, or a time of the one that is shown.
    case wish(String, now: WallTime, elapsed: Duration)
    /// What stands beside this instant.
    ///
    /// - Parameter jumps: whether nothing of before belongs to it.
    case show(now: WallTime, elapsed: Duration, jumps: Bool)
    case end
}

/// What becomes of a twin.
public enum TwinEvent: Sendable {
    /// It is there from now on; nothing of it is known yet.
    ///
    /// - Parameter isServer: whether it comes by itself, whatever is shown.
    case began(name: String, isServer: Bool)
    /// Another time of it stands beside what is shown.
    case moved(TwinMoment)
    /// What it says next.
    ///
    /// - Parameter elapsed: on the clock of what is shown; nil for now.
    case came(Snapshot, elapsed: Duration?)
    /// Nothing is known of it at this time, and why, escaped.
    case missing(String)
    case failed(String)
}

/// A twin at one instant.
public struct TwinMoment: Sendable {
    public var snapshot: Snapshot
    /// How far its time is from what is shown.
    public var offset: Duration
    /// On the clock of what is shown.
    public var elapsed: Duration
    /// By address, on the clock of what is shown.
    public var histories: [String: History]

    public init(snapshot: Snapshot, offset: Duration, elapsed: Duration, histories: [String: History]) {
        (self.snapshot, self.offset, self.elapsed, self.histories) = (snapshot, offset, elapsed, histories)
    }
}
