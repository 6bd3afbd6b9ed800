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
