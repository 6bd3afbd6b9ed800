/// Bookkeeping of the connections to one node: who waits, who uses which one, and whether another is being dialled.
///
/// It decides, and its owner performs: each call returns what is to be done, in this order. At most one dial is under
/// way, for all who wait.
package struct PoolState: Sendable {
    /// Monotonic time since some start, the same for all calls.
    package typealias Instant = Duration

    /// Who wants a connection; a new id for each wish.
    package struct WaiterID: Hashable, Sendable {
        package let number: Int
        package init(_ number: Int) { self.number = number }
    }

    package struct DialID: Hashable, Sendable {
        package let number: Int
        package init(_ number: Int) { self.number = number }
    }

    package struct ConnectionID: Hashable, Sendable {
        package let number: Int
        package init(_ number: Int) { self.number = number }
    }

    package enum Effect: Equatable, Sendable {
        /// Its outcome is told with ``PoolState/dialled(_:_:now:using:)``.
        case dial(DialID)
        /// Nobody wants it any more. Its outcome may still be told.
        case abandon(DialID)
        case hand(ConnectionID, [WaiterID])
        case fail([WaiterID], Refusal)
        case close(ConnectionID)
        /// ``PoolState/woken(now:)`` is to be called then.
        case wake(at: Instant)
    }

    private struct Held: Sendable {
        let id: ConnectionID
        var uses = 0
    }

    private let limit: Int
    private let uses: Int
    private var rest: Backoff?
    private var restsUntil: Instant?
    /// In the order in which they came.
    private var waiting: [WaiterID] = []
    /// By the number of who uses it, until they release it, also where it has ended.
    private var users: [Int: ConnectionID] = [:]
    private var held: [Held] = []
    private var dial: DialID?
    private var dials = 0
    package private(set) var isClosed = false

    /// Why nobody is served after ``close()``.
    package static let closed = Refusal(.other, detail: "the way to this node is closed")

    /// - Parameters:
    ///   - limit: connections, the one that is being dialled included.
    ///   - uses: how many may use a connection at once.
    ///   - rest: how long nobody dials after a dial that failed; nil for callers that pace themselves.
    package init(limit: Int = 1, uses: Int = .max, rest: Backoff? = nil) {
        precondition(limit > 0 && uses > 0)
        self.limit = limit
        self.uses = uses
        self.rest = rest
    }

    package var connections: [ConnectionID] { held.map(\.id) }
    package var isDialling: Bool { dial != nil }
    package var waiters: Int { waiting.count }

    // MARK: who wants one

    package mutating func want(_ waiter: WaiterID, now: Instant) -> [Effect] {
        guard !isClosed else { return [.fail([waiter], Self.closed)] }
        waiting.append(waiter)
        return serve() + dialIfWanted(now)
    }

    /// Ends the wait; nothing changes for one that was served before. The last one to leave abandons the dial.
    package mutating func giveUp(_ waiter: WaiterID) -> [Effect] {
        guard let index = waiting.firstIndex(of: waiter) else { return [] }
        waiting.remove(at: index)
        return waiting.isEmpty ? abandon() : []
    }

    /// Ends the use, also of a connection that has ended or was closed meanwhile.
    package mutating func release(_ waiter: WaiterID) -> [Effect] {
        guard let connection = users.removeValue(forKey: waiter.number),
            let index = held.firstIndex(where: { $0.id == connection })
        else { return [] }
        held[index].uses -= 1
        return serve()
    }

    // MARK: what became of connections

    /// Whoever waits for a dial that fails fails with it; where others are in use, one of those is waited for.
    ///
    /// - Parameter jitter: of the rest, from 0 to 1.
    package mutating func dialled(
        _ dial: DialID, _ outcome: Result<ConnectionID, Refusal>, now: Instant, jitter: Double
    ) -> [Effect] {
        let isWanted = dial == self.dial
        if isWanted { self.dial = nil }
        switch outcome {
        case .success(let connection):
            guard isWanted else { return [.close(connection)] }
            rest?.reset()
            held.append(Held(id: connection))
            return serve() + dialIfWanted(now)
        case .failure(let refusal):
            guard isWanted else { return [] }
            return (held.isEmpty ? failAll(refusal) : []) + beginRest(now, jitter)
        }
    }

    /// Concerns this very connection, never a newer one; who uses it sees that for himself.
    package mutating func ended(_ connection: ConnectionID, now: Instant) -> [Effect] {
        guard let index = held.firstIndex(where: { $0.id == connection }) else { return [] }
        held.remove(at: index)
        return dialIfWanted(now)
    }

    /// Who was woken too early is woken again.
    package mutating func woken(now: Instant) -> [Effect] {
        if let restsUntil, now < restsUntil { return [.wake(at: restsUntil)] }
        return dialIfWanted(now)
    }

    // MARK: an end to all of them

    /// Closes all connections, also those in use. Who waits goes on waiting, for a new dial.
    package mutating func drop() -> [Effect] {
        let effects = abandon() + closeAll()
        restsUntil = nil
        rest?.reset()
        return effects + dialIfWanted()
    }

    /// For good.
    package mutating func close() -> [Effect] {
        isClosed = true
        return abandon() + failAll(Self.closed) + closeAll()
    }

    // MARK: what follows

    /// Each goes to the connection that the fewest use.
    private mutating func serve() -> [Effect] {
        var served = [[WaiterID]](repeating: [], count: held.count)
        var count = 0
        while count < waiting.count, let index = held.indices.min(by: { held[$0].uses < held[$1].uses }),
            held[index].uses < uses
        {
            let waiter = waiting[count]
            count += 1
            held[index].uses += 1
            users[waiter.number] = held[index].id
            served[index].append(waiter)
        }
        waiting.removeFirst(count)
        return zip(held, served).compactMap { one, waiters in waiters.isEmpty ? nil : .hand(one.id, waiters) }
    }

    /// - Parameter now: nil where no rest is under way.
    private mutating func dialIfWanted(_ now: Instant? = nil) -> [Effect] {
        guard !waiting.isEmpty, dial == nil, held.count < limit else { return [] }
        if let restsUntil, let now, now < restsUntil { return [] }
        restsUntil = nil
        dials += 1
        let new = DialID(dials)
        dial = new
        return [.dial(new)]
    }

    private mutating func beginRest(_ now: Instant, _ jitter: Double) -> [Effect] {
        guard let length = rest?.next(jitter: jitter) else { return [] }
        restsUntil = now + length
        return [.wake(at: now + length)]
    }

    private mutating func abandon() -> [Effect] {
        defer { dial = nil }
        return dial.map { [.abandon($0)] } ?? []
    }

    private mutating func failAll(_ refusal: Refusal) -> [Effect] {
        defer { waiting = [] }
        return waiting.isEmpty ? [] : [.fail(waiting, refusal)]
    }

    private mutating func closeAll() -> [Effect] {
        defer { held = [] }
        return held.map { .close($0.id) }
    }
}

extension Refusal: Error {}
