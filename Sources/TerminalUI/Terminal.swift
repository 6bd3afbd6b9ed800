/// A key press, decoded.
public enum Key: Hashable, Sendable {
    case character(Character)
    /// Control with a letter, lower case: `ctrl("c")`.
    case control(Character)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    case function(Int)
}

/// What a terminal tells the program.
public enum TerminalEvent: Equatable, Sendable {
    case key(Key)
    case click(Point)
    /// Rows, negative upwards.
    case wheel(Point, rows: Int)
    /// Text that the terminal pasted in brackets, unfiltered.
    case paste(String)
    case resize(Size)
    /// SIGHUP, or the terminal is gone: leave at once.
    case hangUp
    /// SIGTERM or SIGINT.
    case terminate
    /// SIGCONT after a stop: the screen has to be drawn anew.
    case resumed
}

/// Colours that a terminal can show.
public enum ColourDepth: String, CaseIterable, Sendable { case trueColour, colours256, colours16, none }

/// A screen that can be drawn on and that sends events.
public protocol Terminal: Sendable {
    /// Ends when the terminal is closed.
    var events: AsyncStream<TerminalEvent> { get }
    func present(_ frame: Frame) async
    func apply(_ theme: Theme) async
    /// Gives the terminal back; returns when the shell's screen is there again.
    func close() async
    /// Writes a string to the terminal's clipboard (OSC 52).
    func copy(_ text: String) async
}
