internal import RedisValues

/// Reads values from a line that ``LineEncoder`` has written, or that its future will write: what is not asked for is
/// passed over.
struct LineDecoder: Decoder {
    let tape: LineTape
    /// Index of a value; nil for what is not there, which is empty.
    let place: Int?
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func decode<Value: Decodable>(_ type: Value.Type, _ tape: LineTape, _ place: Int?) throws -> Value {
        if type == Duration.self {
            guard let place, let duration = tape.number(place)?.duration, let value = duration as? Value else {
                throw problem("a duration")
            }
            return value
        }
        return try Value(from: LineDecoder(tape: tape, place: place))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try KeyedTape<Key>(tape, place))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try UnkeyedTape(tape, place) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        guard let place else { throw Self.problem("a value") }
        return SingleTape(tape: tape, place: place)
    }

    static func problem(_ expected: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "\(expected) is expected"))
    }
}

extension LineTape {
    fileprivate func wholeNumber<Number: FixedWidthInteger>(_ place: Int) throws -> Number {
        guard let number = number(place)?.integer.flatMap({ Number(exactly: $0) }) else {
            throw LineDecoder.problem("a whole number")
        }
        return number
    }

    fileprivate func text(_ place: Int) throws -> String {
        guard let text = string(place) else { throw LineDecoder.problem("a text") }
        return text
    }

    fileprivate func truth(_ place: Int) throws -> Bool {
        guard let truth = boolean(place) else { throw LineDecoder.problem("true or false") }
        return truth
    }

    fileprivate func figure(_ place: Int) throws -> Double {
        guard let figure = double(place) else { throw LineDecoder.problem("a number") }
        return figure
    }

    fileprivate func isNull(_ place: Int) -> Bool { values[place].kind == .null }
}

private struct KeyedTape<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let tape: LineTape
    /// Of its first member and behind its last one.
    private let (first, end): (Int, Int)
    private let cursor: Cursor
    var codingPath: [any CodingKey] { [] }

    /// Members are asked for in the order in which they were written.
    private final class Cursor {
        var place: Int
        init(_ place: Int) { self.place = place }
    }

    init(_ tape: LineTape, _ place: Int?) throws {
        self.tape = tape
        guard let place else {
            (first, end, cursor) = (0, 0, Cursor(0))
            return
        }
        guard tape.values[place].kind == .object else { throw LineDecoder.problem("an object") }
        (first, end) = (place + 1, Int(tape.values[place].next))
        cursor = Cursor(first)
    }

    var allKeys: [Key] {
        var keys: [Key] = []
        var place = first
        while place < end {
            if let key = tape.string(place).flatMap({ Key(stringValue: $0) }) { keys.append(key) }
            place = Int(tape.values[place + 1].next)
        }
        return keys
    }

    /// Of the member's value.
    private func find(_ key: Key) -> Int? {
        let name = key.stringValue
        return find(name, from: cursor.place, to: end) ?? find(name, from: first, to: cursor.place)
    }

    private func find(_ name: String, from start: Int, to end: Int) -> Int? {
        var place = start
        while place < end {
            if tape.isString(place, name) {
                // It may be asked for again.
                cursor.place = place
                return place + 1
            }
            place = Int(tape.values[place + 1].next)
        }
        return nil
    }

    /// Of the member's value; nil for none, and for null.
    private func present(_ key: Key) -> Int? { find(key).flatMap { tape.isNull($0) ? nil : $0 } }

    private func found(_ key: Key) throws -> Int {
        guard let place = find(key) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "it is not there"))
        }
        return place
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { find(key).map(tape.isNull) ?? true }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try find(key).map(tape.truth) ?? false }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try tape.text(found(key)) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try tape.figure(found(key)) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { Float(try tape.figure(found(key))) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try tape.wholeNumber(found(key)) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try tape.wholeNumber(found(key)) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try tape.wholeNumber(found(key)) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try tape.wholeNumber(found(key)) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try tape.wholeNumber(found(key)) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try tape.wholeNumber(found(key)) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try tape.wholeNumber(found(key)) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try tape.wholeNumber(found(key)) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try tape.wholeNumber(found(key)) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try tape.wholeNumber(found(key)) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try LineDecoder.decode(type, tape, find(key))
    }

    // What may be nil is looked for once.

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try present(key).map(tape.truth) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try present(key).map(tape.text) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try present(key).map(tape.figure) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try present(key).map(tape.wholeNumber)
    }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try present(key).map(tape.wholeNumber)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try present(key).map { try LineDecoder.decode(type, tape, $0) }
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(try KeyedTape<NestedKey>(tape, find(key)))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try UnkeyedTape(tape, find(key))
    }

    func superDecoder() throws -> any Decoder { LineDecoder(tape: tape, place: nil) }
    func superDecoder(forKey key: Key) throws -> any Decoder { LineDecoder(tape: tape, place: find(key)) }
}

