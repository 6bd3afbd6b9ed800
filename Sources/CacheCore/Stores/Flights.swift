internal import CacheWire
internal import NIOConcurrencyHelpers

/// Loads that are under way in this process, each awaited by all who want its value: single flight.
///
/// A load runs in a task of its own, so that nobody who leaves takes it away from others; when the last has left, it is
/// cancelled. Who was looking into the cache while a load ended has its value, too: calls that overlap are one load,
/// however late the cache answers each of them. Nothing is held for longer than that.
final class Flights: Sendable {
    struct Key: Hashable, Sendable {
        let key: [UInt8]
        /// What kind of value is loaded: two kinds under one key are two loads.
        let kind: ObjectIdentifier
    }

    /// What came of a load for one who waited.
    enum Outcome: Sendable {
        case value(any Sendable)
        case failed(any Error)
        /// The value is of whoever began the load, and of nobody else.
        case ofAnother
        /// The one who waited has left.
        case left(CacheError)
    }

    /// What a load brings.
    struct Brought: Sendable {
        let value: any Sendable
        /// Whether all who wait may have it.
        let isForAll: Bool
    }

    /// Somebody who looks into the cache, and may then want a load.
    struct Ticket: Sendable {
        let key: Key
        fileprivate let number: Int
        /// Whether somebody waits for a load of this already: a value that is loaded anew behind a stale one is none.
        let isLoading: Bool
    }

    private struct Flight {
        let key: Key
        /// Goes on although nobody waits.
        let isRefresh: Bool
        /// Who began it; nil for nobody.
        let leader: Int?
        var waiters: [Int: CheckedContinuation<Outcome, Never>] = [:]
        var task: Task<Void, Never>?
    }

    /// What a load has brought, for those who were looking meanwhile.
    private struct Arrival {
        let brought: Brought
        /// Tickets of before are lower.
        let number: Int
        /// How many of those are left.
        var lookers: Int
    }

    private struct State {
        var flights: [Int: Flight] = [:]
        /// Which flight who comes now joins.
        var current: [Key: Int] = [:]
        var seats: [Int: Int] = [:]
        /// How many look.
        var lookers: [Key: Int] = [:]
        var arrivals: [Key: Arrival] = [:]
        var next = 0

        mutating func number() -> Int {
            next += 1
            return next
        }

        /// The ticket's look is over.
        ///
        /// - Returns: what a load has brought since it began.
        mutating func take(_ ticket: Ticket) -> Brought? {
            let key = ticket.key
            let left = (lookers[key] ?? 1) - 1
            lookers[key] = left > 0 ? left : nil
            guard var arrival = arrivals[key], ticket.number < arrival.number else { return nil }
            arrival.lookers -= 1
            arrivals[key] = arrival.lookers > 0 ? arrival : nil
            return arrival.brought
        }

        mutating func remove(_ number: Int) -> Flight? {
            guard let flight = flights.removeValue(forKey: number) else { return nil }
            if current[flight.key] == number { current[flight.key] = nil }
            for seat in flight.waiters.keys { seats[seat] = nil }
            return flight
        }
    }

    private let state = NIOLockedValueBox(State())
    private let clock: any StoreClock

    init(clock: any StoreClock) { self.clock = clock }

    /// Nobody waits, looks or loads, and nothing is held.
    var isEmpty: Bool {
        state.withLockedValue { state in
            state.flights.isEmpty && state.current.isEmpty && state.seats.isEmpty && state.lookers.isEmpty
                && state.arrivals.isEmpty
        }
    }

    /// Before a look into the cache. Each ticket is given back once: by ``leave(_:)``, ``join(_:within:load:)`` or
    /// ``refresh(_:load:)``.
    func enter(_ key: Key) -> Ticket {
        state.withLockedValue { state in
            state.lookers[key, default: 0] += 1
            let isLoading = state.current[key].flatMap { state.flights[$0] }.map { !$0.isRefresh } ?? false
            return Ticket(key: key, number: state.number(), isLoading: isLoading)
        }
    }

    /// Nothing has to be loaded.
    func leave(_ ticket: Ticket) { state.withLockedValue { _ = $0.take(ticket) } }

    /// Whether what a load brings is still wanted by the cache: nobody has removed the key since.
    func isCurrent(_ number: Int, _ key: Key) -> Bool { state.withLockedValue { $0.current[key] == number } }

