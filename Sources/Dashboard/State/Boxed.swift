/// A large value that lies apart: whoever copies what it belongs to copies a reference, and the value itself is copied
/// where one of them changes it.
@propertyWrapper
struct Boxed<Value> {
    /// One element.
    private var box: [Value]

    init(wrappedValue: Value) { box = [wrappedValue] }

    var wrappedValue: Value {
        _read { yield box[0] }
        _modify { yield &box[0] }
    }
}

extension Boxed: Sendable where Value: Sendable {}
