internal import RedisValues

/// A URL as people have it: one server, or the nodes of a deployment, and what else it says.
///
/// `redis://[user][:password@]host[:port][/db]`, `rediss://…`, `valkey://…`, `valkeys://…`, `unix:///path.sock[?db=n]`;
/// `redis-sentinel://[…@]host[:port],…/service[/db]` and `redis-cluster://[…@]host[:port],…[/db]`. IPv6 in brackets,
/// percent-encoding in user, password and path. The credentials end at the last `@` of all that follows the scheme; a
/// password may hold `/` and `@` as they are. Printed, it is without its secrets.
public struct EndpointURL: Equatable, Sendable {
    /// The nodes of a URL that names more than one server.
    public enum Deployment: Equatable, Sendable {
        case sentinel(service: String, nodes: [String])
        case cluster(nodes: [String])
    }

    /// The server; of a deployment who we are on all nodes, at the address of the first one.
    public private(set) var endpoint: Endpoint
    public private(set) var deployment: Deployment?
    /// What its parameters say of TLS; nil where they say nothing.
    public private(set) var verifyCertificate: Bool?
    public private(set) var caFile: String?
    public private(set) var certificateFile: String?
    public private(set) var keyFile: String?
    /// Parameters that are the business of other clients, by their names.
    public private(set) var leftAlone: [String] = []

