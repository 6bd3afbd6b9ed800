internal import RedisValues

/// Where a server listens and who we are there: a parsed `redis://`, `rediss://` or `unix://` URL.
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
        let user = username.map { Self.encoded($0) + "@" } ?? ""
        return switch address {
        case .tcp(let host, let port):
            "\(usesTLS ? "rediss" : "redis")://\(user)\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unix(let path): "unix://\(user)\(Self.encoded(path))?db=\(database)"
        }
    }

    private static func encoded(_ text: String) -> String {
        let safe = Array("-._~/".utf8)
        return text.utf8.map { byte in
            let isLetter = (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            let isPlain = isLetter || (0x30...0x39).contains(byte) || safe.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// True where the server is on this machine.
    public var isLocal: Bool {
        switch address {
        case .unix: true
        case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }
}
