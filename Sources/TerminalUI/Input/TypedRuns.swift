/// Tells what fingers type from what comes faster than they can: a paste without brackets.
///
/// A run is what comes without a pause. A long one, or one of several lines, is a paste, and so is what follows until
/// there is silence. What fingers type stays keys. An Enter in a run of others is a line's end, and one that comes soon
/// after waits whether the next line follows.
struct TypedRuns: Sendable {
    enum Token: Equatable, Sendable {
        case letter(Unicode.Scalar)
        case newline, tab
        case key(Key)
    }

    private struct Run {
        var tokens: [Token]
        var first: Duration
        var last: Duration

        var letters: [Unicode.Scalar] { tokens.compactMap { if case .letter(let scalar) = $0 { scalar } else { nil } } }
        var hasNewline: Bool { tokens.contains(.newline) }
        /// True where a line ends between letters.
        var hasLines: Bool {
            let isLetter = { (token: Token) in if case .letter = token { true } else { false } }
            guard let first = tokens.firstIndex(where: isLetter), let last = tokens.lastIndex(where: isLetter) else {
                return false
            }
            return tokens[first..<last].contains(.newline)
        }
    }

    /// A paste without brackets, from its first part to the silence after it.
    private struct RawPaste {
        /// When something last came that was no finger's.
        var alive: Duration
        var hasNewline = false
        /// Ends of lines that nothing has followed yet.
        var ends = 0
        /// What came all by itself.
        var lone: Token?
        /// True where it came in parts: an Enter may be one, too.
        var isInParts = false
    }

    /// Characters that open a field: what follows them at once was typed ahead.
    private let openers: Set<Unicode.Scalar>
    private var run: Run?
    private var raw: RawPaste?
    /// When an Enter came that waits.
    private var heldEnter: Duration?
    /// When a letter or a paste last came.
    private var lastText: Duration?
    /// When Enter or Tab last came.
    private var lastMove: Duration?
    /// When a closing bracket last came.
    private var bracketEnd: Duration?

    /// More than these at once are a paste.
    private static let mostTyped = 3
    private static let longestRun = 4096

    init(openers: Set<Unicode.Scalar>) { self.openers = openers }

    /// - Parameter holdsEnter: whether an Enter that waits has to wait longer.
    func wakeAt(holdsEnter: Bool) -> Duration? {
        var ends = [run.map { $0.last + InputPause.together }]
        if !holdsEnter { ends.append(heldEnter.map { $0 + InputPause.calm }) }
        return ends.compactMap { $0 }.min()
    }

    /// True while what comes belongs to a paste.
    func isInPaste(at now: Duration) -> Bool {
        isBehindBracket(now) || run.map { raw != nil || isPaste($0) } ?? false
    }

    /// True for what came together with a closing bracket: that was one of several, and the paste goes on.
    private func isBehindBracket(_ now: Duration) -> Bool {
        bracketEnd.map { now - $0 < InputPause.together } ?? false
    }

    mutating func take(_ token: Token, at now: Duration) -> [TerminalEvent] {
        var events: [TerminalEvent] = []
        if let run, isOver(run, token, now) { events = end() }
        if run == nil {
            run = Run(tokens: [], first: now, last: now)
            if let raw, now - raw.alive >= InputPause.silence { self.raw = nil }
        }
        run?.tokens.append(token)
        run?.last = now
        return events
    }

    /// True where a token does not belong to the run before it.
    private func isOver(_ run: Run, _ token: Token, _ now: Duration) -> Bool {
        if now - run.last >= InputPause.together || run.tokens.count >= Self.longestRun { return true }
        // Letters that fingers or a script may have typed, and Enter not in the same part: it waits by itself.
        return token == .newline && now > run.last && raw == nil && run.tokens.count <= Self.mostTyped
            && !run.hasNewline && !run.letters.isEmpty && !isPaste(run)
    }

