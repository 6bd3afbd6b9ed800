internal import CHiredis
internal import RedisValues

/// How large a reply may be before it is refused.
struct ReplyLimits: Sendable {
    /// Bytes of one whole reply on the wire.
    var bytes = 64 << 20
    /// Elements of one whole reply, those of nested arrays included: in memory the smallest costs ten times its bytes.
    var elements = 1 << 20
    /// Arrays within each other. hiredis 0.14 cannot read more than eight, later versions have no limit.
    var levels = 7
    /// Bytes of memory that the replies of one flight may take until they are taken.
    var held = 256 << 20
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
        var position = 0
        return collector.pointee.arena.value(at: &position)
    }

    /// Reads whole replies into the arena, so many at most.
    ///
    /// - Returns: how many, fewer where more bytes are needed, and how many of them are errors.
    func advance(atMost wanted: Int) throws(CacheError) -> (replies: Int, errors: Int) {
        collector.pointee.errors = 0
        var replies = 0
        while replies < wanted, try advance() { replies += 1 }
        return (replies, collector.pointee.errors)
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
