internal import Dashboard
internal import NIOConcurrencyHelpers

/// Actions that wait to be taken in, all at once.
final class Mailbox: Sendable {
    private let waiting = NIOLockedValueBox<[Action]>([])
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init() { (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func post(_ action: Action) {
        waiting.withLockedValue { $0.append(action) }
        ring.yield()
    }

    /// Rings at least once after each post; ends with ``close()``.
    var arrivals: AsyncStream<Void> { bell }

    func takeAll() -> [Action] {
        waiting.withLockedValue { waiting in
            defer { waiting = [] }
            return waiting
        }
    }

    func close() { ring.finish() }
}
