/// Error prefixes by which servers tell who is not let in, or may not do something.
package enum DenialPrefix {
    package static let all = ["NOPERM", "NOAUTH", "WRONGPASS"]

    /// The prefix under which a server counts an error as a denial; nil for other errors.
    package static func of(_ words: some Collection<UInt8>) -> String? { all.first { words.starts(with: $0.utf8) } }
}
