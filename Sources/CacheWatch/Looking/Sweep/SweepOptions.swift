internal import CacheCore
internal import CacheWire
public import CacheModel

/// What a sweep is to do.
public struct SweepOptions: Equatable, Sendable {
    /// Ask for type, TTL and size of every key, not of a sample.
    public var full: Bool
    public var pace: SweepPace
    package var engine: SweepEngineChoice

    public init(full: Bool = false, pace: SweepPace = .gentle) { self.init(full: full, pace: pace, engine: .auto) }

    package init(full: Bool, pace: SweepPace, engine: SweepEngineChoice) {
        self.full = full
        self.pace = pace
        self.engine = engine
    }
}
