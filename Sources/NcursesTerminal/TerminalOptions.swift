public import TerminalUI

/// How the terminal is to be used.
public struct TerminalOptions: Sendable {
    public var theme: Theme
    public var mouse: Bool
    public var environment: [String: String]
    /// Where a description with 24-bit colour may be kept; nil makes none.
    public var terminfoDirectory: String?
    /// Characters that open a field; what is typed ahead after one of them is no paste.
    public var fieldOpeners: Set<Unicode.Scalar>

    public init(
        theme: Theme, mouse: Bool, environment: [String: String], terminfoDirectory: String?,
        fieldOpeners: Set<Unicode.Scalar> = []
    ) {
        self.theme = theme
        self.mouse = mouse
        self.environment = environment
        self.terminfoDirectory = terminfoDirectory
        self.fieldOpeners = fieldOpeners
    }

    var wantsNoColour: Bool { environment["NO_COLOR"].map { !$0.isEmpty } ?? false }

    var claimsTrueColour: Bool {
        ["truecolor", "24bit"].contains(environment["COLORTERM"]?.lowercased() ?? "")
    }
}
