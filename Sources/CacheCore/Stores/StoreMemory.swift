internal import NIOConcurrencyHelpers
package import RedisValues

/// What stores keep in this process: the in-memory twin of a server, which several stores may share as they share one.
public final class StoreMemory: Sendable {
    /// Both at most; what was not used for the longest time makes room.
    public struct Bounds: Equatable, Sendable {
        public var entries: Int
        /// Of keys and values.
        public var bytes: Int

        public init(entries: Int = 1_000_000, bytes: Int = 100 << 20) {
            (self.entries, self.bytes) = (entries, bytes)
        }
    }

    public let clock: any StoreClock
    private let keyspace: NIOLockedValueBox<MemoryKeyspace>

    public init(_ bounds: Bounds = Bounds(), clock: any StoreClock = SystemClock()) {
        self.clock = clock
        keyspace = NIOLockedValueBox(MemoryKeyspace(entries: bounds.entries, bytes: bounds.bytes))
    }

    /// How many keys made room for others.
    public var evictions: Int { keyspace.withLockedValue(\.evictions) }

    /// One step, as a script is one for a server.
    package func step<Answer>(_ body: (inout MemoryKeyspace, WallTime) -> Answer) -> Answer {
        keyspace.withLockedValue { body(&$0, clock.now) }
    }
}
