/// An escape sequence whose end has not come, and when its bytes came.
struct BegunSequence: Sendable {
    private(set) var bytes: [UInt8]
    /// When its last byte came.
    private(set) var last: Duration
    /// When something of it last came that was no finger's.
    private(set) var alive: Duration
    /// The longest that one of its bytes was waited for.
    private(set) var gap = Duration.zero
    /// How long the last one was waited for.
    private(set) var lastGap = Duration.zero
    /// True where each byte came by itself, as fingers type.
    private(set) var comesApart = true
    /// Esc was told of already, and was it not if this goes on as a sequence.
    var escapeIsTold: Bool
    /// True where one control character of 8 bits began it: no key sends that, and Esc was not pressed.
    let isEightBit: Bool

    /// As much as is looked at; of what is longer only the end is kept.
    static let longest = 256

    init(_ bytes: [UInt8], at now: Duration, escapeIsTold: Bool = false, isEightBit: Bool = false) {
        self.bytes = bytes
        (last, alive) = (now, now)
        self.escapeIsTold = escapeIsTold
        self.isEightBit = isEightBit
        comesApart = bytes.count == 1
    }

    var isLoneEscape: Bool { bytes.count == 1 && !escapeIsTold }

    /// - Parameter isFinger: whether it may be somebody who tries a key.
    mutating func append(_ byte: UInt8, at now: Duration, isFinger: Bool) {
        lastGap = now - last
        gap = max(gap, lastGap)
        if lastGap < InputPause.together { comesApart = false }
        // Whoever tries keys while a string has no end does not keep it going.
        if !isFinger || lastGap < InputPause.fingerInBrackets { alive = now }
        last = now
        if bytes.count < Self.longest {
            bytes.append(byte)
        } else {
            bytes[Self.longest - 2] = bytes[Self.longest - 1]
            bytes[Self.longest - 1] = byte
        }
    }
}
