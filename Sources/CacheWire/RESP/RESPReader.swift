internal import CHiredis
internal import RedisValues

/// How large a reply may be before it is refused.
package struct ReplyLimits: Sendable {
    /// Bytes of one whole reply on the wire.
    var bytes = 64 << 20
    /// Elements of one whole reply, those of nested arrays included: in memory the smallest costs ten times its bytes.
    var elements = 1 << 20
    /// Arrays within each other. hiredis 0.14 cannot read more than eight, later versions have no limit.
    var levels = 7
    /// Bytes of memory that the replies of one flight may take until they are taken.
    var held = 256 << 20

    /// Of what holds values and names of keys.
    package static let standard = ReplyLimits()
    /// Of what holds figures: a cluster whose every slot is a range of its own has three hundred thousand elements.
    package static let figures = ReplyLimits(bytes: 16 << 20, elements: 1 << 19, held: 64 << 20)
}

/// An incremental RESP2 parser around hiredis' `redisReader`: feed, then take; nil means that more is needed.
///
/// After it has thrown once it is broken: the stream cannot be resynchronised.
final class RESPReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let collector: UnsafeMutablePointer<ReplyCollector>
    private let limits: ReplyLimits
    /// Bytes fed since the last whole reply was taken.
    private var pending = 0
    /// Bytes of memory of the last reply that ``next()`` has returned.
    private(set) var taken = 0

    init(limits: ReplyLimits = ReplyLimits()) {
        self.limits = limits
        collector = .allocate(capacity: 1)
        collector.initialize(to: ReplyCollector(limits: limits))
        functions = .allocate(capacity: 1)
        functions.initialize(to: ReplyCollector.functions)
        reader = redisReaderCreateWithFunctions(functions)
        reader.pointee.privdata = UnsafeMutableRawPointer(collector)
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
        collector.deinitialize(count: 1)
        collector.deallocate()
    }

    /// True while a part of a reply has been fed.
    var holdsPart: Bool { pending > 0 }

    /// Errors that hiredis finds while buffering come out of the next ``next()``.
    func feed(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        pending += bytes.count
        redisReaderFeed(reader, base.assumingMemoryBound(to: CChar.self), bytes.count)
    }

    /// The next whole reply.
    ///
    /// - Throws: ``CacheError/protocolError(_:)`` for bytes that are not RESP2, and for arrays that are nested too deep;
    ///   ``CacheError/replyTooLarge(_:)`` as soon as a reply is announced or received that exceeds the limits.
    func next() throws(CacheError) -> RESPValue? {
        guard try advance() else { return nil }
        defer { collector.pointee.removeAll() }
        taken = collector.pointee.arena.footprintOfValues
        var position = 0
        return collector.pointee.arena.value(at: &position)
    }

    /// Reads whole replies into the arena, so many at most.
    ///
    /// - Returns: how many, fewer where more bytes are needed, how many of them are errors, and of those the denials by
    ///   prefix.
    func advance(atMost wanted: Int) throws(CacheError) -> (replies: Int, errors: Int, denials: [String: Int]) {
        (collector.pointee.errors, collector.pointee.denials) = (0, [:])
        var replies = 0
        while replies < wanted, try advance() { replies += 1 }
        return (replies, collector.pointee.errors, collector.pointee.denials)
    }

    private func advance() throws(CacheError) -> Bool {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw failure() }
        guard object != nil else {
            let size = max(pending, announcedLength())
            guard size <= limits.bytes else { throw .replyTooLarge(size) }
            return false
        }
        pending = reader.pointee.len - reader.pointee.pos
        if let refusal = collector.pointee.endReply() { throw refusal }
        return true
    }

    /// All replies since the arena was last taken.
    func takeArena() -> ReplyArena {
        var arena = collector.pointee.takeArena()
        arena.arrivedAt = .now
        return arena
    }

    private func failure() -> CacheError {
        if let refusal = collector.pointee.refusal { return refusal }
        return .protocolError(
            withUnsafeBytes(of: &reader.pointee.errstr) { Printable.escape($0.prefix { $0 != 0 }) })
    }

    /// What an unfinished bulk string says its length is; 0 where none is being read.
    ///
    /// hiredis has consumed the type byte and waits at the length until the whole string is there. A whole line at
    /// that place is a length: of every other type, whole lines have been consumed.
    private func announcedLength() -> Int {
        let (position, length) = (reader.pointee.pos, reader.pointee.len)
        guard let buffer = reader.pointee.buf, position < length else { return 0 }
        var announced = 0
        for index in position..<min(length, position + 20) {
            if buffer[index] == CChar(UInt8(ascii: "\r")) {
                // Without its line feed it may be an integer that waits for it.
                return index + 1 < length ? announced : 0
            }
            let digit = Int(buffer[index]) - Int(UInt8(ascii: "0"))
            guard (0...9).contains(digit), announced < Int.max / 100 else { return 0 }
            announced = announced * 10 + digit
        }
        return 0
    }
}