private struct UnkeyedTape: UnkeyedDecodingContainer {
    let tape: LineTape
    private var place: Int
    private let end: Int
    private(set) var currentIndex = 0
    let count: Int?
    var codingPath: [any CodingKey] { [] }
    var isAtEnd: Bool { place >= end }

    init(_ tape: LineTape, _ place: Int?) throws {
        self.tape = tape
        guard let place else {
            (self.place, end, count) = (0, 0, 0)
            return
        }
        guard tape.values[place].kind == .array else { throw LineDecoder.problem("an array") }
        let (first, end) = (place + 1, Int(tape.values[place].next))
        (self.place, self.end) = (first, end)
        var (next, count) = (first, 0)
        while next < end {
            next = Int(tape.values[next].next)
            count += 1
        }
        self.count = count
    }

    private mutating func taken() throws -> Int {
        guard !isAtEnd else { throw LineDecoder.problem("one more element") }
        defer {
            place = Int(tape.values[place].next)
            currentIndex += 1
        }
        return place
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd else { throw LineDecoder.problem("one more element") }
        guard tape.isNull(place) else { return false }
        _ = try taken()
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try tape.truth(taken()) }
    mutating func decode(_ type: String.Type) throws -> String { try tape.text(taken()) }
    mutating func decode(_ type: Double.Type) throws -> Double { try tape.figure(taken()) }
    mutating func decode(_ type: Float.Type) throws -> Float { Float(try tape.figure(taken())) }
    mutating func decode(_ type: Int.Type) throws -> Int { try tape.wholeNumber(taken()) }
    mutating func decode(_ type: Int8.Type) throws -> Int8 { try tape.wholeNumber(taken()) }
    mutating func decode(_ type: Int16.Type) throws -> Int16 { try tape.wholeNumber(taken()) }
    mutating func decode(_ type: Int32.Type) throws -> Int32 { try tape.wholeNumber(taken()) }
    mutating func decode(_ type: Int64.Type) throws -> Int64 { try tape.wholeNumber(taken()) }
    mutating func decode(_ type: UInt.Type) throws -> UInt { try tape.wholeNumber(taken()) }
    mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try tape.wholeNumber(taken()) }
    mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try tape.wholeNumber(taken()) }
    mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try tape.wholeNumber(taken()) }
    mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try tape.wholeNumber(taken()) }
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try LineDecoder.decode(type, tape, taken())
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        KeyedDecodingContainer(try KeyedTape<NestedKey>(tape, taken()))
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try UnkeyedTape(tape, taken()) }
    mutating func superDecoder() throws -> any Decoder { LineDecoder(tape: tape, place: try taken()) }
}

private struct SingleTape: SingleValueDecodingContainer {
    let tape: LineTape
    let place: Int
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { tape.isNull(place) }
    func decode(_ type: Bool.Type) throws -> Bool { try tape.truth(place) }
    func decode(_ type: String.Type) throws -> String { try tape.text(place) }
    func decode(_ type: Double.Type) throws -> Double { try tape.figure(place) }
    func decode(_ type: Float.Type) throws -> Float { Float(try tape.figure(place)) }
    func decode(_ type: Int.Type) throws -> Int { try tape.wholeNumber(place) }
    func decode(_ type: Int8.Type) throws -> Int8 { try tape.wholeNumber(place) }
    func decode(_ type: Int16.Type) throws -> Int16 { try tape.wholeNumber(place) }
    func decode(_ type: Int32.Type) throws -> Int32 { try tape.wholeNumber(place) }
    func decode(_ type: Int64.Type) throws -> Int64 { try tape.wholeNumber(place) }
    func decode(_ type: UInt.Type) throws -> UInt { try tape.wholeNumber(place) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try tape.wholeNumber(place) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try tape.wholeNumber(place) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try tape.wholeNumber(place) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try tape.wholeNumber(place) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try LineDecoder.decode(type, tape, place) }
}
