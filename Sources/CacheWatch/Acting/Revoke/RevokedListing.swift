internal import CacheCore
internal import CacheWire
public import CacheModel

extension CacheOperations {
    /// What is revoked, in whichever layout, those that expire first in front.
    ///
    /// - Parameter limit: as many at most of those that are looked for; `isWhole` is false where there may be more.
    public func revoked(
        _ search: RevokedList.Search = RevokedList.Search(), limit: Int, pace: SweepPace, control: SweepControl,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws(CacheError) -> RevokedList {
        let targets = try await targets()
        let expected = targets.reduce(0) { $0 +| $1.opened.keys }
        var listing = RevokedListing(search: search, router: await router(), keyPrefix: keyPrefix)
        var (examined, isWhole) = (0, true)
        var obstacle: Refusal?
        for target in targets {
            let session = target.session
            var course = OperationCourse(pace: pace, control: control, line: session.line)
            try await course.calibrate(on: session)
            let pattern = Glob(Glob.escaped(keyPrefix) + Array("*blacklist:*".utf8))
            var scan = MatchingScan(.pattern(pattern), within: ScanBound(keys: target.opened.keys))
            while !scan.isDone, !control.isCancelled, listing.count < limit {
                var flight = FlightBuffer()
                scan.append(to: &flight, count: course.governor.count)
                var position = 0
                let replies = try await course.fly(flight, on: session)
                let keys: [[UInt8]]
                do throws(CacheError) { keys = try scan.receive(replies, at: &position) } catch {
                    guard case .refused(let refusal) = error, refusal.kind == .endlessScan else { throw error }
                    // What was found until then is revoked; there may be more.
                    obstacle = obstacle ?? refusal.named(session.name)
                    break
                }
                for part in keys.parts(of: 500) { try await listing.read(Array(part)) }
                if course.isTimeToTell() {
                    var progress = OperationProgress()
                    (progress.examined, progress.expected) = (examined +| scan.examined, expected)
                    (progress.matched, progress.elapsed) = (listing.count, course.elapsed)
                    tell(progress)
                }
                await course.rest()
            }
            examined +|= scan.examined
            isWhole = isWhole && scan.isDone && obstacle == nil
        }
        var list = listing.list(isWhole: isWhole).limited(to: limit)
        list.obstacle = obstacle
        list.risk = .worst(of: targets.map { EvictionRisk($0.opened.info.memory) })
        if control.isCancelled { return list }
        let check = await ledger.check(
            by: listing.router, on: Set(targets.map(\.session.name)),
            of: await place(of: targets.map(\.opened.identity)))
        if check.watched > 0 { list.check = check }
        return list
    }
}

/// Gathers what a walk over the keys finds of the blacklist.
struct RevokedListing: Sendable {
    let search: RevokedList.Search
    let router: Router
    let keyPrefix: [UInt8]

    private enum Place {
        case token(BlacklistLayout, String)
        case user(String)
    }

    /// By what is the same for both keys of a token.
    private var tokens: [String: ListedToken] = [:]
    private var cutOffs: [ListedCutOff] = []
    /// Of a token that moves from node to node the key is met twice.
    private var seen: Set<[UInt8]> = []

    init(search: RevokedList.Search, router: Router, keyPrefix: [UInt8]) {
        (self.search, self.router, self.keyPrefix) = (search, router, keyPrefix)
    }

    /// Of those that are looked for.
    var count: Int { tokens.count + cutOffs.count }

    func list(isWhole: Bool) -> RevokedList {
        var list = RevokedList(tokens: Array(tokens.values), cutOffs: cutOffs, isWhole: isWhole)
        list.sort()
        return list
    }

    /// A value of the blacklist is short; whatever else stands there is not fetched whole.
    static func value(of key: [UInt8]) -> KeyedCommand {
        KeyedCommand(key, Command([Array("GETRANGE".utf8), key, Array("0".utf8), Array("4095".utf8)]))
    }

    private func place(of key: [UInt8]) -> Place? {
        if let user = CutOff.user(in: key, keyPrefix: keyPrefix) { return .user(user) }
        return BlacklistLayout.allCases.lazy.compactMap { layout in
            layout.id(in: key, keyPrefix: keyPrefix).map { .token(layout, $0) }
        }.first
    }

    /// Reads those that belong to the blacklist, and keeps what is looked for.
    mutating func read(_ keys: [[UInt8]]) async throws(CacheError) {
        var found: [(key: [UInt8], place: Place)] = []
        for key in keys {
            if let place = place(of: key), seen.insert(key).inserted { found.append((key, place)) }
        }
        let replies = try await router.ask(
            found.flatMap { [Self.value(of: $0.key), KeyedCommand("PTTL", $0.key)] }
        ).replies
        for (index, item) in found.enumerated() {
            let left = try replies[2 * index + 1].reading { reply throws(RESPShapeError) in try reply.integer }
            guard left != -2 else { continue }
            note(item.place, (try? replies[2 * index].bytes) ?? [], left < 0 ? nil : .milliseconds(left))
        }
    }

    private mutating func note(_ place: Place, _ value: [UInt8], _ lifetime: Duration?) {
        switch place {
        case .token(let layout, let id):
            let item = ListedToken(token: RevokedToken(value: value, id: id), layout: layout, lifetime: lifetime)
            if tokens[item.identity]?.add(item) == nil, search.matches(item) { tokens[item.identity] = item }
        case .user(let user):
            // What nobody can read cuts nobody off.
            guard let cutOff = CutOff(user: user, value: value) else { return }
            let item = ListedCutOff(cutOff: cutOff, lifetime: lifetime)
            if search.matches(item) { cutOffs.append(item) }
        }
    }
}
