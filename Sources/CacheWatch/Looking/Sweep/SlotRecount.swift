internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Counts anew what has moved between nodes while those were walked over: it was met twice, or not at all.
struct SlotRecount: Sendable {
    let surveyor: KeyspaceSurveyor
    let deployment: any Deployment
    let classifier: KeyClassifier
    let options: SweepOptions
    let control: SweepControl

    /// How often the same slots are counted until nobody goes after them any more.
    private static let rounds = 20
    private static let asked = 1000
    /// Of keys that are only counted, so many of each part are asked about.
    private static let sampled = 100
    private static let pause = Duration.milliseconds(2)

    /// - Returns: nil where nothing has moved.
    func run(_ walks: [NodeWalk], since layout: SlotLayout) async -> NodeWalk? {
        var sum = NodeWalk.sum(of: walks, classifier: classifier)
        do throws(CacheError) {
            guard var after = try await deployment.layout() else { return nil }
            var before = layout
            var parts = Set(after.touched(since: before).map(SlotParts.part))
            if parts.isEmpty { return nil }
            // What moved is in the account of two nodes, or of none.
            sum.budget = nil
            sum.tally = Self.rest(of: walks, without: parts, classifier)
            var counted: [Int: KeyspaceTally] = [:]
            for _ in 0..<Self.rounds where !parts.isEmpty {
                for part in parts {
                    guard let tally = try await count(part, after, since: before) else {
                        sum.complete = false
                        return sum
                    }
                    counted[part] = tally
                }
                guard let now = try await deployment.layout() else { return nil }
                let slots = Set(parts.flatMap { SlotParts.range(of: $0) })
                parts = Set(now.escaped(among: slots, since: after).map(SlotParts.part))
                (before, after) = (after, now)
            }
            for tally in counted.values { sum.tally.merge(tally) }
            if !parts.isEmpty {
                sum.complete = false
                sum.refusal = Refusal(.slotsMoving)
            }
        } catch {
            sum.complete = false
            sum.refusal = error.refusal
        }
        return sum
    }

    private static func rest(of walks: [NodeWalk], without parts: Set<Int>, _ classifier: KeyClassifier)
        -> KeyspaceTally
    {
        var rest = KeyspaceTally(classifier: classifier)
        for walk in walks {
            for (part, tally) in walk.parts.enumerated() where !parts.contains(part) { rest.merge(tally) }
        }
        return rest
    }

    /// - Returns: nil where somebody stops it.
    private func count(_ part: Int, _ layout: SlotLayout, since before: SlotLayout) async throws(CacheError)
        -> KeyspaceTally?
    {
        var tally = KeyspaceTally(classifier: classifier)
        var seen: Set<[UInt8]> = []
        let router = Router(deployment: deployment) { node throws(CacheError) in
            try await surveyor.session(with: node)
        }
        for step in layout.steps(for: Set(SlotParts.range(of: part)), since: before) {
            guard let node = await deployment.nodes().first(where: { $0.name == step.node }) else { continue }
            let session = try await surveyor.session(with: node)
            for slots in step.slots.parts(of: SlotKeys.slotsAtOnce) {
                if control.isCancelled { return nil }
                let keys = try await SlotKeys.list(slots, on: session).filter { seen.insert($0).inserted }
                let namespaces = keys.map { tally.count($0.span) }
                let wanted = options.full ? keys.count : min(keys.count, Self.sampled)
                for range in Array(0..<wanted).parts(of: Self.asked) {
                    try await ask(range.map { (keys[$0], namespaces[$0]) }, router, &tally)
                    await control.rest(for: options.pace == .gentle ? Self.pause : .zero)
                }
            }
        }
        return tally
    }

    private func ask(
        _ keys: [(name: [UInt8], namespace: Int)], _ router: Router, _ tally: inout KeyspaceTally
    ) async throws(CacheError) {
        let names = ["TYPE", "PTTL"]
        let replies = try await router.ask(
            keys.flatMap { key in
                names.map { KeyedCommand($0, key.name) }
                    + [KeyedCommand(key.name, Command([Array("MEMORY".utf8), Array("USAGE".utf8), key.name]))]
            }
        ).replies
        for (index, key) in keys.enumerated() {
            let (type, lifetime, bytes) = (replies[3 * index], replies[3 * index + 1], replies[3 * index + 2])
            var facts = KeyFacts()
            if let name = try? type.bytes { facts.type = KeyType(name: name.span) }
            if let milliseconds = try? lifetime.integer {
                // Gone since it was listed.
                if milliseconds == -2 { continue }
                facts.lifetime = milliseconds == -1 ? .never : .milliseconds(Int(max(0, milliseconds)))
            }
            if let size = try? bytes.integer { facts.bytes = Int(max(0, min(Int64(KeyFacts.largest), size))) }
            tally.note(facts, key: key.name.span, namespace: key.namespace)
        }
    }
}

extension KeyspaceSurveyor {
    /// A session with a node, over which keys are looked at.
    func session(with node: Node) async throws(CacheError) -> Session {
        try await node.line(.survey).session(deadline: deadline)
    }
}
