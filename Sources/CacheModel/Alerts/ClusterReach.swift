internal import RedisValues

/// How much of a cluster answers now.
public struct ClusterReach: Equatable, Sendable {
    /// Primaries that answer.
    public var primaries: Int
    public var allPrimaries: Int
    /// Slots whose primary answers, of 16,384.
    public var slots: Int
    /// Keys of the primaries that do not answer, when they last did; nil where one of them never has.
    public var lostKeys: Int?

    /// - Parameter known: the keys that nodes had when they last said so, by address.
    public init?(_ snapshot: Snapshot, known: [String: Int] = [:]) {
        guard let cluster = snapshot.topology?.cluster else { return nil }
        let answering = Set(snapshot.nodes.filter(\.reachable).map(\.address))
        let shards = cluster.shards.filter { !$0.slots.isEmpty }
        let served = shards.filter { $0.primary.map { answering.contains($0.address) } ?? false }
        primaries = served.count
        allPrimaries = shards.count
        // What the cluster itself calls failing nobody is served from, whoever answers us.
        slots = min(
            served.reduce(0) { $0 +| $1.slotCount }, KeySlot.count - max(0, min(KeySlot.count, cluster.failingSlots)))
        let silent = shards.compactMap(\.primary).map(\.address).filter { !answering.contains($0) }
        let keys = silent.map { known[$0] }
        lostKeys = silent.isEmpty || keys.contains(nil) ? nil : keys.reduce(0) { $0 +| ($1 ?? 0) }
    }

    /// True where keys are out of reach.
    public var isPartial: Bool { primaries < allPrimaries || slots < KeySlot.count }

    /// What is there, the most important first: `2 of 3 primaries`, `10,923 of 16,384 slots`.
    public var words: [String] {
        [
            SumParts(counted: primaries, all: allPrimaries).words,
            lostKeys.map { "\(Format.shortCount($0, "key")) out of reach" },
            "\(Format.count(slots)) of \(Format.count(KeySlot.count, "slot"))",
        ].compactMap { $0 }
    }
}