    mutating func wake(at now: Duration, holdsEnter: Bool) -> [TerminalEvent] {
        var events: [TerminalEvent] = []
        if let run, now - run.last >= InputPause.together { events += end() }
        if !holdsEnter, let held = heldEnter, now - held >= InputPause.calm { events += releaseEnter() }
        return events
    }

    /// Something else comes now: a key that no text has, the mouse.
    mutating func flush() -> [TerminalEvent] {
        let events = end() + releaseEnter()
        if raw?.hasNewline != true { raw = nil }
        return events
    }

    /// Esc comes now: an Enter that waits is taken back.
    mutating func escape() -> [TerminalEvent] {
        let events = end()
        heldEnter = nil
        return events + flush()
    }

    /// Ctrl-C comes now: what waits is not wanted any more.
    mutating func interrupt() -> [TerminalEvent] {
        defer { (heldEnter, raw) = (nil, nil) }
        return end()
    }

    /// A paste in brackets begins, or has ended.
    ///
    /// - Parameter ends: whether its closing bracket has come.
    mutating func noteBrackets(at now: Duration, ends: Bool) -> [TerminalEvent] {
        defer {
            (heldEnter, raw, lastText) = (nil, nil, now)
            if ends { bracketEnd = now }
        }
        return end()
    }

    /// A closing bracket comes now that has none before it: what came together with it is of that paste.
    mutating func noteLostBracket(at now: Duration) -> [TerminalEvent] {
        if let run, now - run.last < InputPause.together { bracketEnd = run.first }
        return noteBrackets(at: now, ends: true)
    }

    private mutating func releaseEnter() -> [TerminalEvent] {
        guard heldEnter != nil else { return [] }
        // What has come in parts may end with a part of its own.
        let confirms = raw?.isInParts != true
        (heldEnter, raw) = (nil, nil)
        return [.key(confirms ? .enter : .lineBreak)]
    }

    // MARK: the end of a run

    private mutating func end() -> [TerminalEvent] {
        guard let run else { return [] }
        self.run = nil
        // A field was left, or something done, before the text.
        var (lead, rest) = (run, run)
        let hasLetters = !run.letters.isEmpty
        let isBehind = isBehindBracket(run.first)
        lead.tokens = Array(run.tokens.prefix { isKey($0, hasLetters, isBehind) })
        rest.tokens.removeFirst(lead.tokens.count)
        // No text has a control key that stands by itself: whoever pressed it goes on typing.
        let isPressed = lead.tokens.contains { if case .key = $0 { true } else { false } }
        if isPressed, rest.tokens.isEmpty, raw?.hasNewline != true { raw = nil }
        let events = keys(lead)
        if isPaste(rest) { return events + paste(rest) }
        let isEnter = !lead.tokens.contains(.tab) && rest.tokens.allSatisfy { $0 == .newline }
        if rest.tokens.isEmpty { return events }
        return events + (isEnter ? enter(rest) : keys(rest))
    }

    /// True for what does not belong to a text that follows it.
    private func isKey(_ token: Token, _ hasLetters: Bool, _ isBehind: Bool) -> Bool {
        switch token {
        case .key: raw == nil && !isBehind || !hasLetters
        // In a table of several lines it stands between words.
        case .tab: heldEnter == nil && raw?.hasNewline != true
        case .letter, .newline: false
        }
    }

    private func isPaste(_ run: Run) -> Bool {
        let letters = run.letters
        guard let first = letters.first else { return false }
        if raw != nil || heldEnter != nil || run.hasLines || isBehindBracket(run.first) { return true }
        if run.tokens.first == .newline, isSoon(after: lastText, run.first) { return true }
        guard letters.count > Self.mostTyped else { return false }
        if run.hasNewline { return true }
        // A key that is held down comes at once over a slow line.
        return !letters.allSatisfy { $0 == first } && !openers.contains(first)
    }

