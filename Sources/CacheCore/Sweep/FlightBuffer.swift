internal import NIOCore

/// Commands written out for one flight, without a value for each.
struct FlightBuffer: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var commands = 0
    /// By the names of `commandstats`.
    private(set) var calls: [String: Int] = [:]
    /// The first command that may change something.
    private(set) var writing: String?

    var isEmpty: Bool { commands == 0 }
    var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }

    init() {}

    mutating func append(_ command: Command, as name: String) {
        if writing == nil, CommandTable.mayWrite(command) { writing = CommandTable.name(of: command) }
        Self.header("*", command.arguments.count, &bytes)
        for argument in command.arguments { Self.bulk(argument[...], &bytes) }
        count(name)
    }

    mutating func append(_ other: FlightBuffer) {
        bytes.append(contentsOf: other.bytes)
        commands += other.commands
        writing = writing ?? other.writing
        for (name, count) in other.calls { calls[name, default: 0] += count }
    }

    /// Asks for one key; the questions' replies come in this order.
    mutating func ask(_ questions: KeyQuestions, of key: ArraySlice<UInt8>) {
        func ask(_ part: [UInt8]) {
            bytes.append(contentsOf: part)
            Self.bulk(key, &bytes)
        }
        if questions.type { ask(Self.typePart) }
        if questions.lifetime { ask(Self.lifetimePart) }
        if questions.bytes { ask(Self.bytesPart) }
        if questions.idle { ask(Self.idlePart) }
        commands += questions.count
    }

    /// Adds to the calls what ``ask(_:of:)`` was used for so often.
    mutating func countAsked(_ questions: KeyQuestions, times: Int) {
        guard times > 0 else { return }
        for name in questions.names { calls[name, default: 0] += times }
    }

    private mutating func count(_ name: String) {
        commands += 1
        calls[name, default: 0] += 1
    }

    private static let typePart = Array("*2\r\n$4\r\nTYPE\r\n".utf8)
    private static let lifetimePart = Array("*2\r\n$4\r\nPTTL\r\n".utf8)
    private static let bytesPart = Array("*3\r\n$6\r\nMEMORY\r\n$5\r\nUSAGE\r\n".utf8)
    private static let idlePart = Array("*3\r\n$6\r\nOBJECT\r\n$8\r\nIDLETIME\r\n".utf8)

    private static func bulk(_ argument: ArraySlice<UInt8>, _ bytes: inout [UInt8]) {
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

/// What is asked of a key.
struct KeyQuestions: Equatable, Sendable {
    var type = true
    var lifetime = true
    var bytes = true
    var idle = true

    init() {}

    /// All that is allowed, and can be answered: a server that evicts by frequency knows no idle times.
    init(without denied: DeniedCommands, policy: String?) {
        type = !denied.contains(.keyType)
        lifetime = !denied.contains(.timeToLive)
        bytes = !denied.contains(.memoryUsage)
        idle = !denied.contains(.idleTime) && policy?.hasSuffix("-lfu") != true
    }

    var count: Int { (type ? 1 : 0) + (lifetime ? 1 : 0) + (bytes ? 1 : 0) + (idle ? 1 : 0) }
    /// Lifetime and size alone: what a full sweep asks of every key.
    var essential: KeyQuestions {
        var questions = self
        (questions.idle, questions.type) = (false, type && !lifetime && !bytes)
        return questions
    }
    var onlyType: KeyQuestions {
        var questions = self
        (questions.idle, questions.lifetime, questions.bytes) = (false, false, false)
        return questions
    }

    /// As `commandstats` has them.
    var names: [String] {
        [
            type ? "type" : nil, lifetime ? "pttl" : nil, bytes ? "memory|usage" : nil, idle ? "object|idletime" : nil,
        ].compactMap { $0 }
    }
}
