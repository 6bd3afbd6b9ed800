import NIOConcurrencyHelpers

@testable import CacheCore

/// Something of a shop.
struct Article: Codable, Equatable, Sendable {
    var id: Int
    var name: String
}

struct LoadFailure: Error, Equatable {
    var number = 0
}

/// A database whose loads are counted, and last until they are let go.
final class Database: Sendable {
    private struct State {
        var loads = 0
        var cancelled = 0
        var isOpen: Bool
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: NIOLockedValueBox<State>

    init(isOpen: Bool = true) { state = NIOLockedValueBox(State(isOpen: isOpen)) }

    var loads: Int { state.withLockedValue(\.loads) }
    var cancelled: Int { state.withLockedValue(\.cancelled) }

    /// Every load goes on, and those to come.
    func open() {
        let waiters = state.withLockedValue { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func load<Value: Sendable>(_ value: Value) async throws -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLockedValue { state in
                    state.loads += 1
                    if !state.isOpen { state.waiters.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            state.withLockedValue { $0.cancelled += 1 }
            open()
        }
        return value
    }
}

extension StoreScene {
    /// - Parameter draw: 1 for lives that are not shortened.
    func values(draw: Double = 1) -> ValueLoading {
        let storage: any ValueStorage = memory.map { MemoryStorage(memory: $0) } ?? RedisStorage(calls: calls!)
        return ValueLoading(storage, tally, clock) { draw }
    }

    /// As whoever links the library makes it.
    func cache() -> any ValueCache {
        if let memory { return MemoryValueCache(memory, tally: tally) }
        return RedisValueCache(calls!, tally: tally, clock: clock)
    }
}
