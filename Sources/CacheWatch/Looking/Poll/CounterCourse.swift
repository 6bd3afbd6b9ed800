internal import CacheWire
internal import CacheModel

/// When a node is asked for the hash of counters: never before its size is known, so that nobody's million fields hold
/// the server or end the connection, and rarely where there is none.
struct CounterCourse: Sendable {
    private enum Knowledge: Equatable, Sendable {
        case nothing, absent, there
        /// It is there and cannot be read: why.
        case unfit(String)
    }

    /// What was read last: empty where there is no such key, nil where nobody knows.
    private(set) var reading: CounterReading?
    private var knowledge = Knowledge.nothing
    /// False once the server has refused to tell the size.
    private var isMeasured = true
    /// Polls that brought nothing at all while it was asked for without its size.
    private var losses = 0
    private var isUnmeasured = false

    /// By `MEMORY USAGE`: a hundred times what its fields should take. More is not asked for.
    static let mostBytes = 1 << 20
    /// So often it is asked for without its size, and nothing at all has come.
    private static let mostLosses = 2

    /// Why it is not read although it is there; nil where it is read, or is not there.
    var obstacle: String? { if case .unfit(let words) = knowledge { words } else { nil } }

    /// Whether the size, and whether the hash is to be asked for.
    ///
    /// - Parameters:
    ///   - isSlow: in this poll slower questions are asked.
    ///   - isMeasured: whether the server tells sizes.
    mutating func asks(isSlow: Bool, isMeasured: Bool, isAllowed: Bool) -> (size: Bool, hash: Bool) {
        guard isAllowed else {
            (reading, isUnmeasured) = (nil, false)
            return (false, false)
        }
        guard isMeasured, self.isMeasured else {
            isUnmeasured = (isSlow || knowledge == .there) && losses < Self.mostLosses
            return (false, isUnmeasured)
        }
        isUnmeasured = false
        return (isSlow || knowledge == .nothing, knowledge == .there)
    }

    /// - Returns: true where the hash is to be asked for at once.
    mutating func note(size reply: RESPValue, beside isAsked: Bool) -> Bool {
        if case .null = reply {
            (knowledge, reading) = (.absent, CounterReading())
            return false
        }
        if case .error(let words) = reply {
            let error = ErrorReply(words)
            if error.isLasting || error.meaning == .unclear { isMeasured = false }
            return !isMeasured && !isAsked
        }
        guard let bytes = try? reply.count else { return false }
        guard bytes <= Self.mostBytes else {
            let size = Format.bytes(ByteCount(bytes))
            (knowledge, reading) = (.unfit("\(CounterHash.name) takes \(size): it is not read"), nil)
            return false
        }
        // What is not a hash is looked at again when its size is.
        knowledge = .there
        return !isAsked
    }

    mutating func note(hash reply: RESPValue) {
        losses = 0
        if case .error(let words) = reply {
            reading = nil
            let isWrongType = ErrorReply(words).meaning == .ofKey
            knowledge = isWrongType ? .unfit("\(CounterHash.name) is not a hash") : .nothing
            return
        }
        do throws(RESPShapeError) {
            let new = try CounterReading(reply)
            (reading, knowledge) = (new, new.isEmpty ? .absent : .there)
        } catch {
            (reading, knowledge) = (nil, .unfit(error.description))
        }
    }

    /// The poll brought nothing: it may have been the hash that was too large.
    mutating func lost() {
        if isUnmeasured { losses += 1 }
        (reading, knowledge) = (nil, .nothing)
    }
}