    /// - Throws: a sentence that says what is wrong and repeats nothing that could be part of a password.
    public init(_ text: String) throws(EndpointURLError) {
        let url = Self.unwrapped(text)
        guard let schemeEnd = url.firstRange(of: "://") else { throw .init("it has no scheme; \(Self.expected)") }
        let name = url[..<schemeEnd.lowerBound].lowercased()
        let rest = url[schemeEnd.upperBound...]
        guard !rest.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7f }) else {
            throw .init("it holds a blank or a control character; percent-encode it")
        }
        guard let scheme = URLScheme(name) else {
            // Whatever else stands there may be the beginning of a password.
            let isHarmless = URLScheme.ofOthers.contains(name)
            throw .init("the scheme\(isHarmless ? " \"\(name)\"" : "") is not known; \(Self.expected)")
        }
        switch scheme.kind {
        case .socket: try self.init(socket: rest)
        case .server, .sentinel, .cluster: try self.init(authority: rest, scheme)
        }
    }

    private static var expected: String {
        "expected redis://[user][:password@]host[:port][/db], rediss://… or unix:///path.sock[?db=n]"
    }

    /// Without what files, copies and containers leave around it: blanks, ends of lines, a byte order mark, quotes.
    private static func unwrapped(_ text: String) -> Substring {
        func isAround(_ character: Character) -> Bool { character.isWhitespace || character == "\u{feff}" }
        func trimmed(_ text: Substring) -> Substring {
            var text = text.drop(while: isAround)
            while let last = text.last, isAround(last) { text.removeLast() }
            return text
        }
        let text = trimmed(text[...])
        guard let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote else {
            return text
        }
        return trimmed(text.dropFirst().dropLast())
    }

    // MARK: its parts

    private init(authority rest: Substring, _ scheme: URLScheme) throws(EndpointURLError) {
        let at = rest.lastIndex(of: "@")
        var place = at.map { rest[rest.index(after: $0)...] } ?? rest
        var service: String?
        if scheme.kind == .sentinel {
            let (before, fragment) = Self.cut(place, at: "#")
            if let fragment { service = try Self.decoded(fragment, what: "service") }
            place = before
        }
        let (beforeQuery, query) = Self.cut(place, at: "?")
        let (hosts, path) = Self.cut(beforeQuery, at: "/")
        let names = hosts.split(separator: ",", omittingEmptySubsequences: false)
        guard scheme.kind != .server || names.count < 2 else {
            throw .init(
                "it names several hosts: write redis-cluster:// or redis-sentinel://, or list them in cluster_nodes or "
                    + "sentinel_nodes")
        }
        var nodes: [NodeName] = []
        for name in names { nodes.append(try Self.node(name, defaultPort: scheme.defaultPort)) }
        endpoint = Endpoint(address: .tcp(host: nodes[0].host, port: nodes[0].port), usesTLS: scheme.usesTLS)
        if let at { try setCredentials(rest[..<at]) }
        var steps = (path ?? "").split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        if steps.last?.isEmpty == true { steps.removeLast() }
        let parameters = try URLParameters(query, of: scheme.kind)
        service = service ?? parameters.service
        if scheme.kind == .sentinel, service == nil, let first = steps.first {
            service = try Self.decoded(first, what: "service")
            steps.removeFirst()
        }
        guard steps.count < 2 else { throw .init("more than a database follows the host") }
        let database = try steps.first.map(Self.database)
        switch scheme.kind {
        case .server, .socket: break
        case .cluster: deployment = .cluster(nodes: nodes.map(\.description))
        case .sentinel:
            deployment = .sentinel(service: try Self.checked(service: service), nodes: nodes.map(\.description))
        }
        try take(parameters, database)
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
        endpoint = Endpoint(address: .unix(path: path))
        if let end { try setCredentials(rest[..<end.lowerBound]) }
        let parameters = try URLParameters(query, of: .socket)
        try take(parameters, nil)
    }

    private mutating func setCredentials(_ text: Substring) throws(EndpointURLError) {
        // Whoever reads the rules to the letter ends the host in front of these: it would be another one.
        guard !text.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw .init("a ? or a # stands in front of the last @; in user and password write %3F and %23")
        }
        let (user, password) = Self.cut(text, at: ":")
        let name = try Self.decoded(user, what: "user")
        endpoint.username = name.isEmpty ? nil : name
        guard let password else { return }
        // Nobody's empty password is none.
        let secret = Secret(try Self.decoded(password, what: "password", mayHoldZero: true))
        endpoint.password = name.isEmpty && secret.isEmpty ? nil : secret
    }

    private mutating func take(_ parameters: URLParameters, _ database: Int?) throws(EndpointURLError) {
        if let database, let other = parameters.database, database != other {
            throw .init("it names two databases: one in its path, another one in its parameters")
        }
        endpoint.database = database ?? parameters.database ?? 0
        if let user = parameters.username {
            guard endpoint.username == nil else { throw .init("it names a user in two places") }
            endpoint.username = user
        }
        if let password = parameters.password {
            guard endpoint.password == nil else { throw .init("it holds a password in two places") }
            endpoint.password = password
        }
        if let usesTLS = parameters.usesTLS {
            guard usesTLS || !endpoint.usesTLS else {
                throw .init("its scheme asks for TLS, and its parameters for none")
            }
            endpoint.usesTLS = usesTLS
        }
        verifyCertificate = parameters.verifyCertificate
        caFile = parameters.caFile
        guard parameters.keyFile == nil || parameters.certificateFile != nil else {
            throw .init("it names a key for TLS, and no certificate")
        }
        // One file may hold both.
        certificateFile = parameters.certificateFile
        keyFile = parameters.keyFile ?? certificateFile
        leftAlone = parameters.leftAlone
    }

    private static func node(_ text: Substring, defaultPort: Int) throws(EndpointURLError) -> NodeName {
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
        let number = try port.map(portNumber) ?? defaultPort
        let name = try decoded(host, what: "host")
        do throws(NodeNameError) {
            return try NodeName(host: name.isEmpty ? "localhost" : name, port: number)
        } catch { throw .init("its place \(error)") }
    }

    private static func portNumber(_ text: Substring) throws(EndpointURLError) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text), (1...65535).contains(port)
        else { throw .init("the port\(shown(text)) is not a number from 1 to 65535") }
        return port
    }

    static func database(_ text: Substring) throws(EndpointURLError) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), number <= 1_000_000 else {
            throw .init("the database\(shown(text)) is not a number from 0")
        }
        return number
    }

    private static func checked(service: String?) throws(EndpointURLError) -> String {
        guard let service, !service.isEmpty else {
            throw .init("it names no service: redis-sentinel://host:port/service[/db]")
        }
        guard isService(service) else {
            throw .init("a service's name has no blanks, @ and control characters")
        }
        // Other clients have the database there, and the service behind a #.
        guard !service.allSatisfy(\.isNumber) else { throw .init("a number stands where the service's name belongs") }
        return service
    }

    /// True for what sentinels may call a service; it is printed, and nothing with a password may pass for one.
    package static func isService(_ name: String) -> Bool {
        !name.isEmpty && !name.contains("@") && !name.contains("://")
            && name.unicodeScalars.allSatisfy { Printable.isHarmless($0) && $0 != " " }
    }

    /// What to repeat of a text: a single character is a slip of the finger, more may be part of a password that went
    /// astray.
    static func shown(_ text: Substring) -> String { text.count == 1 ? " \"\(Printable.escape(text))\"" : "" }

    static func cut(_ text: Substring, at separator: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    static func decoded(
        _ text: Substring, what: String, mayHoldZero: Bool = false
    ) throws(EndpointURLError) -> String {
        guard let bytes = PercentCoding.decode(text), mayHoldZero || !bytes.contains(0) else {
            throw .init("the \(what) holds a % that is not followed by two hexadecimal digits; write %25 for it")
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .init("the \(what) is not UTF-8 once decoded")
        }
        return decoded
    }
}

