internal import CacheWire
internal import NIOCore
internal import NIOConcurrencyHelpers
internal import RedisValues

/// Somebody who wants a connection of a ``NodePool``.
protocol PoolWaiter: AnyObject, Sendable {
    var id: Int { get }
    var deadline: NIODeadline { get }
    /// Gets the connection, and gives it back to the pool.
    func handed(_ connection: Connection, as id: PoolState.ConnectionID)
    /// There is none for it.
    func refused(_ error: CacheError)
}

/// Somebody who waits for one value, which comes once: whoever is first decides.
final class OneAnswer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(UnsafeContinuation<Value, Never>)
        case over
    }

    private let state = NIOLockedValueBox(State.open)

    var isOver: Bool { state.withLockedValue { if case .over = $0 { true } else { false } } }

    /// - Returns: false where it has ended before.
    @discardableResult
    func end(_ value: Value) -> Bool {
        let waiting: UnsafeContinuation<Value, Never>? = state.withLockedValue { state in
            guard case .awaited(let continuation) = state else { return nil }
            state = .over
            return continuation
        }
        guard let waiting else { return false }
        waiting.resume(returning: value)
        return true
    }

    /// - Parameters:
    ///   - begin: begins what will end it.
    ///   - cancelled: the value for a task that is cancelled.
    ///   - onCancel: is told of that afterwards.
    func value(
        cancelled: Value, begin: () -> Void, onCancel: @escaping @Sendable () -> Void
    ) async -> Value {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                state.withLockedValue { $0 = .awaited(continuation) }
                if Task.isCancelled {
                    end(cancelled)
                } else {
                    begin()
                }
            }
        } onCancel: {
            if end(cancelled) { onCancel() }
        }
    }
}

/// Commands under way on a connection that many share.
final class PoolCall: PipelineOwner, PoolWaiter {
    let id: Int
    let commands: [Command]
    let deadline: NIODeadline
    let answer = OneAnswer<Result<[RESPValue], PipelineFailure>>()
    private let pool: NodePool
    private let began: NIODeadline

    init(_ id: Int, _ commands: [Command], deadline: NIODeadline, began: NIODeadline, pool: NodePool) {
        (self.id, self.commands, self.deadline, self.began, self.pool) = (id, commands, deadline, began, pool)
    }

    var isWithdrawn: Bool { answer.isOver }
    /// How long it was to take at most.
    var allowed: Duration { .nanoseconds((deadline - began).nanoseconds) }

    func ended(_ outcome: Result<[RESPValue], PipelineFailure>) {
        let outcome = pool.ended(self, outcome)
        answer.end(outcome)
    }

    func handed(_ connection: Connection, as id: PoolState.ConnectionID) {
        pool.observer?.waited(for: .nanoseconds((NIODeadline.now() - began).nanoseconds))
        connection.send(self)
    }

    func refused(_ error: CacheError) { answer.end(.failure(PipelineFailure(error, wasSent: false))) }
}

/// Somebody who wants a connection alone.
final class PoolWish: PoolWaiter {
    struct Grant: Sendable {
        let connection: Connection
        let id: PoolState.ConnectionID
        /// Who has it.
        let user: Int
    }

    let id: Int
    let deadline: NIODeadline
    let answer = OneAnswer<Result<Grant, CacheError>>()
    private let pool: NodePool

    init(_ id: Int, deadline: NIODeadline, pool: NodePool) {
        (self.id, self.deadline, self.pool) = (id, deadline, pool)
    }

    func handed(_ connection: Connection, as id: PoolState.ConnectionID) {
        // It has left in the same instant.
        let grant = Grant(connection: connection, id: id, user: self.id)
        if !answer.end(.success(grant)) { pool.giveBack(grant, isSpoilt: false) }
    }

    func refused(_ error: CacheError) { answer.end(.failure(error)) }
}
