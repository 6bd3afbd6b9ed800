internal import CacheCore
internal import CacheWire
internal import CacheModel

/// A flush of all nodes that hold keys, one after the other.
struct ClusterFlush {
    let filter: KeyFilter
    /// Keys that go though no journal can hold them.
    let forGood: Set<[UInt8]>
    /// Of the keys, as an example.
    let prefix: [UInt8]
    let pace: SweepPace
    let control: SweepControl
    let journal: JournalWriter?
    let permit: Permit
    var tally: NamespaceFlush.Tally

    /// How long slots may keep moving until nobody goes after them any more.
    static let patience = Duration.seconds(300)
    static let pause = Duration.milliseconds(100)
}

extension CacheOperations {
    /// - Parameter layout: who held which slots before; nil where keys do not move.
    func flush(
        _ targets: [Target], _ course: inout ClusterFlush, since layout: SlotLayout?,
        tell: @Sendable (OperationProgress) -> Void
    ) async {
        for target in targets {
            await flush(target, &course, tell: tell)
            guard course.tally.receipt.outcome.isDone else { return }
        }
        guard let layout else {
            // One node of a cluster, watched as a server of its own.
            if !course.tally.strays.isEmpty {
                course.tally.receipt.outcome = .stopped(
                    "some keys are on their way to other nodes of a cluster: flush it with --cluster")
            }
            return
        }
        do throws(CacheError) { try await follow(&course, since: layout, tell: tell) } catch {
            course.tally.receipt.outcome = .stopped(error.description)
        }
    }

    /// Flushes one node, and whoever takes its place.
    ///
    /// - Parameter keys: these, and no walk over all there are.
    private func flush(
        _ target: Target, keys: [[UInt8]]? = nil, _ course: inout ClusterFlush,
        tell: @Sendable (OperationProgress) -> Void
    ) async {
        var (current, keys) = (target, keys)
        for turn in 0...Self.mostFollowed {
            let name = current.session.line.name
            let compares: Bool
            do throws(CacheError) { compares = try await allowsScripts(course.prefix, on: current.session) } catch {
                course.tally.receipt.outcome = .stopped("\(name): \(error.description)")
                return
            }
            let flush = NamespaceFlush(
                session: current.session, filter: course.filter, forGood: course.forGood,
                planned: current.opened.identity, pace: course.pace, control: course.control, journal: course.journal,
                permit: course.permit.token,
                compares: compares,
                isPrimary: { [deployment] in deployment.isPrimary(name) })
            let isLost = await flush.run(current.opened, into: &course.tally, keys: keys, tell: tell)
            // Whoever is taken is flushed.
            guard isLost, turn < Self.mostFollowed, !course.control.isCancelled,
                let next = await successor(of: name, course.permit)
            else { return }
            // What was confirmed is which keys; the node is planned for anew, and whatever is there is walked over.
            (current, keys) = (next, nil)
            course.tally.receipt.continuedOn.append(next.opened.identity.address)
        }
    }

    /// Nobody follows one successor after the other for ever.
    private static let mostFollowed = 10

    /// Goes after keys that moved between nodes while those were walked over, until nothing moves any more.
    private func follow(
        _ course: inout ClusterFlush, since layout: SlotLayout, tell: @Sendable (OperationProgress) -> Void
    ) async throws(CacheError) {
        guard var after = try await deployment.layout() else { return }
        var before = layout
        var slots = after.touched(since: before).union(course.tally.strays)
        let end = ContinuousClock.now + ClusterFlush.patience
        while !slots.isEmpty {
            guard ContinuousClock.now < end else {
                throw .refused(Refusal(.slotsMoving, detail: "keys may be left; flush it again"))
            }
            course.tally.strays = []
            for step in after.steps(for: slots, since: before) {
                let target = try await target(named: step.node)
                for part in step.slots.parts(of: SlotKeys.slotsAtOnce) {
                    if course.control.isCancelled { return course.tally.receipt.outcome = .cancelled }
                    let keys = try await SlotKeys.list(part, on: target.session).filter(course.filter.keeps)
                    if keys.isEmpty { continue }
                    await flush(target, keys: keys, &course, tell: tell)
                    guard course.tally.receipt.outcome.isDone else { return }
                }
            }
            await course.control.rest(for: ClusterFlush.pause)
            guard let now = try await deployment.layout() else { return }
            slots = now.escaped(among: slots, since: after).union(course.tally.strays)
            (before, after) = (after, now)
        }
    }

    /// The primary that has taken another one's place, where it can be written to; nil where there is none.
    private func successor(of name: String, _ permit: Permit) async -> Target? {
        guard let node = await deployment.successor(of: name) else { return nil }
        do throws(CacheError) { return try await permit.guarded(node).target } catch { return nil }
    }

    /// A node that holds keys, by its name.
    func target(named name: String) async throws(CacheError) -> Target {
        guard let node = await deployment.nodes().first(where: { $0.name == name }) else {
            throw .refused(Refusal(.noPrimary, detail: "\(name) is gone"))
        }
        let session = try await session(with: node)
        return Target(session: session, opened: try await session.identity(isOfCluster: deployment.movesKeys))
    }
}

extension KeyFilter {
    /// Whether it concerns a key, as a walk would find it.
    func keeps(_ key: [UInt8]) -> Bool {
        if case .yes = verdict(key.span) { true } else { false }
    }
}