extension Endpoint {
    /// Parses a URL of one server, see ``EndpointURL``.
    ///
    /// - Throws: a sentence that says what is wrong and repeats nothing that could be part of a password.
    public init(url: String) throws(EndpointURLError) {
        let url = try EndpointURL(url)
        guard url.deployment == nil else {
            throw .init("it names the nodes of a deployment, and not one server")
        }
        self = url.endpoint
    }
}

extension EndpointURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What to type to name it again, without the password.
    ///
    /// - Parameter username: who we are where the URL does not say.
    public func typed(by username: String? = nil) -> String {
        var endpoint = endpoint
        endpoint.username = endpoint.username ?? username
        var options: [String] = []
        if let verifyCertificate { options.append("ssl_cert_reqs=\(verifyCertificate ? "required" : "none")") }
        for (name, path) in [("ssl_ca_certs", caFile), ("ssl_certfile", certificateFile), ("ssl_keyfile", keyFile)] {
            if let path { options.append("\(name)=\(PercentCoding.encode(path, slashes: true))") }
        }
        let base: String
        let secure = endpoint.usesTLS ? "rediss" : "redis"
        let user = endpoint.username.map { PercentCoding.encode($0) + "@" } ?? ""
        func names(_ nodes: [String]) -> String { nodes.map(Endpoint.typed(host:)).joined(separator: ",") }
        switch deployment {
        case nil: base = endpoint.typed
        case .cluster(let nodes):
            base = "\(secure)-cluster://\(user)\(names(nodes))/\(endpoint.database)"
        case .sentinel(let service, let nodes):
            base =
                "\(secure)-sentinel://\(user)\(names(nodes))/\(PercentCoding.encode(service))/\(endpoint.database)"
        }
        if options.isEmpty { return base }
        return base + (base.contains("?") ? "&" : "?") + options.joined(separator: "&")
    }

    public var description: String {
        switch deployment {
        case nil: endpoint.redacted
        case .cluster(let nodes): "redis-cluster://\(nodes.joined(separator: ","))/\(endpoint.database)"
        case .sentinel(let service, let nodes):
            "redis-sentinel://\(nodes.joined(separator: ","))/\(Printable.escape(service))/\(endpoint.database)"
        }
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

/// Why a URL cannot be used; the text never holds a secret.
public struct EndpointURLError: Error, Equatable, Sendable {
    public var message: String
    package init(_ message: String) { self.message = message }
}
