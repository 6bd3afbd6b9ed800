/// Host and port of a node, however they were written: equal where they mean the same.
package struct NodeName: Hashable, Sendable, CustomStringConvertible {
    /// In lower case, an IPv6 address in its shortest spelling and without brackets; safe to print. Empty where a node
    /// has announced none: it is then that of the node.
    package let host: String
    /// From 1 to 65535.
    package let port: Int

    private init(host: String, port: Int) { (self.host, self.port) = (host, port) }

    /// `host:port`, or `[host]:port` for an IPv6 address; what people write is taken without brackets, too.
    ///
    /// - Parameter defaultPort: where the text has none. An IPv6 address without a port then needs brackets if it can be
    ///   read as one with a port.
    package init(_ text: some StringProtocol, defaultPort: Int? = nil) throws(NodeNameError) {
        try self.init(read: Substring(text), defaultPort: defaultPort)
        if host.isEmpty { throw .noHost }
    }

    /// A host without its port, and maybe an IPv6 address without its brackets.
    package init(host: some StringProtocol, port: Int) throws(NodeNameError) {
        guard host.utf8.count < Self.longest else { throw .badHost }
        self.init(host: try Self.host(Substring(host)), port: try Self.checked(port))
        if self.host.isEmpty { throw .noHost }
    }

    /// `host:port` as nodes announce it to others: no brackets, and maybe no host.
    ///
    /// - Throws: ``NodeNameError/unknownHost`` for `?`, a node that has a host which is not known.
    package init(announced words: some Collection<UInt8>) throws(NodeNameError) {
        guard words.count < Self.longest, let text = String(validating: words, as: UTF8.self) else { throw .badHost }
        try self.init(read: text[...], defaultPort: nil)
    }

    private init(read text: Substring, defaultPort: Int?) throws(NodeNameError) {
        guard text.utf8.count < Self.longest else { throw .badHost }
        guard !text.contains("@") else { throw .credentials }
        let colon = text.lastIndex(of: ":")
        if let defaultPort, colon.map({ Self.isHost(text[..<$0]) }) != true, Self.isHost(text) {
            self.init(host: try Self.host(text), port: try Self.checked(defaultPort))
            return
        }
        guard let colon else { throw .noPort }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit), let port = Int(digits) else {
            throw .badPort
        }
        self.init(host: try Self.host(text[..<colon]), port: try Self.checked(port))
    }

    /// Longer than the longest name that DNS allows, with its port.
    private static let longest = 300

    private static func checked(_ port: Int) throws(NodeNameError) -> Int {
        guard (1...65535).contains(port) else { throw .badPort }
        return port
    }

    private static func isHost(_ text: Substring) -> Bool {
        do throws(NodeNameError) { return try !host(text).isEmpty } catch { return false }
    }

    private static func host(_ text: Substring) throws(NodeNameError) -> String {
        if text == "?" { throw .unknownHost }
        if text.hasPrefix("["), text.hasSuffix("]") {
            guard let address = IPv6Address(text.dropFirst().dropLast()) else { throw .badHost }
            return address.description
        }
        if text.contains(":") {
            guard let address = IPv6Address(text) else { throw .badHost }
            return address.description
        }
        guard text.utf8.allSatisfy(\.isHostSign) else { throw .badHost }
        return text.lowercased()
    }

    /// The node itself, as another one has announced it.
    ///
    /// - Parameter node: who has announced it, by the name over which it was asked.
    package func announced(by node: NodeName) -> NodeName {
        host.isEmpty ? NodeName(host: node.host, port: port) : self
    }

    package var description: String { HostPort.text(host: host, port: port) }
}

/// Why a text does not name a node. Nothing of the text is repeated: it may hold a password.
package enum NodeNameError: Error, Equatable, Sendable, CustomStringConvertible {
    case credentials, noHost, unknownHost, badHost, noPort, badPort

    package var description: String {
        switch self {
        case .credentials: "holds credentials (an @): nodes are host:port"
        case .noHost: "has no host"
        case .unknownHost: "has a host that is not known (?)"
        case .badHost: "has a host that is neither a name nor an address"
        case .noPort: "has no port"
        case .badPort: "has a port that is not a number from 1 to 65535"
        }
    }
}
