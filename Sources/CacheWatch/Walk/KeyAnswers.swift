internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Reads what was said of keys, key by key, and sums up what it did to the server's counters.
struct KeyAnswers {
    var hits = 0
    var misses = 0
    var errors = 0
    /// The first error to each question that got one.
    private(set) var refusals: [(question: Question, words: [UInt8])] = []

    /// The facts of one key, whose answers begin at a position, which moves behind them; nil for a key that is gone.
    mutating func facts(_ questions: KeyQuestions, in arena: ReplyArena, at position: inout Int) -> KeyFacts? {
        var facts = KeyFacts()
        var isGone = false
        if questions.type { type(arena, &position, &facts, &isGone) }
        if questions.lifetime { lifetime(arena, &position, &facts, &isGone) }
        if questions.bytes {
            switch next(arena, &position) {
            case .integer(let bytes): facts.bytes = Int(max(0, min(Int64(KeyFacts.largest), bytes)))
            case .null: isGone = true
            case let other: note(other, arena, .memoryUsage)
            }
        }
        if questions.idle {
            switch next(arena, &position) {
            case .integer(let seconds):
                facts.idle = Int(max(0, seconds))
                hits += 1
            // A key that is gone is an error here, or nil on older servers.
            case .null: misses += 1
            case let other: note(other, arena, .idleTime)
            }
        }
        return isGone ? nil : facts
    }

    private mutating func type(
        _ arena: ReplyArena, _ position: inout Int, _ facts: inout KeyFacts, _ isGone: inout Bool
    ) {
        let node = next(arena, &position)
        guard case .status(let range)? = node else { return note(node, arena, .keyType) }
        let bytes = arena.bytes.span
        let name = bytes.extracting(range)
        if name.count == 4, name[0] == UInt8(ascii: "n"), name[1] == UInt8(ascii: "o") {
            isGone = true
            misses += 1
        } else {
            facts.type = KeyType(name: name)
            hits += 1
        }
    }

    private mutating func lifetime(
        _ arena: ReplyArena, _ position: inout Int, _ facts: inout KeyFacts, _ isGone: inout Bool
    ) {
        let node = next(arena, &position)
        guard case .integer(let milliseconds)? = node else { return note(node, arena, .timeToLive) }
        if milliseconds == -2 {
            isGone = true
            misses += 1
            return
        }
        facts.lifetime = milliseconds < 0 ? .never : .milliseconds(Int(milliseconds))
        hits += 1
    }

    /// No answer to a question.
    private mutating func note(_ node: ReplyArena.Node?, _ arena: ReplyArena, _ question: Question) {
        errors += 1
        guard case .error(let words)? = node, !refusals.contains(where: { $0.question == question }) else { return }
        refusals.append((question, Array(arena.bytes[words])))
    }

    private func next(_ arena: ReplyArena, _ position: inout Int) -> ReplyArena.Node? {
        guard position < arena.nodes.count else { return nil }
        let node = arena.nodes[position]
        if case .array = node { position = arena.end(of: position) } else { position += 1 }
        return node
    }
}
