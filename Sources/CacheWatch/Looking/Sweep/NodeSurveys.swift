internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import NIOConcurrencyHelpers

// Several nodes at once, and what comes of it as one.
extension KeyspaceSurveyor {
    /// Draws from every primary as many keys as its part of all keys, so that all keys have the same chance.
    ///
    /// - Parameter countsFew: leaves keys that are no more than the sample undrawn.
    func draw(sample: Int, countsFew: Bool = false) async -> KeyEstimator.Draw {
        let empty = KeyEstimator.Draw(tally: KeyspaceTally(classifier: classifier))
        do throws(CacheError) {
            let lines = try await primaryLines()
            guard lines.count > 1 else {
                return await KeyEstimator(line: lines[0], classifier: classifier, deadline: deadline).run(
                    sample: sample, countsFew: countsFew)
            }
            let live = await live(of: lines)
            let sizes = live.map(\.counted)
            if countsFew, !sizes.contains(nil), sizes.reduce(0, { $0 +| ($1 ?? 0) }) <= sample {
                var draw = empty
                draw.isSmall = true
                return draw
            }
            // What has expired is counted by its node, and drawn by nobody.
            let parts = SampleParts.parts(of: sample, sizes: live.map(\.shown))
            return await withTaskGroup(of: KeyEstimator.Draw.self) { [classifier, deadline] group in
                for (line, part) in zip(lines, parts) {
                    group.addTask {
                        await KeyEstimator(line: line, classifier: classifier, deadline: deadline).run(sample: part)
                            .named(line.name)
                    }
                }
                var sum = empty
                var budgets: [Double?] = []
                for await draw in group {
                    sum.add(draw)
                    budgets.append(draw.budget)
                }
                sum.budget = budgets.contains(nil) ? nil : budgets.compactMap { $0 }.reduce(0.0, +)
                return sum
            }
        } catch {
            var draw = empty
            draw.refusal = error.refusal
            return draw
        }
    }

    private static func live(on line: Line, _ deadline: Duration) async -> LiveKeys? {
        do throws(CacheError) { return try await DrawProbe.live(on: try await line.session(deadline: deadline)) } catch
        {
            return nil
        }
    }

    /// What each has; nothing is known of one that does not answer.
    private func live(of lines: [Line]) async -> [LiveKeys] {
        await withTaskGroup(of: (Int, LiveKeys?).self) { [deadline] group in
            for (index, line) in lines.enumerated() {
                group.addTask { (index, await Self.live(on: line, deadline)) }
            }
            var all = [LiveKeys](repeating: LiveKeys(), count: lines.count)
            for await (index, live) in group { all[index] = live ?? LiveKeys() }
            return all
        }
    }

    /// Walks over every primary, all at once.
    func walk(
        _ options: SweepOptions, _ control: SweepControl, tell: @escaping @Sendable (NodeWalk) -> Void
    ) async -> NodeWalk {
        let lines: [Line]
        do throws(CacheError) { lines = try await primaryLines() } catch {
            var walk = NodeWalk(tally: KeyspaceTally(classifier: classifier))
            walk.refusal = error.refusal
            return walk
        }
        // Whoever may not ask for it is shown what the walks have found.
        let layout = try? await deployment.layout()
        guard lines.count > 1 || layout != nil else {
            return await walk(over: lines[0], options, control, tell: tell)
        }
        let sums = WalkSums(classifier: classifier, tell: tell)
        let walks = await withTaskGroup(of: NodeWalk.self) { group in
            for (index, line) in lines.enumerated() {
                group.addTask {
                    await self.walk(over: line, options, control) { sums.note($0, of: index) }.named(line.name)
                }
            }
            var walks: [NodeWalk] = []
            for await walk in group { walks.append(walk) }
            return walks
        }
        let sum = NodeWalk.sum(of: walks, classifier: classifier)
        guard let layout, sum.complete, !control.isCancelled else { return sum }
        return await SlotRecount(
            surveyor: self, deployment: deployment, classifier: classifier, options: options, control: control
        ).run(walks, since: layout) ?? sum
    }

