internal import RedisValues

/// Writes values as JSON straight to the bytes of a line: members in the order of their declaration, those of dictionaries
/// by name, so that lines that say the same are the same and pack well.
///
/// What is nil is left out, and so is what is empty or false where it cannot be nil; ``LineDecoder`` puts it back. Durations
/// are seconds.
final class LineEncoder: Encoder {
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    private(set) var bytes: [UInt8]
    private var open: [Frame] = []
    /// The next container is the line itself.
    private var isLine: Bool

    private struct Frame {
        var isObject: Bool
        var isEmpty = true
    }

    /// - Parameter head: of a line, to which the members of a value are added.
    init(head: [UInt8]) {
        (bytes, isLine) = (head, true)
        open.append(Frame(isObject: true, isEmpty: false))
    }

    func finish() {
        close(to: 0)
        bytes.append(0x0a)
    }

    // MARK: containers

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(KeyedLine<Key>(encoder: self, depth: opened(isObject: true)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        UnkeyedLine(encoder: self, depth: opened(isObject: false))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleLine(encoder: self) }

    private func opened(isObject: Bool) -> Int {
        if isLine {
            isLine = false
            return 1
        }
        bytes.append(UInt8(ascii: isObject ? "{" : "["))
        open.append(Frame(isObject: isObject))
        return open.count
    }

    fileprivate func close(to depth: Int) {
        while open.count > depth { bytes.append(UInt8(ascii: open.removeLast().isObject ? "}" : "]")) }
    }

    // MARK: members and elements

    /// - Returns: where the member begins.
    @discardableResult
    fileprivate func begin(_ key: (any CodingKey)?, at depth: Int) -> (start: Int, wasEmpty: Bool) {
        close(to: depth)
        let place = (start: bytes.count, wasEmpty: open[depth - 1].isEmpty)
        if !place.wasEmpty { bytes.append(UInt8(ascii: ",")) }
        open[depth - 1].isEmpty = false
        if let key {
            LineText.append(key.stringValue, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
        }
        return place
    }

    /// Takes a member back that holds nothing.
    fileprivate func takeBack(_ place: (start: Int, wasEmpty: Bool), at depth: Int) {
        bytes.removeLast(bytes.count - place.start)
        open[depth - 1].isEmpty = place.wasEmpty
    }

    // MARK: values

    fileprivate func put(_ value: String) { LineText.append(value, to: &bytes) }
    fileprivate func put(_ value: Bool) { bytes.append(contentsOf: (value ? "true" : "false").utf8) }
    fileprivate func put(_ value: Double) { LineText.append(value, to: &bytes) }
    fileprivate func putWhole(_ value: some BinaryInteger) { bytes.append(contentsOf: value.description.utf8) }
    fileprivate func putNull() { bytes.append(contentsOf: "null".utf8) }

    /// - Returns: whether it is an array or an object without anything in it.
    @discardableResult
    fileprivate func put<Value: Encodable>(_ value: Value) throws -> Bool {
        if let duration = value as? Duration {
            LineText.append(duration, to: &bytes)
            return false
        }
        let (start, depth) = (bytes.count, open.count)
        if let dictionary = value as? any NamedValues {
            try dictionary.encodeByName(to: self)
        } else {
            try value.encode(to: self)
        }
        close(to: depth)
        return bytes.count == start + 2 && (bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "["))
    }
}

/// A dictionary whose keys are names.
private protocol NamedValues {
    func encodeByName(to encoder: LineEncoder) throws
}

extension Dictionary: NamedValues where Key == String, Value: Encodable {
    fileprivate func encodeByName(to encoder: LineEncoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in sorted(by: { $0.key < $1.key }) {
            try container.encodeIfPresent(value, forKey: Name(name))
        }
    }
}

/// A key of a dictionary.
struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { Int(stringValue) }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) { stringValue = String(intValue) }
}

