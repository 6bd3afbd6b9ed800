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

    private static let separators = Array("-_.:/#@".utf8)

    /// A name without the tail of digits or letters by which its instances differ: `checkout-*` of `checkout-7f9c-2`.
    static func family(_ name: String) -> String {
        let bytes = name.utf8
        var stem = bytes[...]
        while let separator = stem.lastIndex(where: separators.contains), separator > stem.startIndex,
            isInstance(stem[stem.index(after: separator)...])
        {
            stem = stem[..<separator]
        }
        if stem.endIndex < bytes.endIndex { return "\(name[...stem.endIndex])*" }
        let digits = bytes.reversed().prefix(while: isDigit).count
        return digits == 0 || digits == bytes.count
            ? name : "\(name[..<bytes.index(bytes.endIndex, offsetBy: -digits)])*"
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// Digits, hexadecimal digits, or the five letters of a pod's name, with a digit among them.
    private static func isInstance(_ tail: Substring.UTF8View) -> Bool {
        var (count, digits, hexadecimal, small) = (0, 0, 0, 0)
        for byte in tail {
            count += 1
            switch byte {
            case 0x30...0x39: digits += 1
            case 0x61...0x66: (hexadecimal, small) = (hexadecimal + 1, small + 1)
            case 0x41...0x46: hexadecimal += 1
            case 0x67...0x7a: small += 1
            default: return false
            }
        }
        guard digits > 0 else { return false }
        return digits == count || count >= 4 && digits + hexadecimal == count || count == 5 && digits + small == count
    }
}
