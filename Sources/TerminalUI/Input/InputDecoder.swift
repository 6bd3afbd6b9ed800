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
    private var begun: BegunSequence?
    /// True while all that is being taken is one byte.
    private var isAlone = false
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
        var ends = [typed.wakeAt(holdsEnter: begun != nil)]
        if let begun { ends.append(end(of: begun)) }
        if letters.isWaiting { ends.append(letterAt + InputPause.silence) }
        if paste != nil { ends.append(pasteAt + InputPause.silence) }
        return ends.compactMap { $0 }.min()
    }

    /// When it is not waited for any more.
    private func end(of begun: BegunSequence) -> Duration {
        if begun.isLoneEscape { return begun.last + escapePause }
        if sequences.mayBeWhole(begun.bytes) || isTyped(begun) { return begun.last + InputPause.together }
        return begun.alive + InputPause.silence
    }

    /// True for keys after Esc that only look like the beginning of a string, unless more comes with the last.
    private func isTyped(_ begun: BegunSequence) -> Bool {
        begun.lastGap >= InputPause.together && sequences.isUnlikelyString(begun.bytes)
    }

    public mutating func take(_ bytes: some Collection<UInt8>, at now: Duration) -> [TerminalEvent] {
        var events: [TerminalEvent] = []
        let wasPasting = paste != nil
        isAlone = bytes.count == 1
        for byte in bytes { take(byte, now, &events) }
        if letters.isWaiting { letterAt = now }
        guard paste != nil else { return events }
        // Whoever tries keys in a paste whose end was lost does not keep it going.
        let isFinger = bytes.count == 1 && now - pasteAt >= InputPause.fingerInBrackets
        if !wasPasting || !(isFinger || bytes.allSatisfy { $0 == Self.interrupt }) { pasteAt = now }
        return events
    }

    public mutating func wake(at now: Duration) -> [TerminalEvent] {
        // An Enter that waits is taken back by Esc, which may have begun.
        var events = typed.wake(at: now, holdsEnter: begun != nil)
        if letters.isWaiting, now - letterAt >= InputPause.silence { letters.drop() }
        if let begun, now >= end(of: begun) {
            if begun.isLoneEscape {
                events += typed.escape() + [.key(.escape)]
                self.begun?.escapeIsTold = true
            } else {
                endWait(begun, now, &events)
            }
            events += typed.wake(at: now, holdsEnter: self.begun != nil)
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
                events += typed.noteBrackets(at: now, ends: true)
            }
        } else if let begun {
            goOn(begun, byte, now, &events)
        } else if byte == KeySequences.escape {
            letters.drop()
            begun = BegunSequence([byte], at: now)
        } else {
            takePlain(byte, now, &events)
        }
    }

    // MARK: escape sequences

    private mutating func goOn(
        _ begun: BegunSequence, _ byte: UInt8, _ now: Duration, _ events: inout [TerminalEvent]
    ) {
        // Whoever should have woken it was late.
        if now - begun.last >= InputPause.together, sequences.mayBeWhole(begun.bytes) || isTyped(begun) {
            endWait(begun, now, &events)
            take(byte, now, &events)
            return
        }
        if sequences.isString(begun.bytes), begun.bytes.last == KeySequences.escape, byte != UInt8(ascii: "\\") {
            // The string has no end, and something else begins.
            return goOn(BegunSequence([KeySequences.escape], at: begun.last), byte, now, &events)
        }
        var longer = begun
        longer.append(byte, at: now, isFinger: isAlone && sequences.isString(begun.bytes))
        switch sequences.match(longer.bytes) {
        case .part: self.begun = longer
        case .whole(nil) where longer.escapeIsTold && isWritten(longer) && !sequences.isString(longer.bytes):
            self.begun = nil
            for byte in longer.bytes.dropFirst() { takePlain(byte, now, &events) }
        case .whole(let meaning):
            self.begun = nil
            if longer.gap > InputPause.hasty { escapePause = InputPause.escapeOnSlowLine }
            if let meaning { perform(meaning, now, &events) }
        case .none:
            breakSequence(begun, now, &events)
            take(byte, now, &events)
        }
    }

    /// True for Esc, and some keys after it, each by itself.
    private func isWritten(_ begun: BegunSequence) -> Bool {
        begun.comesApart && begun.bytes.count <= 4 && (begun.escapeIsTold || sequences.isString(begun.bytes))
    }

    /// Nothing more of it comes.
    private mutating func endWait(_ begun: BegunSequence, _ now: Duration, _ events: inout [TerminalEvent]) {
        if sequences.mayBeWhole(begun.bytes) { self.begun = nil } else { breakSequence(begun, now, &events) }
    }

    /// It is no sequence: Esc, and what was typed after it; a long one was cut off.
    private mutating func breakSequence(_ begun: BegunSequence, _ now: Duration, _ events: inout [TerminalEvent]) {
        self.begun = nil
        let rest = begun.bytes.dropFirst()
        guard !begun.isEightBit, rest.count <= 1 || isWritten(begun) else { return }
        // Colours in a text that is pasted close no dialog.
        if !begun.escapeIsTold, !typed.isInPaste(at: now) { events += typed.escape() + [.key(.escape)] }
        // They came before what comes now.
        for byte in rest { takePlain(byte, begun.last, &events) }
    }

    private mutating func perform(
        _ meaning: KeySequences.Meaning, _ now: Duration, _ events: inout [TerminalEvent]
    ) {
        switch meaning {
        // What text has, too, is told from a paste as if it had come as text.
        case .key(.enter): takePlain(0x0d, now, &events)
        case .key(.tab): takePlain(0x09, now, &events)
        case .key(.backspace): takePlain(0x7f, now, &events)
        case .key(.control("c")): takePlain(Self.interrupt, now, &events)
        case .key(.control(let letter)): events += typed.take(.key(.control(letter)), at: now)
        case .letter(let scalar): events += typed.take(.letter(scalar), at: now)
        case .key(.escape): events += typed.escape() + [.key(.escape)]
        case .key(let key): events += typed.flush() + [.key(key)]
        case .click(let point): events += typed.flush() + [.click(point)]
        case .wheel(let point, let rows): events += typed.flush() + [.wheel(point, rows: rows)]
        case .pasteBegins:
            events += typed.noteBrackets(at: now, ends: false)
            (paste, pasteAt) = (Paste(), now)
        case .pasteEnds: events += typed.noteLostBracket(at: now)
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
        events += typed.noteBrackets(at: now, ends: false)
        if isInterrupted { events.append(.key(.control("c"))) }
        guard !bracket.isEmpty else { return }
        begun = BegunSequence(bracket, at: now, escapeIsTold: bracket.count == 1)
        if bracket.count == 1 { events.append(.key(.escape)) }
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
                if (0x80...0x9f).contains(scalar.value) {
                    begin(scalar, now)
                } else {
                    events += typed.take(.letter(scalar), at: now)
                }
            }
        }
    }

    /// A control character of 8 bits is no letter: it is Esc and another character (ECMA-48 section 5.3).
    private mutating func begin(_ scalar: Unicode.Scalar, _ now: Duration) {
        let bytes = [KeySequences.escape, UInt8(scalar.value - 0x40)]
        guard bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O") || sequences.isString(bytes) else {
            return
        }
        begun = BegunSequence(bytes, at: now, isEightBit: true)
    }
}
