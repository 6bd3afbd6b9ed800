public import RedisValues

/// What connections have in common.
public enum ClientGrouping: String, CaseIterable, Codable, Sendable {
    case name, address, library, user, database, command

    /// What the connections of a group are called.
    ///
    /// By name, connections without one go by their address, and what a platform appends to a name, as pods have it, is
    /// `*`.
    public func label(of client: ClientEntry) -> String {
        switch self {
        case .name: client.name.isEmpty ? client.host : Self.family(client.name)
        case .address: client.host
        case .library:
            client.library.map { library in client.libraryVersion.map { "\(library) \($0)" } ?? library } ?? "–"
        case .user: client.user ?? "–"
        case .database: client.database.map { "db\($0)" } ?? "–"
        case .command: client.command ?? "–"
        }
    }

    private static let separators: Set<Character> = ["-", "_", ".", ":", "/", "#", "@"]

    /// A name without the tail of digits or letters by which its instances differ: `checkout-*` of `checkout-7f9c-2`.
    static func family(_ name: String) -> String {
        var stem = Substring(name)
        while let separator = stem.lastIndex(where: separators.contains), separator > stem.startIndex,
            isInstance(stem[stem.index(after: separator)...])
        {
            stem = stem[..<separator]
        }
        if stem.endIndex < name.endIndex { return "\(stem)\(name[stem.endIndex])*" }
        let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
        return digits == 0 || digits == name.count ? name : "\(name.dropLast(digits))*"
    }

    /// Digits, hexadecimal digits, or the five letters of a pod's name, with a digit among them.
    private static func isInstance(_ tail: Substring) -> Bool {
        guard tail.contains(where: { $0.isASCII && $0.isNumber }) else { return false }
        if tail.allSatisfy({ $0.isASCII && $0.isNumber }) { return true }
        if tail.count >= 4, tail.allSatisfy({ $0.isASCII && $0.isHexDigit }) { return true }
        return tail.count == 5 && tail.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
    }
}
