/// One decoded RESP2 reply. Strings are bytes: nothing promises that they are text.
public indirect enum RESPValue: Equatable, Sendable {
    case string([UInt8]), status([UInt8]), error([UInt8])
    case integer(Int64)
    case null
    case array([RESPValue])
}

/// A reply of another shape than the command promises.
public struct RESPShapeError: Error, Equatable, Sendable, CustomStringConvertible {
    public var expected: String
    public var found: String

    public init(expected: String, found: String) {
        self.expected = expected
        self.found = found
    }

    public var description: String { "expected \(expected) in the reply, found \(found)" }
}

extension RESPValue {
    /// - Throws: ``RESPShapeError`` for anything but a string or a status.
    public var bytes: [UInt8] {
        get throws(RESPShapeError) {
            switch self {
            case .string(let bytes), .status(let bytes): return bytes
            default: throw mismatch("a string")
            }
        }
    }

    /// The string, escaped: fit for screens and logs.
    public var text: String {
        get throws(RESPShapeError) { Printable.escape(try bytes) }
    }

    /// An integer, or a string that holds one.
    public var integer: Int64 {
        get throws(RESPShapeError) {
            if case .integer(let integer) = self { return integer }
            guard let bytes = try? bytes, let text = String(validating: bytes, as: UTF8.self), let integer = Int64(text)
            else { throw mismatch("an integer") }
            return integer
        }
    }

    /// How many there are of something.
    ///
    /// - Throws: ``RESPShapeError`` for anything but an integer from 0 on.
    public var count: Int {
        get throws(RESPShapeError) {
            let integer = try integer
            guard integer >= 0 else { throw RESPShapeError(expected: "a count", found: "a negative number") }
            return Int(clamping: integer)
        }
    }

    public var array: [RESPValue] {
        get throws(RESPShapeError) {
            guard case .array(let values) = self else { throw mismatch("an array") }
            return values
        }
    }

    private func mismatch(_ expected: String) -> RESPShapeError {
        let found =
            switch self {
            case .string: "a string"
            case .status: "a status"
            case .error(let words): "the error \(Printable.escape(words, limit: 200))"
            case .integer: "an integer"
            case .null: "nil"
            case .array(let values): "an array of \(values.count)"
            }
        return RESPShapeError(expected: expected, found: found)
    }
}
