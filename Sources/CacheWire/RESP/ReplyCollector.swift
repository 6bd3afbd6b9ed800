internal import CHiredis

/// What hiredis calls while it parses, and the limits that it does not know.
///
/// It stands behind a pointer, since it is reached several times a reply.
struct ReplyCollector {
    private(set) var arena = ReplyArena()
    /// Replies that are errors, and not parts of others.
    var errors = 0
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
            if task.pointee.parent == nil { errors += 1 }
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
        announced += count
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
