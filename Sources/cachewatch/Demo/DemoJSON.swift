internal import FoundationEssentials

/// Bodies of responses.
enum DemoJSON {
    static func encode(_ value: some Encodable) throws -> [UInt8] { Array(try JSONEncoder().encode(value)) }
}
