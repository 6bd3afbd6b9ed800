internal import FoundationEssentials
internal import CacheWire
internal import RedisValues

/// Values of a store as JSON; dates are Unix seconds.
enum StoreJSON {
    /// - Throws: ``CacheError/input(_:)`` for a value that JSON cannot hold.
    static func encode(_ value: some Encodable) throws(CacheError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        encoder.outputFormatting = .withoutEscapingSlashes
        do { return Array(try encoder.encode(value)) } catch {
            throw .input("the value cannot be written as JSON: \(Printable.escape("\(error)", limit: 200))")
        }
    }

    /// - Returns: nil for what is not such a value.
    static func decode<Value: Decodable>(_ bytes: [UInt8], as type: Value.Type = Value.self) -> Value? {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        return try? decoder.decode(type, from: Data(bytes))
    }
}
