internal import RedisValues

extension Endpoint {
    /// Parses a URL as product and guide write it.
    ///
    /// `redis://[user][:password@]host[:port][/db]`, `rediss://…`, `unix:///path.sock[?db=n]`; IPv6 in brackets,
    /// percent-encoding in user, password and path. The credentials end at the last `@` of all that follows the scheme;
    /// a password may hold `/` and `@` as they are.
    ///
    /// - Throws: a sentence that says what is wrong and repeats nothing that could be part of a password.
    public init(url: String) throws(EndpointURLError) {
        guard let schemeEnd = url.firstRange(of: "://") else { throw .init("it has no scheme; \(Self.expected)") }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        let rest = url[schemeEnd.upperBound...]
        guard !rest.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7f }) else {
            throw .init("it holds a blank or a control character; percent-encode it")
        }
        switch scheme {
        case "redis": try self.init(authority: rest, usesTLS: false)
        case "rediss": try self.init(authority: rest, usesTLS: true)
        case "unix", "redis+unix", "redis+socket": try self.init(socket: rest)
        default:
            // Whatever else stands there may be the beginning of a password.
            let isHarmless = Self.schemesOfOthers.contains(scheme)
            throw .init("the scheme\(isHarmless ? " \"\(scheme)\"" : "") is not known; \(Self.expected)")
        }
    }

    private static let schemesOfOthers: Set<String> = [
        "file", "ftp", "http", "https", "redis-cluster", "redis-sentinel", "rediss-cluster", "rediss-sentinel",
        "redis-socket", "ssl", "tcp", "tls", "valkey", "valkeys", "ws", "wss",
    ]

    /// What to repeat of a text: a single character is a slip of the finger, more may be part of a password that went
    /// astray.
    private static func shown(_ text: Substring) -> String { text.count == 1 ? " \"\(text)\"" : "" }

    private static var expected: String {
        "expected redis://[user][:password@]host[:port][/db], rediss://… or unix:///path.sock[?db=n]"
    }

    private init(authority rest: Substring, usesTLS: Bool) throws(EndpointURLError) {
        let at = rest.lastIndex(of: "@")
        let (beforeQuery, query) = Self.cut(at.map { rest[rest.index(after: $0)...] } ?? rest, at: "?")
        let (hostPort, path) = Self.cut(beforeQuery, at: "/")
        let (host, port) = try Self.hostAndPort(hostPort)
        self.init(address: .tcp(host: host, port: port ?? (usesTLS ? 6380 : 6379)), usesTLS: usesTLS)
        if let at { try setCredentials(rest[..<at]) }
        if let path, !path.isEmpty { database = try Self.database(path) }
        try setQuery(query)
    }

    private init(socket rest: Substring) throws(EndpointURLError) {
        // What begins with the path has no credentials, whatever signs the path may hold.
        let end = rest.hasPrefix("/") ? nil : rest.ranges(of: "@/").last
        let (beforeQuery, query) = Self.cut(end.map { rest[rest.index(before: $0.upperBound)...] } ?? rest, at: "?")
        guard beforeQuery.contains("/") else {
            throw .init("a unix:// URL needs an absolute path, such as unix:///run/redis/redis.sock")
        }
        guard beforeQuery.hasPrefix("/") else {
            throw .init("a unix:// URL has no host: write unix:///path.sock with three slashes")
        }
        let path = try Self.decoded(beforeQuery, what: "path")
        guard path.utf8.count < 108 else {
            throw .init("the socket's path is longer than the 107 bytes a system allows")
        }
        self.init(address: .unix(path: path))
        if let end { try setCredentials(rest[..<end.lowerBound]) }
        try setQuery(query)
    }

    private mutating func setCredentials(_ text: Substring) throws(EndpointURLError) {
        // Whoever reads the rules to the letter ends the host in front of these: it would be another one.
        guard !text.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw .init("a ? or a # stands in front of the last @; in user and password write %3F and %23")
        }
        let (user, password) = Self.cut(text, at: ":")
        let name = try Self.decoded(user, what: "user")
        username = name.isEmpty ? nil : name
        if let password { self.password = Secret(try Self.decoded(password, what: "password")) }
    }

    private mutating func setQuery(_ query: Substring?) throws(EndpointURLError) {
        for item in (query ?? "").split(separator: "&") {
            let (name, value) = Self.cut(item, at: "=")
            switch name {
            case "db", "database": database = try Self.database(value ?? "")
            default: throw .init("the parameter\(Self.shown(name)) is not known; there is only db")
            }
        }
    }

    private static func hostAndPort(_ text: Substring) throws(EndpointURLError) -> (String, Int?) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else {
                throw .init("the bracket of the IPv6 address is not closed")
            }
            host = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw .init("after the bracket only :port may follow") }
            port = after.isEmpty ? nil : after.dropFirst()
        } else {
            guard text.count(where: { $0 == ":" }) <= 1 else {
                throw .init("an IPv6 address needs brackets, such as redis://[::1]:6379")
            }
            (host, port) = cut(text, at: ":")
        }
        let name = try decoded(host, what: "host")
        guard !name.isEmpty else { return ("localhost", try port.map(portNumber)) }
        return (name, try port.map(portNumber))
    }

    private static func portNumber(_ text: Substring) throws(EndpointURLError) -> Int {
        guard let port = Int(text), (1...65535).contains(port) else {
            throw .init("the port\(shown(text)) is not a number from 1 to 65535")
        }
        return port
    }

    private static func database(_ text: Substring) throws(EndpointURLError) -> Int {
        guard let number = Int(text), number >= 0, number <= 1_000_000 else {
            throw .init("the database\(shown(text)) is not a number from 0")
        }
        return number
    }

    private static func cut(_ text: Substring, at separator: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    private static func decoded(_ text: Substring, what: String) throws(EndpointURLError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(Substring(rest.prefix(2)))
            guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), value != 0 else {
                throw .init("the \(what) holds a % that is not followed by two hexadecimal digits; write %25 for it")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .init("the \(what) is not UTF-8 once decoded")
        }
        return decoded
    }
}

/// Why a URL cannot be used; the text never holds a secret.
public struct EndpointURLError: Error, Equatable, Sendable {
    public var message: String
    package init(_ message: String) { self.message = message }
}
