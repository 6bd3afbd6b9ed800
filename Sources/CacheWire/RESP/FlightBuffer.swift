internal import RedisValues
internal import NIOCore

/// Commands written out for one flight, without a value for each.
package struct FlightBuffer: Sendable {
    package private(set) var bytes: [UInt8] = []
    package private(set) var commands = 0
    /// By the names of `commandstats`.
    package private(set) var calls: [String: Int] = [:]
    /// The first command that may change something.
    package private(set) var writing: String?

    package var isEmpty: Bool { commands == 0 }
    var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }

    package init() {}

    package mutating func append(_ command: Command, as name: String) {
        if writing == nil, CommandTable.mayWrite(command) { writing = CommandTable.name(of: command) }
        Self.header("*", command.arguments.count, &bytes)
        for argument in command.arguments { Self.bulk(argument[...], &bytes) }
        count(name)
    }

    package mutating func append(_ other: FlightBuffer) {
        bytes.append(contentsOf: other.bytes)
        commands +|= other.commands
        writing = writing ?? other.writing
        for (name, count) in other.calls { calls[name, default: 0] += count }
    }

    /// Commands that were written out already, with their replies' number and names.
    package mutating func append(raw part: [UInt8], _ argument: ArraySlice<UInt8>) {
        bytes.append(contentsOf: part)
        Self.bulk(argument, &bytes)
    }

    package mutating func add(commands count: Int) { commands += count }
    package mutating func add(calls name: String, _ times: Int) { calls[name, default: 0] += times }

    private mutating func count(_ name: String) {
        commands += 1
        calls[name, default: 0] += 1
    }

    package static func bulk(_ argument: ArraySlice<UInt8>, _ bytes: inout [UInt8]) {
        header("$", argument.count, &bytes)
        bytes.append(contentsOf: argument)
        bytes.append(0x0d)
        bytes.append(0x0a)
    }

    private static func header(_ kind: Unicode.Scalar, _ number: Int, _ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: kind))
        if number < 10 {
            bytes.append(0x30 + UInt8(number))
        } else if number < 100 {
            bytes.append(0x30 + UInt8(number / 10))
            bytes.append(0x30 + UInt8(number % 10))
        } else {
            bytes.append(contentsOf: String(number).utf8)
        }
        bytes.append(0x0d)
        bytes.append(0x0a)
    }
}
