internal import ArgumentParser
internal import CacheWatch
internal import Glibc

enum Environment {
    /// All variables, read once.
    static let all: [String: String] = {
        var variables: [String: String] = [:]
        var pointer = environ
        while let entry = pointer.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            pointer += 1
        }
        return variables
    }()

    /// A file as it is named on the command line: of `--config=~/x` no shell takes the `~`.
    static func path(_ argument: String) throws -> String {
        do throws(HomePath.Problem) { return try HomePath.expand(argument, home: self["HOME"]) } catch {
            throw ValidationError("\(Printable.escape(argument)) \(error)")
        }
    }

    /// nil for what is empty, too.
    static subscript(name: String) -> String? { all[name].flatMap { $0.isEmpty ? nil : $0 } }
}
