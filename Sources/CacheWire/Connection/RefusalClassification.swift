internal import RedisValues
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

extension Refusal {
    /// Reads an error reply that means "not now" or "not you"; nil for an error that concerns one command only.
    ///
    /// Source of the words: `networking.c`, `acl.c` and `server.c` of Redis 6.2 to 7.4.
    package init?(reply words: [UInt8]) {
        let text = Printable.escape(words)
        let code = text.prefix { $0 != " " }
        let kind: Kind? =
            switch code {
            case "NOAUTH": .noAuth
            case "WRONGPASS": .wrongPassword
            case "NOPERM": .noPermission
            case "DENIED": .protectedMode
            case "LOADING": .loading
            case "MASTERDOWN": .primaryDown
            case "READONLY": .readOnly
            case "CLUSTERDOWN": .clusterDown
            case "BUSY": .busy
            case "OOM": .outOfMemory
            case "ERR": Self.kind(ofGenericError: text)
            default: nil
            }
        guard let kind else { return nil }
        self.init(kind, detail: kind == .maxClients ? "" : text)
    }

    private static func kind(ofGenericError text: String) -> Kind? {
        if text.contains("max number of clients") { return .maxClients }
        if text.contains("invalid password") { return .wrongPassword }
        if text.contains("DB index is out of range") || text.contains("SELECT is not allowed in cluster mode")
            || text.contains("invalid DB index")
        {
            return .noSuchDatabase
        }
        return nil
    }

    /// Reads what the system, NIO or TLS threw while connecting.
    package init(connecting error: any Error) {
        switch error {
        case let error as CacheError: self = error.refusal
        case let error as NIOConnectionError: self.init(connection: error)
        case let error as IOError: self.init(errno: error.errnoCode)
        case let error as ChannelError: self.init(channel: error)
        case is NIOSSLExtraError, is NIOSSLError, is BoringSSLError: self.init(tls: error)
        default: self.init(.other, detail: Printable.escape(String(describing: error)))
        }
    }

    private init(connection error: NIOConnectionError) {
        let attempts = error.connectionErrors.map { Refusal(connecting: $0.error) }
        // Of an IPv4 and an IPv6 attempt the one that reached somebody says more.
        let telling: [Kind] = [.refused, .timedOut, .noRoute, .socketForbidden]
        if let best = telling.lazy.compactMap({ kind in attempts.first { $0.kind == kind } }).first ?? attempts.first {
            self = best
        } else {
            self.init(.noSuchHost, detail: Printable.escape(error.host))
        }
    }

    private init(channel error: ChannelError) {
        switch error {
        case .connectTimeout(let after):
            self.init(.timedOut, detail: "after \(Format.duration(.nanoseconds(after.nanoseconds)))")
        default: self.init(.closed)
        }
    }

    private init(errno code: CInt) {
        switch code {
        case ECONNREFUSED: self.init(.refused)
        case ETIMEDOUT: self.init(.timedOut)
        case EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN: self.init(.noRoute)
        case ENOENT: self.init(.noSuchSocket)
        case EACCES, EPERM: self.init(.socketForbidden)
        case ECONNRESET, EPIPE: self.init(.closed, detail: "connection reset")
        default: self.init(.other, detail: String(cString: strerror(code)))
        }
    }

    private init(tls error: any Error) {
        if let extra = error as? NIOSSLExtraError, extra == .failedToValidateHostname {
            self.init(.tlsWrongHost, detail: Printable.escape(extra.description))
            return
        }
        let words = String(describing: error)
        let found = Self.tlsWords.first { words.contains($0.words) }
        self.init(found?.kind ?? .tlsOther, detail: found == nil ? Printable.escape(words, limit: 200) : "")
    }

    /// BoringSSL's names of errors, the more telling ones first.
    private static let tlsWords: [(words: String, kind: Kind)] = [
        ("CERTIFICATE_VERIFY_FAILED", .tlsUntrusted),
        ("WRONG_VERSION_NUMBER", .tlsNotSpoken),
        ("CERTIFICATE_REQUIRED", .tlsClientCertificate),
        ("ALERT_HANDSHAKE_FAILURE", .tlsClientCertificate),
        ("ALERT_UNKNOWN_CA", .tlsClientCertificate),
        ("ALERT_BAD_CERTIFICATE", .tlsClientCertificate),
        ("EOF during handshake", .tlsCutOff),
        ("uncleanShutdown", .closed),
        ("unableToValidateCertificate", .tlsWrongHost),
    ]
}

extension Refusal.Kind {
    /// True for what a server says just before it hangs up.
    package var closesConnection: Bool {
        switch self {
        case .maxClients, .protectedMode, .noAuth, .wrongPassword: true
        default: false
        }
    }
}