    private func isSoon(after last: Duration?, _ now: Duration) -> Bool {
        last.map { now - $0 < InputPause.hasty } ?? false
    }

    private mutating func paste(_ run: Run) -> [TerminalEvent] {
        let follows = raw != nil || heldEnter != nil || lastText.map { run.first - $0 < InputPause.calm } ?? false
        var text = String(repeating: "\n", count: (raw?.ends ?? 0) + (heldEnter == nil ? 0 : 1))
        for token in run.tokens {
            switch token {
            case .letter(let scalar): text.unicodeScalars.append(scalar)
            case .newline: text += "\n"
            case .tab: text += "\t"
            case .key: break
            }
        }
        heldEnter = nil
        let isPart = raw != nil && run.tokens.count > 1
        keepAlive(run)
        if isPart { raw?.isInParts = true }
        if text.contains("\n") { raw?.hasNewline = true }
        // What ends the last line of all is not part of it.
        raw?.ends = text.reversed().prefix { $0 == "\n" }.count
        text.removeLast(raw?.ends ?? 0)
        lastText = run.last
        return [follows ? .pasteContinues(text) : .paste(text)]
    }

    /// Fingers do not keep a paste going.
    private mutating func keepAlive(_ run: Run) {
        guard var raw else {
            self.raw = RawPaste(alive: run.last)
            return
        }
        let lone = run.tokens.count == 1 ? run.tokens.first : nil
        let last = [lastText, lastMove].compactMap { $0 }.max() ?? .zero
        if lone == nil || lone != raw.lone && run.first - last < InputPause.finger { raw.alive = run.last }
        raw.lone = lone
        self.raw = raw
    }

    /// Enter, and nothing else.
    private mutating func enter(_ run: Run) -> [TerminalEvent] {
        defer { lastMove = run.last }
        let isAlone = run.tokens.count == 1 && heldEnter == nil
        if raw != nil {
            keepAlive(run)
            if isAlone, raw?.hasNewline == false {
                heldEnter = run.last
            } else {
                raw?.hasNewline = true
                raw?.ends += run.tokens.count + (heldEnter == nil ? 0 : 1)
                heldEnter = nil
            }
            return []
        }
        let follows = isSoon(after: lastText, run.first) || isSoon(after: lastMove, run.first)
        if isAlone, follows, !isBehindBracket(run.first) {
            heldEnter = run.last
            return []
        }
        let isCalm = heldEnter == nil && !follows && !isBehindBracket(run.first)
        let count = run.tokens.count + (heldEnter == nil ? 0 : 1)
        heldEnter = nil
        return (0..<count).map { .key($0 == 0 && isCalm ? .enter : .lineBreak) }
    }

    private mutating func keys(_ run: Run) -> [TerminalEvent] {
        var events: [TerminalEvent] = []
        var isFirst = true
        // A whole command that was typed ahead is no text; Enter after it is Enter.
        let isCommand = run.letters.first.map { openers.contains($0) && run.letters.count > Self.mostTyped } ?? false
        if isCommand { (lastText, lastMove) = (nil, nil) }
        for token in run.tokens {
            switch token {
            case .letter(let scalar):
                events.append(.key(.character(Character(scalar))))
                if !isCommand { lastText = run.last }
            case .tab:
                if heldEnter != nil {
                    if raw == nil { events.append(.key(.lineBreak)) }
                    heldEnter = nil
                    raw?.hasNewline = true
                }
                guard raw?.hasNewline != true else {
                    raw?.ends += 1
                    continue
                }
                raw = nil
                events.append(.key(.tab))
                lastMove = run.last
            case .newline:
                let isHasty = isSoon(after: lastText, run.first) || isSoon(after: lastMove, run.first) || raw != nil
                events.append(.key(isFirst && !isHasty ? .enter : .lineBreak))
                lastMove = run.last
            case .key(let key):
                events += releaseEnter()
                events.append(.key(key))
                continue
            }
            isFirst = false
        }
        return events
    }
}
