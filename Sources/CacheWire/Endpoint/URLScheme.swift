/// What stands in front of `://`, and what it means.
struct URLScheme {
    enum Kind: Equatable { case server, socket, sentinel, cluster }

    let kind: Kind
    let usesTLS: Bool
    let defaultPort: Int

    /// - Parameter name: in lower case.
    /// - Returns: nil for one that is not known.
    init?(_ name: String) {
        switch name {
        case "redis", "valkey": (kind, usesTLS, defaultPort) = (.server, false, 6379)
        case "rediss": (kind, usesTLS, defaultPort) = (.server, true, 6380)
        // As Valkey's own clients have it.
        case "valkeys": (kind, usesTLS, defaultPort) = (.server, true, 6379)
        case "unix", "redis+unix", "redis+socket", "redis-socket", "valkey+unix", "valkey+socket":
            (kind, usesTLS, defaultPort) = (.socket, false, 0)
        default:
            let parts = name.split(whereSeparator: { $0 == "-" || $0 == "+" })
            guard parts.count == 2, let server = URLScheme(String(parts[0])), server.kind == .server else {
                return nil
            }
            switch parts[1] {
            case "sentinel": (kind, defaultPort) = (.sentinel, 26_379)
            case "cluster": (kind, defaultPort) = (.cluster, server.defaultPort)
            default: return nil
            }
            usesTLS = server.usesTLS
        }
    }

    /// Those that may be repeated: nobody's password begins like them.
    static let ofOthers: Set<String> = [
        "amqp", "file", "ftp", "http", "https", "memcached", "mysql", "postgres", "postgresql", "redis+ssl",
        "redis+tls",
        "redis-ssl", "redis-tls", "sentinel", "ssl", "tcp", "tls", "ws", "wss",
    ]
}
