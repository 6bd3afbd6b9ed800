internal import CacheCore
internal import CacheWire
internal import CacheModel

extension FlightBuffer {
    /// Asks for one key; the questions' replies come in this order.
    mutating func ask(_ questions: KeyQuestions, of key: ArraySlice<UInt8>) {
        func ask(_ part: [UInt8]) {
            append(raw: part, key)
        }
        if questions.type { ask(Self.typePart) }
        if questions.lifetime { ask(Self.lifetimePart) }
        if questions.bytes { ask(Self.bytesPart) }
        if questions.idle { ask(Self.idlePart) }
        add(commands: questions.count)
    }

    /// Adds to the calls what ``ask(_:of:)`` was used for so often.
    mutating func countAsked(_ questions: KeyQuestions, times: Int) {
        guard times > 0 else { return }
        for name in questions.names { add(calls: name, times) }
    }

    private static let typePart = Array("*2\r\n$4\r\nTYPE\r\n".utf8)
    private static let lifetimePart = Array("*2\r\n$4\r\nPTTL\r\n".utf8)
    private static let bytesPart = Array("*3\r\n$6\r\nMEMORY\r\n$5\r\nUSAGE\r\n".utf8)
    private static let idlePart = Array("*3\r\n$6\r\nOBJECT\r\n$8\r\nIDLETIME\r\n".utf8)
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
