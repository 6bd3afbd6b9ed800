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

    /// nil for what is empty, too.
    static subscript(name: String) -> String? { all[name].flatMap { $0.isEmpty ? nil : $0 } }
}
