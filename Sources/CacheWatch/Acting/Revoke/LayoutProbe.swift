internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Looks at the keys that are there: some at random, and where none of them is a revoked token, a walk of a second.
struct LayoutProbe {
    let session: Session
    /// For what may lie on other nodes: a token's key in the other layout.
    let router: Router
    let keyPrefix: [UInt8]

    private static let draws = 1000
    private static let patience = Duration.seconds(1)
    private static let enough = 10

    /// Keys of revoked tokens, each once.
    private struct Found {
        var keys: [(key: [UInt8], layout: BlacklistLayout, id: String)] = []
        var seen: Set<[UInt8]> = []
        var examined = 0
    }

    func run() async throws(CacheError) -> LayoutFinding {
        var found = Found()
        if !(await session.line.denied().contains(.randomKey)), try await DrawProbe.live(on: session).canBeDrawn {
            try await draw(&found)
        }
        if found.keys.isEmpty, !(await session.line.denied().contains(.scan)) { try await walk(&found) }
        return try await finding(found)
    }

    private func draw(_ found: inout Found) async throws(CacheError) {
        var flight = FlightBuffer()
        for _ in 0..<Self.draws { flight.append(Question.randomKey.command, as: "randomkey") }
        let replies = try await session.fly(flight)
        if case .error(let words)? = replies.nodes.first {
            await session.line.note(.randomKey, error: Array(replies.bytes[words]))
            return
        }
        var position = 0
        for _ in 0..<Self.draws {
            guard let key = try? replies.string(at: &position), found.seen.insert(key).inserted else { continue }
            found.examined +|= 1
            note(key, &found)
        }
    }

    private func walk(_ found: inout Found) async throws(CacheError) {
        let patterns = Glob(Glob.escaped(keyPrefix) + Array("*blacklist*".utf8))
        var scan = MatchingScan(.pattern(patterns), within: ScanBound(keys: nil))
        var course = OperationCourse(pace: .gentle, control: SweepControl(), line: session.line)
        try await course.calibrate(on: session)
        while !scan.isDone, course.elapsed < Self.patience, found.keys.count < Self.enough {
            var flight = FlightBuffer()
            scan.append(to: &flight, count: course.governor.count)
            let replies: ReplyArena
            do throws(CacheError) { replies = try await course.fly(flight, on: session) } catch {
                if case .refused(let refusal) = error, refusal.kind.deniesCommand { return }
                throw error
            }
            var position = 0
            let keys: [[UInt8]]
            do throws(CacheError) { keys = try scan.receive(replies, at: &position) } catch {
                // What was seen until then is as good as what is seen in a second.
                if case .refused(let refusal) = error, refusal.kind == .endlessScan { break }
                throw error
            }
            for key in keys where found.seen.insert(key).inserted { note(key, &found) }
        }
        // A step of SCAN looks at places, and there may be fewer keys.
        let size = (try? await session.ask([Question.size.command]))?.first.flatMap { try? $0.count }
        found.examined +|= min(scan.examined, size ?? scan.examined)
    }

    private func note(_ key: [UInt8], _ found: inout Found) {
        for layout in BlacklistLayout.allCases {
            if let id = layout.id(in: key, keyPrefix: keyPrefix) { found.keys.append((key, layout, id)) }
        }
    }

    /// What stands in both layouts says nothing of which one servers ask.
    private func finding(_ found: Found) async throws(CacheError) -> LayoutFinding {
        var finding = LayoutFinding()
        finding.examined = found.examined
        for part in found.keys.parts(of: 500) {
            let part = Array(part)
            let names = try await names(of: part)
            let twins = zip(part, names).map { item, name in
                let other: BlacklistLayout = item.layout == .documented ? .deployed : .documented
                return KeyedCommand("EXISTS", other.key(of: name, keyPrefix: keyPrefix))
            }
            for (item, reply) in zip(part, try await router.ask(twins).replies) {
                switch (reply, item.layout) {
                case (.integer(1...), _): finding.twins += 1
                case (_, .documented): finding.documented += 1
                case (_, .deployed): finding.deployed += 1
                }
            }
        }
        return finding
    }

    /// What the guide's layout calls each of them.
    private func names(
        of keys: [(key: [UInt8], layout: BlacklistLayout, id: String)]
    ) async throws(CacheError) -> [String] {
        let deployed = keys.indices.filter { keys[$0].layout == .deployed }
        var names = keys.map(\.id)
        let replies = try await router.ask(deployed.map { RevokedListing.value(of: keys[$0].key) }).replies
        for (index, reply) in zip(deployed, replies) {
            names[index] = RevokedToken(value: (try? reply.bytes) ?? [], id: keys[index].id).id
        }
        return names
    }
}