/// What hiredis calls while it parses, and the limits that it does not know.
///
/// It stands behind a pointer, since it is reached several times a reply.
struct ReplyCollector {
    private(set) var arena = ReplyArena()
    /// Replies that are errors, and not parts of others.
    var errors = 0
    /// Of those, by prefix.
    var denials: [String: Int] = [:]
    /// Why the parser was told to stop.
    private(set) var refusal: CacheError?

    private let limits: ReplyLimits
    /// The arena's nodes when the reply that is being read began.
    private var start = 0
    /// Elements that its arrays have announced.
    private var announced = 0

    init(limits: ReplyLimits) { self.limits = limits }

    /// Called after each whole reply.
    ///
    /// - Returns: why it cannot be used; nil where it can.
    mutating func endReply() -> CacheError? {
        // hiredis 1.x passes over doubles and booleans of RESP3 without a word.
        let isWhole = arena.nodes.count == start + 1 + announced
        (start, announced) = (arena.nodes.count, 0)
        guard isWhole else { return Self.notRESP2 }
        return arena.footprint > limits.held ? .replyTooLarge(arena.footprint) : nil
    }

    /// All replies since it was last called.
    mutating func takeArena() -> ReplyArena {
        let taken = arena
        arena = ReplyArena()
        start = 0
        return taken
    }

    mutating func removeAll() {
        arena.removeAll()
        start = 0
    }

    private mutating func add(_ text: UnsafeRawBufferPointer, of task: UnsafePointer<redisReadTask>) -> Bool {
        switch task.pointee.type {
        case REDIS_REPLY_STRING: arena.append(text) { .string($0) }
        case REDIS_REPLY_STATUS: arena.append(text) { .status($0) }
        case REDIS_REPLY_ERROR:
            arena.append(text) { .error($0) }
            if task.pointee.parent == nil {
                errors += 1
                if let prefix = DenialPrefix.of(text) { denials[prefix, default: 0] += 1 }
            }
        default: return refuse(Self.notRESP2)
        }
        return true
    }

    private mutating func addArray(of count: Int, for task: UnsafePointer<redisReadTask>) -> Bool {
        guard task.pointee.type == REDIS_REPLY_ARRAY else { return refuse(Self.notRESP2) }
        var level = 1
        var parent = task.pointee.parent
        while let above = parent {
            level += 1
            parent = above.pointee.parent
        }
        guard level <= limits.levels else {
            return refuse(.protocolError("arrays are nested deeper than \(limits.levels) levels"))
        }
        announced +|= count
        guard announced <= limits.elements else { return refuse(.replyTooLarge(announced)) }
        arena.append(.array(count: count))
        return true
    }

    private mutating func addNull(for task: UnsafePointer<redisReadTask>) -> Bool {
        // RESP2 spells it as a string or an array of length -1.
        guard task.pointee.type != REDIS_REPLY_NIL else { return refuse(Self.notRESP2) }
        arena.append(.null)
        return true
    }

    private mutating func refuse(_ error: CacheError) -> Bool {
        refusal = error
        return false
    }

    private static let notRESP2 = CacheError.protocolError("a value of RESP3, which was not asked for")
}

extension ReplyCollector {
    /// hiredis only asks whether an object is nil, which ends its parsing.
    private nonisolated(unsafe) static let made = UnsafeMutableRawPointer(bitPattern: 1)

    private static func of(_ task: UnsafePointer<redisReadTask>) -> UnsafeMutablePointer<ReplyCollector>? {
        task.pointee.privdata?.assumingMemoryBound(to: ReplyCollector.self)
    }

    /// For a reader whose `privdata` is a pointer to a collector.
    static var functions: redisReplyObjectFunctions {
        var functions = redisReplyObjectFunctions()
        functions.createString = { task, text, length in
            guard let task, let collector = ReplyCollector.of(task) else { return nil }
            let bytes = UnsafeRawBufferPointer(start: text, count: length)
            return collector.pointee.add(bytes, of: task) ? ReplyCollector.made : nil
        }
        functions.createArray = { task, count in
            guard let task, let collector = ReplyCollector.of(task) else { return nil }
            return collector.pointee.addArray(of: Int(clamping: count), for: task) ? ReplyCollector.made : nil
        }
        functions.createInteger = { task, integer in
            guard let task, let collector = ReplyCollector.of(task) else { return nil }
            collector.pointee.arena.append(.integer(integer))
            return ReplyCollector.made
        }
        functions.createNil = { task in
            guard let task, let collector = ReplyCollector.of(task) else { return nil }
            return collector.pointee.addNull(for: task) ? ReplyCollector.made : nil
        }
        return functions
    }
}
