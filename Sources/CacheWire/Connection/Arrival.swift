internal import NIOCore
internal import NIOConcurrencyHelpers

/// Something that is on its way, and somebody who waits for it: the first of the two to end decides.
final class Arrival: Sendable {
    private let isOver = NIOLockedValueBox(false)

    private init() {}

    private func ends() -> Bool {
        isOver.withLockedValue { isOver in
            defer { isOver = true }
            return !isOver
        }
    }

    /// Waits for as long as the task is not cancelled.
    ///
    /// - Parameter late: gets what comes when nobody waits any more.
    /// - Throws: ``CacheError/cancelled`` at once where the task is, else what the future failed with.
    static func value<Value: Sendable>(
        of future: EventLoopFuture<Value>, late: @escaping @Sendable (Value) -> Void = { _ in }
    ) async throws -> Value {
        let arrival = Arrival()
        let promise = future.eventLoop.makePromise(of: Value.self)
        future.whenComplete { result in
            if arrival.ends() {
                promise.completeWith(result)
            } else if case .success(let value) = result {
                late(value)
            }
        }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            if arrival.ends() { promise.fail(CacheError.cancelled) }
        }
    }
}
