internal import RedisValues

/// How this program was called, for the commands that it tells people to type.
public struct Invocation: Equatable, Sendable {
    /// Which server is meant, without secrets; empty where nobody has named one.
    public var options: [String]

    public init(options: [String] = []) { self.options = options }

    /// A line for a shell that brings a journal back.
    public func undo(_ journal: String) -> String {
        // Whatever begins with a dash would be taken for an option.
        let path = journal.hasPrefix("-") ? "./" + journal : journal
        return (["cachewatch", "undo"] + (options + [path]).map(Self.quoted)).joined(separator: " ")
    }

    /// A line for a shell that cuts a user off.
    public func cutOff(_ user: String) -> String {
        (["cachewatch", "revoke"] + (options + ["--user", user]).map(Self.quoted) + ["--since", "now"])
            .joined(separator: " ")
    }

    /// A line for a shell that lets a user in again who was cut off.
    public func letIn(_ user: String) -> String {
        (["cachewatch", "unrevoke"] + (options + ["--user", user]).map(Self.quoted)).joined(separator: " ")
    }

    /// A line for a shell that mends the TTLs of a namespace.
    public func repair(_ namespace: String) -> String {
        (["cachewatch", "repair"] + (options + [namespace]).map(Self.quoted)).joined(separator: " ")
    }

    static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "_@%+=:,./-".utf8.contains(byte)
        }
        if plain, !word.isEmpty { return word }
        // Between single quotes a shell takes everything as it is, and none of it may move a cursor.
        var run = Printable.Run()
        guard word.unicodeScalars.allSatisfy({ run.takes($0) }) else { return escaped(word) }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// A word with what a terminal cannot be given, byte by byte, as bash, ksh and zsh read it.
    private static func escaped(_ word: String) -> String {
        var text = "$'"
        var run = Printable.Run()
        for scalar in word.unicodeScalars {
            let isDrawn = run.takes(scalar)
            switch scalar {
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\\", "'": text += "\\\(scalar)"
            case _ where isDrawn: text.unicodeScalars.append(scalar)
            default:
                // Octal ends after three digits, whatever follows.
                for byte in String(scalar).utf8 {
                    let digits = String(byte, radix: 8)
                    text += "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
                }
            }
        }
        return text + "'"
    }
}