private struct KeyedLine<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: LineEncoder
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) {
        encoder.begin(key, at: depth)
        encoder.putNull()
    }

    func encode(_ value: Bool, forKey key: Key) {
        if value { encodeIfPresent(value, forKey: key) }
    }

    func encode(_ value: String, forKey key: Key) {
        encoder.begin(key, at: depth)
        encoder.put(value)
    }

    func encode(_ value: Double, forKey key: Key) {
        encoder.begin(key, at: depth)
        encoder.put(value)
    }

    func encode(_ value: Float, forKey key: Key) { encode(Double(value), forKey: key) }
    func encode(_ value: Int, forKey key: Key) { whole(value, key) }
    func encode(_ value: Int8, forKey key: Key) { whole(value, key) }
    func encode(_ value: Int16, forKey key: Key) { whole(value, key) }
    func encode(_ value: Int32, forKey key: Key) { whole(value, key) }
    func encode(_ value: Int64, forKey key: Key) { whole(value, key) }
    func encode(_ value: UInt, forKey key: Key) { whole(value, key) }
    func encode(_ value: UInt8, forKey key: Key) { whole(value, key) }
    func encode(_ value: UInt16, forKey key: Key) { whole(value, key) }
    func encode(_ value: UInt32, forKey key: Key) { whole(value, key) }
    func encode(_ value: UInt64, forKey key: Key) { whole(value, key) }

    private func whole(_ value: some BinaryInteger, _ key: Key) {
        encoder.begin(key, at: depth)
        encoder.putWhole(value)
    }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        let place = encoder.begin(key, at: depth)
        if try encoder.put(value) { encoder.takeBack(place, at: depth) }
    }

    // What may be nil is written also where it is empty or false.

    func encodeIfPresent(_ value: Bool?, forKey key: Key) {
        guard let value else { return }
        encoder.begin(key, at: depth)
        encoder.put(value)
    }

    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        guard let value else { return }
        encoder.begin(key, at: depth)
        try encoder.put(value)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        encoder.begin(key, at: depth)
        return encoder.container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.begin(key, at: depth)
        return encoder.unkeyedContainer()
    }

    func superEncoder() -> any Encoder { superEncoder(Name("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { superEncoder(key) }
    private func superEncoder(_ key: any CodingKey) -> any Encoder {
        encoder.begin(key, at: depth)
        return encoder
    }
}

private struct UnkeyedLine: UnkeyedEncodingContainer {
    let encoder: LineEncoder
    let depth: Int
    var codingPath: [any CodingKey] { [] }
    private(set) var count = 0

    init(encoder: LineEncoder, depth: Int) { (self.encoder, self.depth) = (encoder, depth) }

    private mutating func begin() {
        encoder.begin(nil, at: depth)
        count += 1
    }

    mutating func encodeNil() {
        begin()
        encoder.putNull()
    }

    mutating func encode(_ value: Bool) {
        begin()
        encoder.put(value)
    }

    mutating func encode(_ value: String) {
        begin()
        encoder.put(value)
    }

    mutating func encode(_ value: Double) {
        begin()
        encoder.put(value)
    }

    mutating func encode(_ value: Float) { encode(Double(value)) }
    mutating func encode(_ value: Int) { whole(value) }
    mutating func encode(_ value: Int8) { whole(value) }
    mutating func encode(_ value: Int16) { whole(value) }
    mutating func encode(_ value: Int32) { whole(value) }
    mutating func encode(_ value: Int64) { whole(value) }
    mutating func encode(_ value: UInt) { whole(value) }
    mutating func encode(_ value: UInt8) { whole(value) }
    mutating func encode(_ value: UInt16) { whole(value) }
    mutating func encode(_ value: UInt32) { whole(value) }
    mutating func encode(_ value: UInt64) { whole(value) }

    private mutating func whole(_ value: some BinaryInteger) {
        begin()
        encoder.putWhole(value)
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        begin()
        try encoder.put(value)
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        begin()
        return encoder.container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        begin()
        return encoder.unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        begin()
        return encoder
    }
}

private struct SingleLine: SingleValueEncodingContainer {
    let encoder: LineEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { encoder.putNull() }
    func encode(_ value: Bool) { encoder.put(value) }
    func encode(_ value: String) { encoder.put(value) }
    func encode(_ value: Double) { encoder.put(value) }
    func encode(_ value: Float) { encoder.put(Double(value)) }
    func encode(_ value: Int) { encoder.putWhole(value) }
    func encode(_ value: Int8) { encoder.putWhole(value) }
    func encode(_ value: Int16) { encoder.putWhole(value) }
    func encode(_ value: Int32) { encoder.putWhole(value) }
    func encode(_ value: Int64) { encoder.putWhole(value) }
    func encode(_ value: UInt) { encoder.putWhole(value) }
    func encode(_ value: UInt8) { encoder.putWhole(value) }
    func encode(_ value: UInt16) { encoder.putWhole(value) }
    func encode(_ value: UInt32) { encoder.putWhole(value) }
    func encode(_ value: UInt64) { encoder.putWhole(value) }
    func encode<Value: Encodable>(_ value: Value) throws { try encoder.put(value) }
}
