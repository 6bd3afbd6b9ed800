internal import CacheModel

/// What the figures are compared with: another time, or another server.
struct TwinBoard: Sendable {
    let name: String
    /// False for a recording, which is asked for each time that is shown.
    let isServer: Bool
    /// How far its time is from what is shown; nil for a server, and before anything of it is known.
    private(set) var offset: Duration?
    private(set) var snapshot: Snapshot?
    /// Why nothing is known of it at this time.
    private(set) var gap: String?
    private var histories: [String: History] = [:]

    init(name: String, isServer: Bool) { (self.name, self.isServer) = (name, isServer) }

    mutating func move(to moment: TwinMoment) {
        (offset, snapshot, histories) = (moment.offset, moment.snapshot, moment.histories)
        gap = Self.silence(of: moment.snapshot)
    }

    /// - Parameter elapsed: on the clock of what is shown.
    mutating func take(_ snapshot: Snapshot, at elapsed: Duration, every interval: Duration) {
        (self.snapshot, gap) = (snapshot, Self.silence(of: snapshot))
        for node in snapshot.nodes + [snapshot.sum].compactMap({ $0 }) {
            histories[node.address, default: History()].record(
                History.values(of: node), at: elapsed, every: interval)
        }
        let addresses = Set((snapshot.nodes + [snapshot.sum].compactMap { $0 }).map(\.address))
        if histories.count > addresses.count * 2 { histories = histories.filter { addresses.contains($0.key) } }
    }

    mutating func miss(_ words: String) { (snapshot, gap) = (nil, words) }

    private static func silence(of snapshot: Snapshot) -> String? {
        snapshot.isReachable ? nil : snapshot.nodes.compactMap { $0.refusal?.reason }.first ?? "did not answer"
    }

    // MARK: beside a node

    /// The one that stands for a node of what is shown: that of the same address, and for all of them all, or the only one.
    func node(beside node: NodeSnapshot, of shown: Snapshot) -> NodeSnapshot? {
        guard let snapshot else { return nil }
        if let same = snapshot.nodes.first(where: { $0.address == node.address }) { return same }
        let isWhole = shown.sum?.address == node.address || (shown.sum == nil && shown.dataNodes.count <= 1)
        guard isWhole else { return nil }
        if let sum = snapshot.sum { return sum }
        return snapshot.dataNodes.count == 1 ? snapshot.dataNodes.first : nil
    }

    func history(_ figure: History.Figure, beside node: NodeSnapshot, of shown: Snapshot) -> Series? {
        self.node(beside: node, of: shown).flatMap { histories[$0.address]?[figure] }
    }

    /// - Returns: nil where one of both is not known.
    func difference(
        _ figure: History.Figure, of node: NodeSnapshot, in shown: Snapshot, at elapsed: Duration
    ) -> TwinDifference? {
        guard let twin = self.node(beside: node, of: shown), let now = History.values(of: node)[figure.rawValue],
            let then = History.values(of: twin)[figure.rawValue]
        else { return nil }
        let samples = histories[twin.address]?[figure].values(span: TwinDifference.window, until: elapsed) ?? []
        return TwinDifference(now: now, twin: then, samples: samples)
    }
}
