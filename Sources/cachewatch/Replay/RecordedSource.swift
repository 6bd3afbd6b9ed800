internal import CommandLineModel
internal import Dashboard

/// A recording that is played.
struct RecordedSource: DashboardSource {
    let player: ReplayPlayer
    private let start = ContinuousClock.now

    init(player: ReplayPlayer) { self.player = player }

    var elapsed: Duration { ContinuousClock.now - start }

    func run() async { await player.begin() }

    /// There is nobody who could be asked for anything else.
    func perform(_ effect: Effect) async {
        if case .replay(let order) = effect { await player.perform(order) }
    }

    func finish(unread: Set<Ticket>) async -> ReceiptBook { ReceiptBook() }
}
