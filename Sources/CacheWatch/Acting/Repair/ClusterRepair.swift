internal import CacheCore
internal import CacheWire
internal import CacheModel

/// A repair of all nodes that hold keys, or a look at what there is to repair, one after the other.
struct ClusterRepair {
    let filter: KeyFilter
    let measure: RepairMeasure
    let control: SweepControl
    let pace: SweepPace
    /// nil where nothing is to be changed.
    var mending: Mending?

    /// What it takes to change something.
    struct Mending {
        let journal: JournalWriter
        /// What keys begin with, to find out on a key that nobody has how a server gives times to live.
        let prefix: [UInt8]
        let permit: WritePermit
    }
}

extension CacheOperations {
    /// - Parameters:
    ///   - layout: who held which slots before; nil where keys do not move.
    ///   - sum: what was done, also where it throws.
    func repair(
        _ targets: [Target], _ course: ClusterRepair, since layout: SlotLayout?, into sum: inout TTLRepair.Sum,
        tell: @Sendable (OperationProgress) -> Void
    ) async throws(CacheError) {
        sum.expected = targets.reduce(0) { $0 +| $1.opened.keys }
        sum.isCluster = layout != nil
        for target in targets {
            try await repair(target, course, into: &sum, tell: tell)
            guard sum.isWhole else { return }
        }
        guard var before = layout, var after = try await deployment.layout() else { return }
        var slots = after.touched(since: before).union(sum.strays)
        // What has moved between nodes meanwhile is looked at where it is now.
        for _ in 0..<Self.rounds {
            if slots.isEmpty { return }
            sum.strays = []
            // Whoever only looks counts what is there anew; what was mended was mended.
            if course.mending == nil { sum.forget(slots) }
            var seen: Set<[UInt8]> = []
            for step in after.steps(for: slots, since: before) {
                let target = try await target(named: step.node)
                for part in step.slots.parts(of: SlotKeys.slotsAtOnce) {
                    let keys = try await SlotKeys.list(part, on: target.session).filter {
                        course.filter.keeps($0) && seen.insert($0).inserted
                    }
                    if !keys.isEmpty { try await repair(target, course, keys: keys, into: &sum, tell: tell) }
                    guard sum.isWhole || keys.isEmpty else { return }
                }
            }
            await course.control.rest(for: ClusterFlush.pause)
            guard let now = try await deployment.layout() else { return }
            slots = now.escaped(among: slots, since: after).union(sum.strays)
            (before, after) = (after, now)
        }
        throw .refused(Refusal(.slotsMoving, detail: "keys may be left; repair it again"))
    }

    private static let rounds = 200

    private func repair(
        _ target: Target, _ course: ClusterRepair, keys: [[UInt8]]? = nil, into sum: inout TTLRepair.Sum,
        tell: @Sendable (OperationProgress) -> Void
    ) async throws(CacheError) {
        let repair = TTLRepair(
            session: target.session, filter: course.filter, measure: course.measure, control: course.control,
            pace: course.pace)
        var means: TTLRepair.Means?
        if let mending = course.mending {
            let way = try await repair.way(probe: try await probe(in: mending.prefix, on: target.session))
            means = TTLRepair.Means(way: way, journal: mending.journal, permit: mending.permit)
        }
        try await repair.run(target.opened, keys: keys, by: means, into: &sum, tell: tell)
    }
}
