/// From the bytes of a terminal to what they mean, in however many parts they come, and from whomever: keys, what was
/// pasted in brackets, and what was pasted without.
///
/// It never waits by itself: whoever has it wakes it at ``wakeAt``, after all that has come until then. Instants are
/// durations since any moment.
public struct InputDecoder: Sendable {
    private let sequences: KeySequences
    private var letters: LetterDecoder
    private var typed: TypedRuns
    /// What may become an escape sequence.
    private var sequence: [UInt8] = []
    /// When its last byte came.
    private var sequenceAt = Duration.zero
    /// The longest that one of its bytes was waited for.
    private var sequenceGap = Duration.zero
    /// Esc was told of already, and was it not if this goes on as a sequence.
    private var escapeIsTold = false
    private var escapePause = InputPause.escape
    private var letterAt = Duration.zero
    private var paste: Paste?
    private var pasteAt = Duration.zero
    private var followsReturn = false

    /// - Parameter openers: characters that open a field; what is typed ahead after one of them is no paste.
    public init(_ sequences: KeySequences, letters: LetterEncoding = .utf8, openers: Set<Unicode.Scalar> = []) {
        self.sequences = sequences
        self.letters = LetterDecoder(letters)
        typed = TypedRuns(openers: openers)
    }

    /// When ``wake(at:)`` has something to do; nil while there is nothing to wait for.
    public var wakeAt: Duration? {
        var ends = [typed.wakeAt]
        if !sequence.isEmpty { ends.append(sequenceAt + (isLoneEscape ? escapePause : InputPause.silence)) }
        if letters.isWaiting { ends.append(letterAt + InputPause.silence) }
        if paste != nil { ends.append(pasteAt + InputPause.silence) }
        return ends.compactMap { $0 }.min()
    }

    private var isLoneEscape: Bool { sequence.count == 1 && !escapeIsTold }

    public mutating func take(_ bytes: some Collection<UInt8>, at now: Duration) -> [TerminalEvent] {
        var events: [TerminalEvent] = []
        let wasPasting = paste != nil
        for byte in bytes { take(byte, now, &events) }
        if letters.isWaiting { letterAt = now }
        guard paste != nil else { return events }
        // Whoever tries keys in a paste whose end was lost does not keep it going.
        let isFinger = bytes.count == 1 && now - pasteAt >= InputPause.fingerInBrackets
        if !wasPasting || !(isFinger || bytes.allSatisfy { $0 == Self.interrupt }) { pasteAt = now }
        return events
    }

    public mutating func wake(at now: Duration) -> [TerminalEvent] {
        var events = typed.wake(at: now)
        if letters.isWaiting, now - letterAt >= InputPause.silence { letters.drop() }
        if !sequence.isEmpty {
            if isLoneEscape, now - sequenceAt >= escapePause {
                events += typed.flush() + [.key(.escape)]
                escapeIsTold = true
            } else if !isLoneEscape, now - sequenceAt >= InputPause.silence {
                breakSequence(now, &events)
            }
        }
        if paste != nil, now - pasteAt >= InputPause.silence { endSilentPaste(now, &events) }
        return events
    }

    private static let interrupt: UInt8 = 0x03

    private mutating func take(_ byte: UInt8, _ now: Duration, _ events: inout [TerminalEvent]) {
        if paste != nil {
            for scalar in letters.take(byte) where paste?.take(scalar) == true {
                events.append(.paste(paste?.text ?? ""))
                paste = nil
                events += typed.noteBrackets(at: now)
            }
        } else if !sequence.isEmpty {
            goOn(byte, now, &events)
        } else if byte == KeySequences.escape {
            letters.drop()
            (sequence, sequenceAt, sequenceGap, escapeIsTold) = ([byte], now, .zero, false)
        } else {
            takePlain(byte, now, &events)
        }
    }

    // MARK: escape sequences

    private mutating func goOn(_ byte: UInt8, _ now: Duration, _ events: inout [TerminalEvent]) {
        let longer = sequence + [byte]
        switch sequences.match(longer) {
        case .part:
            sequenceGap = max(sequenceGap, now - sequenceAt)
            (sequence, sequenceAt) = (longer, now)
        case .whole(nil) where escapeIsTold && longer.count == 3:
            // Esc, and two keys after it.
            sequence = []
            for byte in longer.dropFirst() { takePlain(byte, now, &events) }
        case .whole(let meaning):
            sequence = []
            if max(sequenceGap, now - sequenceAt) > InputPause.hasty { escapePause = InputPause.escapeOnSlowLine }
            if let meaning { perform(meaning, now, &events) }
        case .none:
            breakSequence(now, &events)
            take(byte, now, &events)
        }
    }

    /// It is no sequence: Esc, and what was typed after it; a long one was cut off.
    private mutating func breakSequence(_ now: Duration, _ events: inout [TerminalEvent]) {
        let rest = sequence.dropFirst()
        sequence = []
        guard rest.count <= 1 else { return }
        // Colours in a text that is pasted close no dialog.
        if !escapeIsTold, !typed.isInPaste { events += typed.flush() + [.key(.escape)] }
        for byte in rest { takePlain(byte, now, &events) }
    }

    private mutating func perform(
        _ meaning: KeySequences.Meaning, _ now: Duration, _ events: inout [TerminalEvent]
    ) {
        switch meaning {
        case .key(let key): events += typed.flush() + [.key(key)]
        case .click(let point): events += typed.flush() + [.click(point)]
        case .wheel(let point, let rows): events += typed.flush() + [.wheel(point, rows: rows)]
        case .pasteBegins:
            events += typed.noteBrackets(at: now)
            (paste, pasteAt) = (Paste(), now)
        case .pasteEnds: break
        }
    }

    // MARK: what silence ends

    /// The closing bracket is lost, or late.
    private mutating func endSilentPaste(_ now: Duration, _ events: inout [TerminalEvent]) {
        guard var ended = paste else { return }
        paste = nil
        letters.drop()
        let bracket = ended.takeBegunBracket()
        let isInterrupted = ended.takeEnd { $0.value == UInt32(Self.interrupt) }
        if !ended.text.isEmpty { events.append(.paste(ended.text)) }
        events += typed.noteBrackets(at: now)
        if isInterrupted { events.append(.key(.control("c"))) }
        guard !bracket.isEmpty else { return }
        (sequence, sequenceAt, sequenceGap, escapeIsTold) = (bracket, now, .zero, bracket.count == 1)
        if escapeIsTold { events.append(.key(.escape)) }
    }

    // MARK: characters

    private mutating func takePlain(_ byte: UInt8, _ now: Duration, _ events: inout [TerminalEvent]) {
        defer { followsReturn = byte == 0x0d }
        if byte < 0x20 || byte == 0x7f { letters.drop() }
        switch byte {
        case Self.interrupt: events += typed.interrupt() + [.key(.control("c"))]
        case 0x0a where followsReturn: break
        case 0x0a, 0x0d: events += typed.take(.newline, at: now)
        case 0x09: events += typed.take(.tab, at: now)
        case 0x08, 0x7f: events += typed.take(.key(.backspace), at: now)
        case 0x01...0x1a:
            events += typed.take(.key(.control(Character(Unicode.Scalar(byte + 0x60)))), at: now)
        case ..<0x20: break
        default:
            for scalar in letters.take(byte) where scalar != LetterDecoder.unknown {
                events += typed.take(.letter(scalar), at: now)
            }
        }
    }
}
