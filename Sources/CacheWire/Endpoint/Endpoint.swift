internal import RedisValues

/// Where a server listens and who we are there: a parsed URL, see ``EndpointURL``. Printed, it is without its secrets.
public struct Endpoint: Equatable, Sendable {
    public enum Address: Hashable, Sendable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    public var address: Address
    public var usesTLS: Bool
    public var username: String?
    public var password: Secret?
    /// From 0.
    public var database: Int

    public init(
        address: Address, usesTLS: Bool = false, username: String? = nil, password: Secret? = nil, database: Int = 0
    ) {
        self.address = address
        self.usesTLS = usesTLS
        self.username = username
        self.password = password
        self.database = database
    }

    /// `host:port`, with brackets around an IPv6 address, or the socket's path; escaped.
    public var name: String {
        switch address {
        case .tcp(let host, let port):
            let host = Printable.escape(host)
            return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): return Printable.escape(path)
        }
    }

    /// The URL without its secrets, such as `redis://***@cache-1:6379/0`.
    public var redacted: String {
        let credentials = username != nil || password != nil ? "***@" : ""
        return switch address {
        case .tcp: "\(usesTLS ? "rediss" : "redis")://\(credentials)\(name)/\(database)"
        case .unix: "unix://\(credentials)\(name)?db=\(database)"
        }
    }

    /// What to type to name it again, without the password.
    public var typed: String {
        let user = username.map { PercentCoding.encode($0) + "@" } ?? ""
        return switch address {
        case .tcp(let host, let port):
            "\(usesTLS ? "rediss" : "redis")://\(user)\(Self.typed(host: host.contains(":") ? "[\(host)]" : host)):\(port)/\(database)"
        case .unix(let path): "unix://\(user)\(PercentCoding.encode(path, slashes: true))?db=\(database)"
        }
    }

    /// The zone of an IPv6 address begins with a sign that has a meaning of its own in URLs.
    static func typed(host: String) -> String { host.replacing("%", with: "%25") }

    /// True where the server is on this machine.
    public var isLocal: Bool {
        switch address {
        case .unix: true
        case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }
}

extension Endpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { redacted }
    public var debugDescription: String { redacted }
    public var customMirror: Mirror { Mirror(self, children: ["url": redacted]) }
}
