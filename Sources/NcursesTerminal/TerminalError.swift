/// Why there is no screen.
public enum TerminalError: Error, Equatable, Sendable, CustomStringConvertible {
    case notATerminal
    case noTerminalType
    case unknownTerminal(String)
    case cannotDraw(String)

    public var description: String {
        switch self {
        case .notATerminal: "standard input and output are no terminal; use --once for a snapshot without a screen"
        case .noTerminalType: "TERM is not set; set it (such as TERM=xterm-256color), or use --once"
        case .unknownTerminal(let name):
            "the terminal type \"\(name)\" is not known here; set TERM to one that is (such as xterm-256color), or use --once"
        case .cannotDraw(let name):
            "the terminal type \"\(name)\" cannot place text on a screen; set TERM to one that can, or use --once"
        }
    }
}
