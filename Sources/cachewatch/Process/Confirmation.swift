internal import ArgumentParser
internal import Glibc

/// A confirmation that is typed on the terminal.
enum Confirmation {
    /// True where one can be typed.
    static var hasTerminal: Bool { isatty(0) == 1 && isatty(2) == 1 }

    /// - Throws: an exit with 4 where nobody can type.
    static func demandTerminal(instead option: String) throws {
        guard hasTerminal else {
            throw Exit.refused("this needs a confirmation and there is no terminal to type it; \(option) stands for it")
        }
    }

    /// - Throws: an exit with 4 where nobody can type.
    static func ask(_ question: String, instead option: String) throws -> String {
        try demandTerminal(instead: option)
        return Departure.shared.asking {
            StandardError.show(question)
            return readLine() ?? ""
        }
    }
}
