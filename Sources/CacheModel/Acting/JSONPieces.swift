internal import RedisValues

/// A text that is JSON and nothing else, in its pieces: the elements of arrays, and the objects that follow each other.
///
/// Commas may stand between objects, as a list has them that was cut out of a larger one. An array ends its line: what has
/// one in front and more behind it is a log.
struct JSONPieces {
    struct Piece {
        /// Where it begins, from 1.
        var line: Int
        var text: Substring
    }

    private(set) var all: [Piece] = []
    private var rest: Substring
    private var line = 1

    /// - Returns: nil for a text that is something else.
    init?(_ text: Substring) {
        rest = text
        skipBlanks()
        guard let first = rest.first, "{[".contains(first) else { return nil }
        while let first = rest.first {
            if first == "[" {
                guard readArray() else { return nil }
            } else {
                guard first == "{", let piece = takeValue() else { return nil }
                all.append(piece)
            }
            let end = line
            skipBlanks()
            guard first == "{" || rest.isEmpty || line > end else { return nil }
            if first == "{", rest.first == "," {
                rest.removeFirst()
                skipBlanks()
            }
        }
    }

    private mutating func advance() {
        if rest.first?.isNewline == true { line += 1 }
        rest.removeFirst()
    }

    private mutating func skipBlanks() { while rest.first?.isWhitespace == true { advance() } }

    private mutating func readArray() -> Bool {
        rest.removeFirst()
        skipBlanks()
        if rest.first == "]" {
            rest.removeFirst()
            return true
        }
        while true {
            guard let piece = takeValue() else { return false }
            all.append(piece)
            skipBlanks()
            switch rest.popFirst() {
            case ",": skipBlanks()
            case "]": return true
            default: return false
            }
            // A comma behind the last one is a slip that means nothing else.
            if rest.first == "]" {
                rest.removeFirst()
                return true
            }
        }
    }

    /// Up to where its brackets and quotes are closed.
    private mutating func takeValue() -> Piece? {
        let (start, first) = (rest, line)
        var depth = 0
        while let character = rest.first {
            if character == "\"" {
                guard skipString() else { return nil }
            } else if "{[".contains(character) {
                depth += 1
                advance()
            } else if "}]".contains(character), depth > 0 {
                depth -= 1
                advance()
            } else if depth == 0, ",]}".contains(character) || character.isWhitespace {
                break
            } else {
                advance()
            }
            if depth == 0, let last = start[..<rest.startIndex].last, "}]\"".contains(last) { break }
        }
        let text = start[..<rest.startIndex]
        return depth == 0 && !text.isEmpty ? Piece(line: first, text: text) : nil
    }

    private mutating func skipString() -> Bool {
        rest.removeFirst()
        while let character = rest.first {
            if character.isNewline { return false }
            rest.removeFirst()
            if character == "\"" { return true }
            if character == "\\" {
                guard !rest.isEmpty else { return false }
                rest.removeFirst()
            }
        }
        return false
    }
}
