internal import CacheCore
internal import CacheWire
internal import CacheModel

/// The line of every key of a TOML text, found by its table headers and key assignments.
///
/// It reads only what it needs to: headers, keys, and where multi-line strings end. Keys inside inline tables have
/// the line of the key that holds the table.
struct TOMLKeyLines: Sendable {
    private var lines: [[String]: Int] = [:]

    init(text: String) {
        var table: [String] = []
        var arrays: [[String]: Int] = [:]
        var fence: String?
        // Bytes, not characters: "\r\n" is one character, and not the character "\n".
        let written = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
        for (index, line) in written.map(Substring.init).enumerated() {
            if let open = fence {
                if line.contains(open) { fence = nil }
                continue
            }
            let words = line.drop { $0 == " " || $0 == "\t" }
            if words.hasPrefix("[[") {
                let path = Self.path(words.dropFirst(2), until: "]")
                let position = arrays[path, default: 0]
                arrays[path] = position + 1
                table = path + [String(position)]
                lines[table] = index + 1
            } else if words.hasPrefix("[") {
                table = Self.path(words.dropFirst(), until: "]")
                lines[table] = index + 1
            } else if !words.isEmpty, !words.hasPrefix("#"), words.contains("=") {
                lines[table + Self.path(words, until: "=")] = index + 1
                fence = ["\"\"\"", "'''"].first { mark in line.ranges(of: mark).count == 1 }
            }
        }
    }

    /// The line of a key, or of the nearest table around it that has one.
    subscript(path: [String]) -> Int? {
        for length in stride(from: path.count, to: 0, by: -1) {
            if let line = lines[Array(path.prefix(length))] { return line }
        }
        return nil
    }

    private static func path(_ text: Substring, until end: Character) -> [String] {
        var names: [String] = []
        var name = ""
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { name.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "." {
                names.append(name)
                name = ""
            } else if character == end {
                break
            } else if character != " ", character != "\t", character != "\r" {
                name.append(character)
            }
        }
        return names + [name]
    }
}
