internal import CNcurses
internal import CTerminalGuard
@preconcurrency internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers
public import TerminalUI

/// The user's terminal, drawn through ncurses.
///
/// ncurses keeps global state, so all of it happens on this actor's own queue. It draws into memory, and what it has
/// drawn is written by somebody else: keys are read and signals heard while the terminal takes nothing. It only says how
/// the terminal writes its keys; what they mean, an ``InputDecoder`` knows.
/// ``present(_:)`` only leaves the newest frame there: frames that a slow terminal has no time for are never drawn.
///
/// SIGTERM, SIGINT, SIGHUP and SIGQUIT are the program's: whoever opens a terminal hears them before.
public actor NcursesTerminal: Terminal {
    public nonisolated let events: AsyncStream<TerminalEvent>
    private nonisolated let continuation: AsyncStream<TerminalEvent>.Continuation
    private nonisolated let executor = BlockingExecutor(label: "cachewatch.terminal")
    private nonisolated let output = TerminalOutput()
    private nonisolated let waiting = NIOLockedValueBox<Frame?>(nil)

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let options: TerminalOptions
    private var screen: OpaquePointer?
    private var canvas: Canvas?
    private var decoder: InputDecoder?
    /// Wakes the decoder.
    private var alarm: (any DispatchSourceTimer)?
    private let start = ContinuousClock.now
    private var hold = Hold.ours

    /// Who has the terminal.
    private enum Hold {
        case ours
        /// It is being given back.
        case givenBack
        /// This process goes on, and would take it, were it not somebody else's.
        case wanted
    }
    private var pairs: ColourPairs?
    private var shown: Frame?
    private var sources: [any DispatchSourceProtocol] = []
    private var input: (any DispatchSourceRead)?

    /// True where the locale's text is UTF-8; otherwise only ASCII may be drawn.
    public static var localeIsUTF8: Bool {
        setlocale(LC_ALL, "")
        return cw_is_utf8() != 0
    }

    public init(_ options: TerminalOptions) {
        self.options = options
        (events, continuation) = AsyncStream.makeStream()
    }

    /// Takes the terminal; balanced by ``close()``.
    ///
    /// - Throws: ``TerminalError`` where nothing can be drawn; the terminal is then as it was.
    public func open() throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw TerminalError.notATerminal }
        let term = options.environment["TERM"] ?? ""
        guard !term.isEmpty else { throw TerminalError.noTerminalType }
        guard term != "dumb" else { throw TerminalError.cannotDraw(term) }
        setlocale(LC_ALL, "")
        // ncurses installs its own handlers only over the default ones.
        for number in [SIGWINCH, SIGTSTP, SIGPIPE] { signal(number, SIG_IGN) }
        terminal_guard_arm()
        guard var canvas = Canvas(), let screen = makeScreen(term, canvas) else {
            terminal_guard_disarm()
            throw TerminalError.unknownTerminal(term)
        }
        self.screen = screen
        raw()
        noecho()
        nonl()
        terminal_guard_keep_modes()
        canvas.moveToMemory()
        self.canvas = canvas
        // What was typed meanwhile must not keep it from drawing.
        typeahead(-1)
        keypad(cw_screen(), true)
        curs_set(0)
        if has_colors() && !options.wantsNoColour {
            start_color()
            use_default_colors()
        }
        pairs = ColourPairs(depth: depth, theme: options.theme)
        decoder = makeDecoder()
        enterModes()
        listen()
        continuation.yield(.resize(currentSize()))
    }

    private func makeScreen(_ term: String, _ canvas: Canvas) -> OpaquePointer? {
        if options.claimsTrueColour, !options.wantsNoColour, let directory = options.terminfoDirectory,
            let name = DirectColour.description(basedOn: term, in: directory)
        {
            let before = options.environment["TERMINFO_DIRS"]
            setenv("TERMINFO_DIRS", "\(directory):\(before ?? "")", 1)
            defer { if let before { setenv("TERMINFO_DIRS", before, 1) } else { unsetenv("TERMINFO_DIRS") } }
            if let screen = cw_newterm(name, canvas.stream) { return screen }
        }
        return cw_newterm(term, canvas.stream)
    }

    private var depth: ColourDepth {
        guard has_colors(), !options.wantsNoColour else { return .none }
        return switch cw_colours() {
        case (1 << 24)...: .trueColour
        case 256...: .colours256
        case 8...: .colours16
        default: .none
        }
    }

    // MARK: drawing

    public nonisolated func present(_ frame: Frame) {
        let isScheduled = waiting.withLockedValue { waiting in
            defer { waiting = frame }
            return waiting != nil
        }
        if !isScheduled { Task { await drawWaiting() } }
    }

    private func drawWaiting() async {
        // Meanwhile a newer frame may come.
        await output.drained()
        // Brought to the front without a signal.
        if hold == .wanted { resume() }
        let frame = waiting.withLockedValue { waiting in
            defer { waiting = nil }
            return waiting
        }
        if let frame { draw(frame) }
    }

    private func draw(_ frame: Frame) {
        guard screen != nil, pairs != nil, hold == .ours else { return }
        let old = shown?.size == frame.size ? shown : nil
        if old == nil { werase(cw_screen()) }
        for row in 0..<frame.size.rows {
            for column in 0..<frame.size.columns {
                let cell = frame[column, row]
                if cell != old?[column, row] { put(cell, column, row) }
            }
        }
        if let cursor = frame.cursor {
            wmove(cw_screen(), Int32(cursor.row), Int32(cursor.column))
            curs_set(1)
        } else {
            curs_set(0)
        }
        shown = frame
        wrefresh(cw_screen())
        flush()
    }

    /// Sends off what ncurses has drawn.
    private func flush() { if let canvas { output.write(canvas.take()) } }

    private func put(_ cell: Cell, _ column: Int, _ row: Int) {
        guard cell.glyph != Cell.continuation, let look = pairs?.look(of: cell.style) else { return }
        var text = cell.glyph.unicodeScalars.map { wchar_t(bitPattern: $0.value) } + [0]
        let columns = cell.glyph.unicodeScalars.first.map { CharacterWidth.of($0) } ?? 1
        // A C library that has another idea of it would shift the rest of the line.
        if text[0] >= 0x7f, Int(cw_columns(text[0])) != columns {
            text = [wchar_t(UInt8(ascii: "?")), 0]
            if columns > 1 { _ = cw_put(Int32(row), Int32(column + 1), &text, look.attributes, look.pair) }
        }
        _ = cw_put(Int32(row), Int32(column), &text, look.attributes, look.pair)
    }

    public func apply(_ theme: Theme) {
        pairs?.apply(theme)
        shown = nil
    }

    /// Draws the next frame whole, over whatever other programs left on the screen.
    public func redraw() {
        shown = nil
        clearok(cw_screen(), true)
    }

    public func copy(_ text: String) {
        guard screen != nil else { return }
        write("\u{1b}]52;c;\(Base64.encode(Array(text.utf8)))\u{07}")
    }

    // MARK: modes

    private var hasMouse: Bool { options.mouse && KeyDecoding.describesMouse }

    private func makeDecoder() -> InputDecoder {
        InputDecoder(
            KeySequences(described: KeyDecoding.described, hasMouse: hasMouse), letters: KeyDecoding.letters,
            openers: options.fieldOpeners)
    }

    private func enterModes() {
        flush()
        // Keys as this program knows them, and no word of the focus, whatever the program before it has left on.
        write("\u{1b}[<u\u{1b}[>4;0m\u{1b}[?1004l\u{1b}[?2004h")
        // Where a terminal puts lines with Hebrew or Arabic in another order, columns would not be columns: ECMA-48, BDSM.
        write("\u{1b}[8l")
        write(hasMouse ? "\u{1b}[?1000h\u{1b}[?1006h" : "\u{1b}[?1000l\u{1b}[?1002l\u{1b}[?1003l")
    }

    private func leaveModes() { write((hasMouse ? "\u{1b}[?1006l\u{1b}[?1000l" : "") + "\u{1b}[?2004l\u{1b}[8h") }

    /// Gives the terminal to the shell until somebody continues this process.
    public func suspend() async {
        guard screen != nil, hold == .ours else { return }
        hold = .givenBack
        input?.suspend()
        // What was begun is not completed there.
        decoder = makeDecoder()
        await giveBack()
        // To this thread: one to the process is seen by another thread, and this one goes on for a moment, which is
        // enough to take the terminal back.
        raise(SIGSTOP)
        hold = .wanted
        resume()
    }

    /// Leaves full-screen mode, and returns when the terminal has taken it.
    private func giveBack() async {
        leaveModes()
        endwin()
        flush()
        await output.drained()
        terminal_guard_shell_modes()
    }

    /// Takes the terminal again; it stays with whoever has it where this process goes on in the background.
    private func resume() {
        guard screen != nil, hold != .givenBack, terminal_guard_screen_modes() != 0 else { return }
        if hold == .wanted { input?.resume() }
        hold = .ours
        reset_prog_mode()
        enterModes()
        resize()
        clearok(cw_screen(), true)
        shown = nil
        continuation.yield(.resumed)
    }

    /// Leaves full-screen mode; the shell's screen is back when this returns.
    public func close() async {
        guard let screen, let canvas else { return }
        for source in sources { source.cancel() }
        sources = []
        if hold == .wanted { input?.resume() }
        let isOurs = hold == .ours
        hold = .givenBack
        if isOurs { await giveBack() }
        guard self.screen != nil else { return }
        terminal_guard_disarm()
        delscreen(screen)
        canvas.close()
        (self.screen, self.canvas) = (nil, nil)
        continuation.finish()
    }

    /// Gives the shell its modes back, for a process that ends now. For any thread; it waits for nothing.
    public nonisolated func restoreModes() { terminal_guard_shell_modes() }

    /// Gives the shell its screen back, for a process that ends now: nothing is drawn any more. For any thread; it may
    /// block where nobody reads the terminal.
    public nonisolated func abandonScreen() { terminal_guard_leave_screen(output.abandon() ? 1 : 0) }

    private func write(_ text: String) { output.write(Array(text.utf8)) }

    // MARK: events

    private func listen() {
        let input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: executor.queue)
        input.setEventHandler { [weak self] in self?.assumeIsolated { $0.readInput() } }
        let alarm = DispatchSource.makeTimerSource(queue: executor.queue)
        alarm.setEventHandler { [weak self] in self?.assumeIsolated { $0.wakeDecoder() } }
        alarm.schedule(deadline: .distantFuture)
        (self.input, self.alarm) = (input, alarm)
        sources = [input, alarm]
        on(SIGWINCH) { $0.resize() }
        on(SIGTSTP) { terminal in Task { await terminal.suspend() } }
        on(SIGCONT) { $0.resume() }
        for source in sources { source.resume() }
    }

    private func on(_ number: Int32, _ body: @escaping @Sendable (isolated NcursesTerminal) -> Void) {
        let source = DispatchSource.makeSignalSource(signal: number, queue: executor.queue)
        source.setEventHandler { [weak self] in self?.assumeIsolated { body($0) } }
        sources.append(source)
    }

    private func resize() {
        let size = currentSize()
        resize_term(Int32(size.rows), Int32(size.columns))
        shown = nil
        clearok(cw_screen(), true)
        continuation.yield(.resize(size))
    }

    private func currentSize() -> Size {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return Size(columns: Int(getmaxx(cw_screen())), rows: Int(getmaxy(cw_screen())))
        }
        return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    private func readInput() {
        guard screen != nil, hold == .ours else { return }
        var hasRead = false
        var bytes = [UInt8](repeating: 0, count: 4096)
        // Not for ever: frames and signals have their turn.
        for _ in 0..<16 where hasInput {
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            guard count > 0 else { break }
            hasRead = true
            send(decoder?.take(bytes.prefix(count), at: now))
        }
        if !hasRead, inputHasEnded { return hangUp() }
        setAlarm()
    }

    /// What has come until now was in time.
    private func wakeDecoder() {
        readInput()
        guard hold == .ours else { return }
        send(decoder?.wake(at: now))
        setAlarm()
    }

    private func send(_ events: [TerminalEvent]?) { for event in events ?? [] { continuation.yield(event) } }

    private func setAlarm() {
        guard let alarm else { return }
        let rest = decoder?.wakeAt.map { max(.zero, $0 - now) / .nanoseconds(1) }
        alarm.schedule(deadline: rest.map { .now() + .nanoseconds(Int($0)) } ?? .distantFuture)
    }

    private var now: Duration { ContinuousClock.now - start }

    private var hasInput: Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0 && descriptor.revents & Int16(POLLIN) != 0
    }

    /// True where the other side of the terminal is gone: readable for ever, with nothing to read.
    private var inputHasEnded: Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 0) > 0 else { return false }
        if descriptor.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { return true }
        var available: Int32 = 0
        return ioctl(STDIN_FILENO, UInt(FIONREAD), &available) == 0 && available == 0
    }

    private func hangUp() {
        for source in sources { source.cancel() }
        (sources, input, alarm) = ([], nil, nil)
        continuation.yield(.hangUp)
    }
}
