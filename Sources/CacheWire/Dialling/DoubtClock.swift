/// Since when something counts as refused in words that leave open for how long.
///
/// A proxy that lost its server for an instant is believed so long, and then asked again.
package struct DoubtClock: Equatable, Sendable {
    private var since: Duration?

    package static let lasts = Duration.seconds(300)

    package init() {}

    /// - Parameter now: monotonic.
    /// - Returns: whether what is in doubt is to be forgotten now.
    package mutating func isOver(hasDoubts: Bool, at now: Duration) -> Bool {
        guard hasDoubts else {
            since = nil
            return false
        }
        let start = since ?? now
        since = start
        guard now - start >= Self.lasts else { return false }
        since = nil
        return true
    }
}
