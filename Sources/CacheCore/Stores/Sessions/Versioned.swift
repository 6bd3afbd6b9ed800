/// A value, and which of its versions it is.
public struct Versioned<Value: Sendable>: Sendable {
    public var value: Value
    /// Larger with each change; no two carts or sessions that stood under one key one after the other share any.
    public var version: Int64

    public init(_ value: Value, version: Int64) {
        (self.value, self.version) = (value, version)
    }
}

extension Versioned: Equatable where Value: Equatable {}

/// What has become of a value that was to be written.
public enum SaveOutcome<Value: Sendable>: Sendable {
    case saved(Versioned<Value>)
    /// Another version stands there, and stays; nil for one that cannot be understood.
    case conflict(Versioned<Value>?)
    /// Nothing is there any more, and nothing was written: it was deleted, or its time has run out.
    case gone
}

extension SaveOutcome: Equatable where Value: Equatable {}
