internal import RedisValues

/// How one value is found, loaded and kept.
struct LoadPlan<Value: Sendable>: Sendable {
    /// What a key held.
    struct Found: Sendable {
        /// nil where it says that there is no such value.
        let value: Value?
        /// nil for as long as it is there.
        let freshUntil: WallTime?
        /// How long it may be served behind that.
        let stale: Duration
    }

    /// The first is the value's own; what the other layout may have kept is under the others.
    let keys: [[UInt8]]
    let lease: Duration?
    /// Whether the caller takes it that there is no such value.
    let takesNothing: Bool
    /// nil for what cannot be understood.
    ///
    /// - Parameter index: of the key.
    let decode: @Sendable (_ bytes: [UInt8], _ index: Int) -> Found?
    /// nil for what is not kept.
    let encode: @Sendable (_ value: Value?, _ now: WallTime) -> ValueRecord?
    /// Whether a value may go to all who wait for it.
    let isForAll: @Sendable (Value?) -> Bool

    var flight: Flights.Key {
        Flights.Key(key: keys[0], kind: takesNothing ? ObjectIdentifier(Value?.self) : ObjectIdentifier(Value.self))
    }
}

/// What is written.
struct ValueRecord: Sendable {
    let key: [UInt8]
    let bytes: [UInt8]
    let life: Duration
}

/// What a look into the cache found.
enum Look<Value: Sendable>: Sendable {
    case fresh(Value?)
    case stale(Value?)
    /// Nobody has looked: a load was under way.
    case unseen
    /// - Parameter mayKeep: false where the key holds something else, which stays.
    case missing(mayKeep: Bool)
    /// Nobody has answered.
    case away
    /// So many look that there was no room for this one.
    case crowded
}
