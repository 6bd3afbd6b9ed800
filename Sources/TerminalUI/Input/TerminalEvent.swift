/// What a terminal tells the program.
public enum TerminalEvent: Equatable, Sendable {
    case key(Key)
    case click(Point)
    /// Rows, negative upwards.
    case wheel(Point, rows: Int)
    /// Text that was pasted, unfiltered: in brackets, or the first part of what came faster than fingers type.
    case paste(String)
    /// What follows it of the same paste, or follows letters that were taken for keys.
    case pasteContinues(String)
    case resize(Size)
    /// The terminal is gone: leave at once.
    case hangUp
    /// A signal asks the program to leave.
    case terminate
    /// SIGCONT after a stop: the screen has to be drawn anew.
    case resumed
}
