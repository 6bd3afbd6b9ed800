internal import CacheWatch
internal import CommandLineModel
internal import Dashboard

/// A recording that is played.
struct RecordedSource: DashboardSource {
    let player: ReplayPlayer
    /// The time that somebody wants to see; nil for the beginning.
    private let wished: WallTime?
    private let start = ContinuousClock.now

    init(player: ReplayPlayer, from wished: WallTime?) { (self.player, self.wished) = (player, wished) }

    var elapsed: Duration { ContinuousClock.now - start }

    func run() async { await player.begin(at: wished) }

    /// There is nobody who could be asked for anything else.
    func perform(_ effect: Effect) async {
        if case .replay(let order) = effect { await player.perform(order) }
    }

    func finish(unread: Set<Ticket>) async -> ReceiptBook { ReceiptBook() }
}