    /// Walks; where another node takes the place of the one that was walked over, its keys are walked over anew.
    private func walk(
        over first: Line, _ options: SweepOptions, _ control: SweepControl,
        tell: @escaping @Sendable (NodeWalk) -> Void
    ) async -> NodeWalk {
        var line = first
        var before = Receipt()
        var followed = 0
        while true {
            var walk = await NodeSweep(
                line: line, classifier: classifier, options: options, control: control, deadline: deadline,
                isCluster: deployment.movesKeys
            ).run(tell: tell)
            walk.receipt = before + walk.receipt
            if control.isCancelled || (walk.complete && deployment.isPrimary(line.name)) { return walk }
            // Whose walk has no end is followed by nobody, and nobody follows for ever.
            guard walk.refusal?.kind != .endlessScan, followed < Self.mostFollowed,
                let next = await deployment.successor(of: line.name), !control.isCancelled
            else { return walk }
            before = walk.receipt
            line = next.line(.survey)
            followed += 1
        }
    }

    private static let mostFollowed = 10
}

/// What several walks have counted so far.
private final class WalkSums: Sendable {
    private struct State {
        var walks: [Int: NodeWalk] = [:]
        var told = ContinuousClock.now
    }

    private let state = NIOLockedValueBox(State())
    private let classifier: KeyClassifier
    private let tell: @Sendable (NodeWalk) -> Void
    private static let tellingEvery = Duration.milliseconds(200)

    init(classifier: KeyClassifier, tell: @escaping @Sendable (NodeWalk) -> Void) {
        self.classifier = classifier
        self.tell = tell
    }

    func note(_ walk: NodeWalk, of index: Int) {
        let walks: [NodeWalk]? = state.withLockedValue { state in
            state.walks[index] = walk
            guard ContinuousClock.now - state.told > Self.tellingEvery else { return nil }
            state.told = .now
            return Array(state.walks.values)
        }
        if let walks { tell(.sum(of: walks, classifier: classifier)) }
    }
}

extension NodeWalk {
    /// - Returns: whole only where all of them are.
    static func sum(of walks: [NodeWalk], classifier: KeyClassifier) -> NodeWalk {
        var sum = NodeWalk(tally: KeyspaceTally(classifier: classifier))
        sum.budget = walks.isEmpty ? nil : 0
        sum.complete = !walks.isEmpty && walks.allSatisfy(\.complete)
        for walk in walks {
            sum.tally.merge(walk.tally)
            sum.receipt = sum.receipt + walk.receipt
            sum.expected +|= walk.expected
            sum.budget = sum.budget.flatMap { budget in walk.budget.map { budget + $0 } }
            sum.refusal = sum.refusal ?? walk.refusal
            for denied in walk.denied where !sum.denied.contains(denied) { sum.denied.append(denied) }
        }
        return sum
    }

    fileprivate func named(_ node: String) -> NodeWalk {
        var walk = self
        walk.refusal = refusal?.named(node)
        return walk
    }
}

extension KeyEstimator.Draw {
    fileprivate mutating func add(_ other: KeyEstimator.Draw) {
        tally.merge(other.tally)
        receipt = receipt + other.receipt
        keys = keys.flatMap { keys in other.keys.map { keys +| $0 } }
        present = present.flatMap { mine in
            other.present.map {
                Estimated(mine.value + $0.value, low: mine.low + $0.low, high: mine.high + $0.high)
            }
        }
        refusal = refusal ?? other.refusal
        for one in other.denied where !denied.contains(one) { denied.append(one) }
    }

    fileprivate func named(_ node: String) -> KeyEstimator.Draw {
        var draw = self
        draw.refusal = refusal?.named(node)
        return draw
    }
}

extension Refusal {
    /// Says which of several nodes it is.
    func named(_ node: String) -> Refusal { Refusal(kind, detail: detail.isEmpty ? node : "\(node): \(detail)") }
}
