internal import CacheModel

/// A filter of the list that the server keeps to, so that what does not match is never fetched.
struct KeyNarrowing: Equatable, Sendable {
    /// As it was typed.
    let text: String
    let pattern: Glob

    init(_ text: String) { (self.text, pattern) = (text, Glob(filter: text)) }
}

/// What is looked for in a collection, and how far.
struct ValueSearch: Equatable, Sendable {
    /// No more are shown: nobody reads them, and memory stays bounded.
    static let mostFound = 1000

    let text: String
    let pattern: Glob
    var walked = 0
    var isStopped = false

    init(_ text: String) { (self.text, pattern) = (text, Glob(filter: text)) }

    /// Where it begins.
    var start: KeyCursor { .matching(pattern.bytes, from: Array("0".utf8)) }
}

extension KeyBoard {
    /// A part of the keys, walked over.
    var walkedShare: Double? {
        // A server tells of a filter's page what was asked for, and may have walked over some more.
        if isWhole { return 1 }
        guard let total, total > 0 else { return nil }
        return min(1, Double(examined) / Double(total))
    }

    /// `34 % of 300,000 keys`, or the keys alone where nobody knows how many there are.
    var walkedWords: String {
        guard let share = walkedShare else { return Format.count(examined, "key") }
        return "\(Format.percent(share, digits: 0)) of \(Format.count(total, "key"))"
    }

    /// True where few keys of many may be meant: whoever asks for them wants to know how many there are.
    var isSelective: Bool {
        if case .pattern(let pattern) = scope, pattern != "*" { return true }
        return narrowing != nil
    }

    /// True for what goes on without being asked, until it is stopped.
    var isWalking: Bool {
        isSelective && !isStopped && !isFull && refusal == nil && (!hasBegun || cursor != nil)
    }

    /// True for what was stopped half-way.
    var isHalted: Bool { isSelective && isStopped && cursor != nil && !isFull }
}
