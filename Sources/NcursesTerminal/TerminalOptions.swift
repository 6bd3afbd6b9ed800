public import TerminalUI

/// How the terminal is to be used.
public struct TerminalOptions: Sendable {
    public var theme: Theme
    public var mouse: Bool
    public var environment: [String: String]
    /// Where a description with 24-bit colour may be kept; nil makes none.
    public var terminfoDirectory: String?

    public init(theme: Theme, mouse: Bool, environment: [String: String], terminfoDirectory: String?) {
        self.theme = theme
        self.mouse = mouse
        self.environment = environment
        self.terminfoDirectory = terminfoDirectory
    }

    var wantsNoColour: Bool { environment["NO_COLOR"].map { !$0.isEmpty } ?? false }

    var claimsTrueColour: Bool {
        ["truecolor", "24bit"].contains(environment["COLORTERM"]?.lowercased() ?? "")
    }
}