    /// Waits for the load of a key, which begins where there is none.
    ///
    /// - Parameters:
    ///   - deadline: how long it waits; nil for as long as the load takes.
    ///   - load: gets the load's number.
    func join(
        _ ticket: Ticket, within deadline: Duration?, load: @escaping @Sendable (Int) async throws -> Brought
    ) async -> Outcome {
        // Who is cancelled after the look begins no load of their own.
        guard !Task.isCancelled else {
            leave(ticket)
            return .left(.cancelled)
        }
        let seat = ticket.number
        let timer = NIOLockedValueBox<Task<Void, any Error>?>(nil)
        defer { timer.withLockedValue { $0?.cancel() } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                switch take(ticket, continuation) {
                case .arrived(let value):
                    continuation.resume(returning: .value(value))
                    return
                case .begins(let number): begin(number, load)
                case .waits: break
                }
                if let deadline {
                    timer.withLockedValue { timer in
                        timer = Task { [clock] in
                            try await clock.sleep(for: deadline)
                            self.leave(seat, .timedOut(deadline))
                        }
                    }
                }
                if Task.isCancelled { leave(seat, .cancelled) }
            }
        } onCancel: {
            leave(seat, .cancelled)
        }
    }

    private enum Place {
        case arrived(any Sendable)
        case begins(Int)
        case waits
    }

    private func take(_ ticket: Ticket, _ continuation: CheckedContinuation<Outcome, Never>) -> Place {
        state.withLockedValue { state in
            if let brought = state.take(ticket) { return .arrived(brought.value) }
            let (key, seat) = (ticket.key, ticket.number)
            if let number = state.current[key] {
                state.flights[number]?.waiters[seat] = continuation
                state.seats[seat] = number
                return .waits
            }
            let number = state.number()
            state.flights[number] = Flight(key: key, isRefresh: false, leader: seat, waiters: [seat: continuation])
            state.current[key] = number
            state.seats[seat] = number
            return .begins(number)
        }
    }

    /// Begins a load that nobody waits for, unless there is one or has just been.
    func refresh(_ ticket: Ticket, load: @escaping @Sendable (Int) async throws -> Brought) {
        let begun: Int? = state.withLockedValue { state in
            let key = ticket.key
            guard state.take(ticket) == nil, state.current[key] == nil else { return nil }
            let number = state.number()
            state.flights[number] = Flight(key: key, isRefresh: true, leader: nil)
            state.current[key] = number
            return number
        }
        if let begun { begin(begun, load) }
    }

    /// Who comes from now on begins a load of their own: the key's value has changed.
    func forget(_ key: [UInt8]) {
        state.withLockedValue { state in
            for one in state.current.keys where one.key == key { state.current[one] = nil }
            for one in state.arrivals.keys where one.key == key { state.arrivals[one] = nil }
        }
    }

    private func begin(_ number: Int, _ load: @escaping @Sendable (Int) async throws -> Brought) {
        let task = Task {
            do {
                let brought = try await load(number)
                self.end(number, .success(brought))
            } catch { self.end(number, .failure(error)) }
        }
        let isWanted = state.withLockedValue { state in
            state.flights[number]?.task = task
            return state.flights[number] != nil
        }
        // It has ended already, or everybody has left.
        if !isWanted { task.cancel() }
    }

    private func end(_ number: Int, _ result: Result<Brought, any Error>) {
        let flight = state.withLockedValue { state -> Flight? in
            guard let key = state.flights[number]?.key else { return nil }
            if case .success(let brought) = result, brought.isForAll, state.current[key] == number,
                let lookers = state.lookers[key]
            {
                state.arrivals[key] = Arrival(brought: brought, number: state.number(), lookers: lookers)
            }
            return state.remove(number)
        }
        guard let flight else { return }
        for (seat, waiter) in flight.waiters {
            switch result {
            case .failure(let error): waiter.resume(returning: .failed(error))
            case .success(let brought):
                let isOwn = brought.isForAll || seat == flight.leader
                waiter.resume(returning: isOwn ? .value(brought.value) : .ofAnother)
            }
        }
    }

    private func leave(_ seat: Int, _ error: CacheError) {
        let (waiter, task) = state.withLockedValue { state in
            guard let number = state.seats.removeValue(forKey: seat) else {
                return (nil as CheckedContinuation<Outcome, Never>?, nil as Task<Void, Never>?)
            }
            let waiter = state.flights[number]?.waiters.removeValue(forKey: seat)
            guard let flight = state.flights[number], flight.waiters.isEmpty, !flight.isRefresh else {
                return (waiter, nil)
            }
            return (waiter, state.remove(number)?.task)
        }
        waiter?.resume(returning: .left(error))
        task?.cancel()
    }
}
