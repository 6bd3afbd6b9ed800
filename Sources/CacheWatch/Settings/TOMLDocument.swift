internal import CacheCore
package import CacheWire
internal import CacheModel
internal import TOMLKit

/// A TOML file as plain values, with the line on which each key stands.
///
/// TOMLKit is the parser; it knows lines only for syntax errors, so those of the keys are found again in the text.
package struct TOMLDocument: Sendable {
    package indirect enum Value: Equatable, Sendable {
        case string(String), integer(Int), double(Double), boolean(Bool), array([Value]), table([String: Value])
        case dateOrTime

        /// What a person would call it, with the value where it is short.
        package var found: String {
            switch self {
            case .string(let text): text.count <= 40 ? "the string \"\(text)\"" : "a string"
            case .integer(let number): "the integer \(number)"
            case .double(let number): "the number \(number)"
            case .boolean(let flag): "the boolean \(flag)"
            case .array: "an array"
            case .table: "a table"
            case .dateOrTime: "a date or time"
            }
        }
    }

    /// As messages name it.
    package let source: String
    package let root: [String: Value]
    private let lines: TOMLKeyLines

    /// - Throws: ``SettingsIssue`` with the line and the column of a syntax error.
    package init(text: String, source: String) throws(SettingsIssue) {
        self.source = source
        lines = TOMLKeyLines(text: text)
        if let line = Self.lineWithNUL(text) {
            throw SettingsIssue(
                source: source, line: line, message: "holds a NUL character: what stands behind it would be lost")
        }
        if let line = TOMLHeaders.nameless(in: text) {
            throw SettingsIssue(
                source: source, line: line,
                message: "not valid TOML: a table's name is of letters, digits, _ and -, or in quotes")
        }
        do {
            root = Self.values(of: try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            throw SettingsIssue(
                source: source, line: begin.line,
                message: "not valid TOML at column \(begin.column)\(Self.words(of: error.description))")
        } catch {
            throw SettingsIssue(source: source, message: "not valid TOML\(Self.words(of: "\(error)"))")
        }
    }

    /// What the parser says, without what it has seen: that may be part of a password that was not quoted.
    private static func words(of description: String) -> String {
        guard !description.contains("@") else { return "" }
        var shown = ""
        var rest = description[...]
        while let open = rest.firstIndex(of: "'") {
            shown += rest[..<open]
            let inside = rest[rest.index(after: open)...]
            let close = inside.lastIndex(of: "'").flatMap { last in
                // What was seen ends the sentence, and may hold such a sign itself.
                shown.hasSuffix("saw ") ? last : inside.firstIndex(of: "'")
            }
            let quoted = inside[..<(close ?? inside.endIndex)]
            let isOurs = shown.hasSuffix("expected ") || shown.contains("redefine") || quoted.count < 2
            shown += "'\(isOurs ? String(quoted) : SecretFilter.mask)'"
            rest = close.map { inside[inside.index(after: $0)...] } ?? ""
        }
        return ": \(Printable.escape(shown + rest, limit: 300))"
    }

    /// - Parameter path: table names and key, with `[n]`-free names: an element of an array of tables is its index.
    package func line(of path: [String]) -> Int? { lines[path] }

    /// The parser's strings end at a NUL, so that a prefix would become a shorter one.
    private static func lineWithNUL(_ text: String) -> Int? {
        var line = 1
        var slashes = 0
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == 0 { return line }
            if byte == 0x0a { line += 1 }
            if slashes % 2 == 1, rest.starts(with: "0000".utf8) && byte == UInt8(ascii: "u") { return line }
            if slashes % 2 == 1, rest.starts(with: "00000000".utf8) && byte == UInt8(ascii: "U") { return line }
            slashes = byte == 0x5c ? slashes + 1 : 0
        }
        return nil
    }

    private static func values(of table: TOMLTable) -> [String: Value] {
        var values: [String: Value] = [:]
        for key in table.keys {
            if let item = table[key] { values[key] = value(of: item) }
        }
        return values
    }

    private static func value(of item: any TOMLValueConvertible) -> Value {
        switch item.type {
        case .string: item.string.map(Value.string) ?? .dateOrTime
        case .int: item.int.map(Value.integer) ?? .dateOrTime
        case .double: item.double.map(Value.double) ?? .dateOrTime
        case .bool: item.bool.map(Value.boolean) ?? .dateOrTime
        case .array: .array((item.array.map(Array.init) ?? []).map { value(of: $0) })
        case .table: .table(item.table.map(values) ?? [:])
        default: .dateOrTime
        }
    }
}
