internal import CNcurses
internal import CTerminalGuard
@preconcurrency internal import Dispatch
internal import Glibc
internal import Synchronization
public import TerminalUI

/// The user's terminal, drawn through ncurses.
///
/// ncurses keeps global state and blocks while a slow terminal takes its bytes, so all of it happens on this actor's
/// own queue. ``present(_:)`` only leaves the newest frame there: frames that a slow terminal has no time for are
/// never drawn.
public actor NcursesTerminal: Terminal {
    public nonisolated let events: AsyncStream<TerminalEvent>
    private nonisolated let continuation: AsyncStream<TerminalEvent>.Continuation
    private nonisolated let executor = BlockingExecutor(label: "cachewatch.terminal")
    private nonisolated let waiting = Mutex<Frame?>(nil)

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let options: TerminalOptions
    private var screen: OpaquePointer?
    private var pairs: ColourPairs?
    private var shown: Frame?
    private var sources: [any DispatchSourceProtocol] = []
    private var pasted: String?

    /// True where the locale's text is UTF-8; otherwise only ASCII may be drawn.
    public static var localeIsUTF8: Bool {
        setlocale(LC_ALL, "")
        return cw_is_utf8() != 0
    }

    /// Takes the terminal; balanced by ``close()``.
    ///
    /// - Throws: ``TerminalError`` where nothing can be drawn; the terminal is then as it was.
    public static func open(_ options: TerminalOptions) async throws -> NcursesTerminal {
        let terminal = NcursesTerminal(options)
        try await terminal.start()
        return terminal
    }

    private init(_ options: TerminalOptions) {
        self.options = options
        (events, continuation) = AsyncStream.makeStream()
    }

    private func start() throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw TerminalError.notATerminal }
        let term = options.environment["TERM"] ?? ""
        guard !term.isEmpty else { throw TerminalError.noTerminalType }
        guard term != "dumb" else { throw TerminalError.cannotDraw(term) }
        setlocale(LC_ALL, "")
        // ncurses installs its own handlers only over the default ones.
        for number in [SIGWINCH, SIGTSTP, SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGQUIT] { signal(number, SIG_IGN) }
        terminal_guard_arm()
        guard let screen = makeScreen(term) else {
            terminal_guard_disarm()
            throw TerminalError.unknownTerminal(term)
        }
        self.screen = screen
        raw()
        noecho()
        nonl()
        nodelay(cw_screen(), true)
        keypad(cw_screen(), true)
        curs_set(0)
        set_escdelay(25)
        if has_colors() && !options.wantsNoColour {
            start_color()
            use_default_colors()
        }
        pairs = ColourPairs(depth: depth, theme: options.theme)
        define_key("\u{1b}[200~", KeyDecoding.pasteBegins)
        define_key("\u{1b}[201~", KeyDecoding.pasteEnds)
        enterModes()
        listen()
        continuation.yield(.resize(currentSize()))
    }

    private func makeScreen(_ term: String) -> OpaquePointer? {
        if options.claimsTrueColour, !options.wantsNoColour, let directory = options.terminfoDirectory,
            let name = DirectColour.description(basedOn: term, in: directory)
        {
            let before = options.environment["TERMINFO_DIRS"]
            setenv("TERMINFO_DIRS", "\(directory):\(before ?? "")", 1)
            defer { if let before { setenv("TERMINFO_DIRS", before, 1) } else { unsetenv("TERMINFO_DIRS") } }
            if let screen = cw_newterm(name) { return screen }
        }
        return cw_newterm(term)
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
        let isScheduled = waiting.withLock { waiting in
            defer { waiting = frame }
            return waiting != nil
        }
        if !isScheduled { Task { await drawWaiting() } }
    }

    private func drawWaiting() {
        let frame = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        if let frame { draw(frame) }
    }

    private func draw(_ frame: Frame) {
        guard screen != nil, pairs != nil else { return }
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
    }

    private func put(_ cell: Cell, _ column: Int, _ row: Int) {
        guard cell.glyph != Cell.continuation, let look = pairs?.look(of: cell.style) else { return }
        var text = cell.glyph.unicodeScalars.map { wchar_t(bitPattern: $0.value) } + [0]
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

    private func enterModes() {
        if options.mouse {
            mousemask(cw_click_mask() | cw_wheel_up() | cw_wheel_down(), nil)
            mouseinterval(0)
        }
        write("\u{1b}[?2004h")
    }

    private func leaveModes() {
        if options.mouse { mousemask(0, nil) }
        write("\u{1b}[?2004l")
    }

    /// Gives the terminal to the shell until somebody continues this process.
    public func suspend() {
        guard screen != nil else { return }
        leaveModes()
        endwin()
        // To this thread: one to the process is seen by another thread, and this one goes on for a moment, which is
        // enough to take the terminal back.
        raise(SIGSTOP)
        resume()
    }

    private func resume() {
        guard screen != nil else { return }
        reset_prog_mode()
        enterModes()
        resize()
        clearok(cw_screen(), true)
        shown = nil
        continuation.yield(.resumed)
    }

    /// Leaves full-screen mode; the shell's screen is back when this returns.
    public func close() {
        guard let screen else { return }
        for source in sources { source.cancel() }
        sources = []
        leaveModes()
        endwin()
        terminal_guard_disarm()
        delscreen(screen)
        self.screen = nil
        continuation.finish()
    }

    private func write(_ text: String) {
        fflush(nil)
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }

    // MARK: events

    private func listen() {
        let input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: executor.queue)
        input.setEventHandler { [weak self] in self?.assumeIsolated { $0.readKeys() } }
        sources = [input]
        on(SIGWINCH) { $0.resize() }
        on(SIGTSTP) { $0.suspend() }
        on(SIGCONT) { $0.resume() }
        on(SIGTERM) { $0.continuation.yield(.terminate) }
        on(SIGINT) { $0.continuation.yield(.terminate) }
        on(SIGQUIT) { $0.continuation.yield(.terminate) }
        on(SIGHUP) { $0.hangUp() }
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

    private func readKeys() {
        guard screen != nil else { return }
        var read = 0
        var value: wint_t = 0
        while true {
            let kind = wget_wch(cw_screen(), &value)
            guard kind != ERR else { break }
            read += 1
            take(value, isFunctionKey: kind == KEY_CODE_YES)
        }
        if read == 0, inputHasEnded { hangUp() }
    }

    private func take(_ value: wint_t, isFunctionKey: Bool) {
        let code = Int32(bitPattern: value)
        if isFunctionKey, code == KeyDecoding.pasteBegins {
            pasted = ""
        } else if isFunctionKey, code == KeyDecoding.pasteEnds {
            if let pasted { continuation.yield(.paste(pasted)) }
            pasted = nil
        } else if pasted != nil {
            // A megabyte by mistake must not grow for ever.
            guard !isFunctionKey, pasted.map({ $0.utf8.count < 1 << 20 }) == true, let scalar = Unicode.Scalar(value)
            else { return }
            pasted?.unicodeScalars.append(scalar)
        } else if isFunctionKey, code == KEY_MOUSE {
            takeMouse()
        } else if let key = isFunctionKey ? KeyDecoding.functionKey(code) : KeyDecoding.character(value) {
            continuation.yield(.key(key))
        }
    }

    private func takeMouse() {
        var event = MEVENT()
        guard getmouse(&event) == OK else { return }
        let point = Point(column: Int(event.x), row: Int(event.y))
        if event.bstate & cw_wheel_up() != 0 {
            continuation.yield(.wheel(point, rows: -3))
        } else if event.bstate & cw_wheel_down() != 0 {
            continuation.yield(.wheel(point, rows: 3))
        } else if event.bstate & cw_click_mask() != 0 {
            continuation.yield(.click(point))
        }
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
        sources = []
        continuation.yield(.hangUp)
    }
}
