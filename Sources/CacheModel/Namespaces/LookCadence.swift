/// When the keyspace is looked at without being asked: soon after the beginning, every now and then, and where an alert
/// was raised that a look would tell more of.
public struct LookCadence: Sendable {
    /// When the next estimate is due; nil for none.
    private var due: Duration?
    private var hasBegun = false
    /// When the latest look was made.
    private var latest: Duration?
    /// When one was last begun unasked.
    private var tried: Duration?
    /// Keys that there were at the latest poll, and at the last one before a look began.
    private var latestKeys: Int?
    private var keysThen: Int?
    /// When an alert has wished for an estimate for the last time.
    private var hurriedAt: Duration?

    /// However many alerts are raised, no two estimates that they wish for begin within less.
    private static let leastPause = Duration.seconds(30)
    /// What was counted is not soon replaced by what is guessed.
    private static let countedLasts = Duration.seconds(300)
    /// Of the keys, what makes a look old.
    private static let change = 0.2

    public init() {}

    /// - Parameters:
    ///   - every: nil where nobody looks unasked.
    ///   - isWished: whether an estimate would tell more of an alert.
    ///   - keys: that there are now; nil where that is not known.
    /// - Returns: true where an estimate is to begin now.
    public mutating func isDue(at now: Duration, every: Duration?, isWished: Bool, isBusy: Bool, keys: Int?) -> Bool {
        latestKeys = keys ?? latestKeys
        guard !isBusy, let every else { return false }
        // What was counted stands for longer, but not where the keys are others by now.
        if let keys, let keysThen, let latest, let due, Self.isOther(keys, than: keysThen) {
            self.due = min(due, max(latest, tried ?? latest) + every)
        }
        if !hasBegun { due = now }
        hasBegun = true
        let isHurried = isWished && hurriedAt.map { now - $0 >= Self.leastPause } ?? true
        guard let due, now >= due || isHurried else { return false }
        if isHurried { hurriedAt = now }
        (self.due, tried) = (now + every, now)
        return true
    }

    private static func isOther(_ keys: Int, than before: Int) -> Bool {
        abs(Double(keys) - Double(before)) >= change * Double(max(1, before))
    }

    /// A look begins, asked for or not.
    public mutating func begin() { keysThen = latestKeys }

    /// A look has come that says something.
    public mutating func note(lookAt time: Duration) { latest = time }

    /// An estimate has come.
    ///
    /// - Parameter isDenied: whether its commands are; it is not tried again by itself.
    public mutating func end(estimateAt time: Duration, every: Duration?, isDenied: Bool) {
        due = isDenied ? nil : every.map { time + $0 } ?? due
    }

    /// A sweep has come to an end.
    public mutating func end(sweepAt time: Duration, every: Duration?) {
        if let every { due = time + max(every, Self.countedLasts) }
    }

    /// What was refused may be allowed now.
    public mutating func retry() { hasBegun = false }
}
