public import CacheModel

/// What is asked of the player of a recording.
public enum ReplayOrder: Hashable, Sendable {
    case pause, go
    /// So many snapshots on, or back where negative.
    case step(Int)
    /// So much time on, or back where negative.
    case skip(Duration)
    /// To the instant at which the next alert was raised, became worse or was explained, or the one before.
    case alert(isNext: Bool)
    /// A time as it is typed: `14:20`, `14:20:07`, `2026-11-25T14:20:07`, `-10m`.
    case at(String)
    /// So many times as fast as it was.
    case speed(Double)
    /// Words that are noted at the time that is shown.
    case mark(String)
}

/// What a player brings beside snapshots.
public enum ReplayEvent: Sendable {
    /// Another place: nothing of before is known there.
    case moved(ReplayMoment)
    /// What was there before, at the same place: alerts that are over, and charts that reach further back.
    case remembered(RecordedAlerts, [String: History])
    /// What is shown from here on was recorded from this server, which is another one than before where it is new.
    case concerns(target: String, isNew: Bool)
    /// The clock of the recording has gone on.
    case placed(ReplayPlace)
    case alert(AlertChange)
    /// A standing alert has another message and another value.
    case worded(Alert)
    case clients(ClientMemory)
    case marked(String)
    /// What somebody did with this program, in words.
    case acted(String)
    /// Nothing was recorded for a while, and why.
    case passed(ReplayGap)
}

/// All that is known at one instant of a recording.
public struct ReplayMoment: Sendable {
    /// The latest ones, oldest first: rates of commands are differences of two.
    public var snapshots: [Snapshot]
    /// Looks at the keyspace up to then, oldest first.
    public var looks: [NamespaceReport]
    public var clients: ClientMemory
    public var alerts: RecordedAlerts
    /// The charts, by address.
    public var histories: [String: History]

    public init(
        snapshots: [Snapshot] = [], looks: [NamespaceReport] = [], clients: ClientMemory = ClientMemory(),
        alerts: RecordedAlerts = RecordedAlerts(), histories: [String: History] = [:]
    ) {
        self.snapshots = snapshots
        self.looks = looks
        self.clients = clients
        self.alerts = alerts
        self.histories = histories
    }
}

/// A stretch of time of which nothing was recorded.
public struct ReplayGap: Equatable, Sendable {
    public var since: WallTime
    /// nil where the recording ends with it.
    public var until: WallTime?
    /// In the words of whoever recorded; nil where nobody has told.
    public var why: String?

    public init(since: WallTime, until: WallTime?, why: String?) {
        self.since = since
        self.until = until
        self.why = why
    }
}

/// Where a recording stands.
public struct ReplayPlace: Equatable, Sendable {
    public var now: WallTime
    /// On the recording's own monotonic clock, the one in its snapshots.
    public var elapsed: Duration
    public var speed: Double
    public var isPaused: Bool
    public var isAtEnd: Bool

    public init(
        now: WallTime, elapsed: Duration, speed: Double = 1, isPaused: Bool = false, isAtEnd: Bool = false
    ) {
        self.now = now
        self.elapsed = elapsed
        self.speed = speed
        self.isPaused = isPaused
        self.isAtEnd = isAtEnd
    }
}
