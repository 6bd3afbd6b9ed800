internal import CommandLineModel
internal import Dashboard

/// Where what the dashboard shows comes from: a server that is watched, or a recording.
protocol DashboardSource: Sendable {
    /// How long this program has been at it, on the clock that ``Action/ticked(now:elapsed:)`` tells.
    var elapsed: Duration { get }
    /// Until its task is cancelled.
    func run() async
    /// Effects that are somebody else's are passed over.
    func perform(_ effect: Effect) async
    /// The screen is left: ends what is under way.
    ///
    /// - Parameter unread: acts whose results have come since the screen was drawn for the last time.
    func finish(unread: Set<Ticket>) async -> ReceiptBook
}
