internal import CacheCore
internal import CacheWire
public import CacheModel

/// Which layout of the blacklist was found, and how.
public struct LayoutFinding: Equatable, Sendable {
    public var layout: BlacklistLayout
    /// Keys of each layout among those that were looked at.
    public var documented = 0
    public var deployed = 0
    public var examined = 0
    /// The settings say so; nothing was looked at.
    public var isSet = false

    public init(layout: BlacklistLayout) { self.layout = layout }

    /// With the layout that most keys have.
    var settled: LayoutFinding {
        var finding = self
        finding.layout = deployed > documented ? .deployed : .documented
        return finding
    }

    /// What two nodes show together.
    static func + (one: LayoutFinding, other: LayoutFinding) -> LayoutFinding {
        var sum = one
        sum.documented += other.documented
        sum.deployed += other.deployed
        sum.examined += other.examined
        return sum.settled
    }

    /// One line for whoever has to trust it.
    public var words: String {
        let name = "\(layout.prefix)<id>"
        if isSet { return "\(name), as revocation_layout says" }
        let looked = "\(Format.count(examined)) \(examined == 1 ? "key" : "keys") looked at"
        switch (documented, deployed) {
        case (0, 0): return "\(name) as documented: no revoked token among \(looked)"
        case (0, 1), (1, 0): return "\(name), as the one revoked token that was seen has it (\(looked))"
        case (0, _), (_, 0): return "\(name), as \(documented + deployed) revoked tokens have it (\(looked))"
        default:
            return "\(name): \(documented) keys are token:blacklist:…, \(deployed) blacklist:token:…; "
                + "both are in use, set revocation_layout"
        }
    }
}

/// Looks at the keys that are there: some at random, and where none of them is a revoked token, a walk of a second.
struct LayoutProbe {
    let session: Session
    let keyPrefix: [UInt8]

    private static let draws = 1000
    private static let patience = Duration.seconds(1)

    func run() async throws(CacheError) -> LayoutFinding {
        var finding = LayoutFinding(layout: .documented)
        if !(await session.line.denied.contains(.randomKey)) { try await draw(&finding) }
        if finding.documented + finding.deployed == 0, !(await session.line.denied.contains(.scan)) {
            try await walk(&finding)
        }
        return finding.settled
    }

    private func draw(_ finding: inout LayoutFinding) async throws(CacheError) {
        var flight = FlightBuffer()
        for _ in 0..<Self.draws { flight.append(Question.randomKey.command, as: "randomkey") }
        let replies = try await session.fly(flight)
        var position = 0
        var seen: Set<[UInt8]> = []
        for _ in 0..<Self.draws {
            guard let key = try? replies.string(at: &position), seen.insert(key).inserted else { continue }
            finding.examined += 1
            note(key, &finding)
        }
    }

    private func walk(_ finding: inout LayoutFinding) async throws(CacheError) {
        let patterns = KeyFilter.escaped(keyPrefix) + Array("*blacklist*".utf8)
        var scan = MatchingScan(.pattern(patterns))
        var course = OperationCourse(pace: .gentle, control: SweepControl(), line: session.line)
        try await course.calibrate(on: session)
        while !scan.isDone, course.elapsed < Self.patience, finding.documented + finding.deployed < 10 {
            var flight = FlightBuffer()
            scan.append(to: &flight, count: course.governor.count)
            let replies: ReplyArena
            do throws(CacheError) { replies = try await course.fly(flight, on: session) } catch {
                if case .refused(let refusal) = error, refusal.kind == .noPermission { return }
                throw error
            }
            var position = 0
            for key in try scan.receive(replies, at: &position) { note(key, &finding) }
        }
        finding.examined += scan.examined
    }

    private func note(_ key: [UInt8], _ finding: inout LayoutFinding) {
        if BlacklistLayout.documented.id(in: key, keyPrefix: keyPrefix) != nil { finding.documented += 1 }
        if BlacklistLayout.deployed.id(in: key, keyPrefix: keyPrefix) != nil { finding.deployed += 1 }
    }
}
