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
        // What was asked, and may be anybody's words, is none of the server's.
        let text = ErrorReply.withoutArguments(Printable.escape(words))
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
            case "MISCONF": .savingFails
            case "NOREPLICAS": .tooFewReplicas
            default: ErrorReply(words).isPlain ? nil : Self.kind(ofGenericError: text.lowercased())
            }
        guard let kind else { return nil }
        self.init(kind, detail: kind == .maxClients ? "" : text)
    }

    /// - Parameter text: lower case. Services and proxies do not all keep to the codes.
    private static func kind(ofGenericError text: String) -> Kind? {
        if text.contains("max number of clients") || text.contains("max concurrent connections") { return .maxClients }
        if text.contains("invalid password") || text.contains("invalid username-password") { return .wrongPassword }
        if text.contains("authentication required") { return .noAuth }
        if text.contains("cluster support disabled") { return .noCluster }
        if text.contains("db index is out of range") || text.contains("select is not allowed in cluster mode")
            || text.contains("invalid db index")
        {
            return .noSuchDatabase
        }
        let limits = [
            "limit exceeded", "limit reached", "limit has been reached", "size exceeded", "quota", "too many requests",
        ]
        return limits.contains(where: text.contains) ? .limitReached : nil
    }

    /// What an error reply means for the one command that it answers.
    package init(ofCommand words: [UInt8]) {
        let reply = ErrorReply(words)
        let kind: Kind =
            switch reply.meaning {
            case .noPermission, .noKeyPermission: .noPermission
            case .noSuchCommand: .unknownCommand
            case .switchedOff: .commandRefused
            case .ofKey where reply.words.hasPrefix("WRONGTYPE"): .wrongType
            case .passing, .ofKey, .unclear: .commandFailed
            }
        self.init(kind, detail: reply.words)
    }

    /// Reads what the system, NIO or TLS threw while connecting.
    package init(connecting error: any Error) {
        switch error {
        case let error as CacheError: self = error.refusal
        case let error as NIOConnectionError: self.init(connection: error)
        case let error as IOError: self.init(errno: error.errnoCode)
        case let error as ChannelError: self.init(channel: error)
        case is NIOSSLExtraError, is NIOSSLError, is BoringSSLError: self.init(tls: error)
        case let error as SocketAddressError: self.init(address: error)
        case let error as SocketAddressError.UnknownHost: self.init(.noSuchHost, detail: Printable.escape(error.host))
        case is CancellationError: self.init(.other, detail: "cancelled")
        // Names of types and places in the program's source tell an operator nothing.
        default: self.init(.other)
        }
    }

    private init(address error: SocketAddressError) {
        switch error {
        case .unixDomainSocketPathTooLong:
            self.init(.noSuchSocket, detail: "its path is longer than that of a socket can be")
        case .failedToParseIPString(let text): self.init(.noSuchHost, detail: Printable.escape(text))
        default: self.init(.other, detail: "this kind of address is not supported here")
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
        if let extra = error as? NIOSSLExtraError {
            self.init(extra == .failedToValidateHostname ? .tlsWrongHost : .tlsUnknownName)
            return
        }
        self.init(tlsWords: String(describing: error))
    }

    /// - Parameter words: with names of types and paths of the machine on which the library was built; none of those is
    ///   passed on.
    init(tlsWords words: String) {
        let found = Self.tlsWords.first { words.contains($0.words) }
        let kind = found?.kind ?? .tlsOther
        switch kind {
        case .tlsClientRefused, .tlsNothingInCommon, .tlsOther, .tlsUnknownName:
            self.init(kind, detail: TLSWords.plain(words))
        default: self.init(kind)
        }
    }

    /// BoringSSL's names of errors, the more telling ones first.
    private static let tlsWords: [(words: String, kind: Kind)] = [
        ("CERTIFICATE_VERIFY_FAILED", .tlsUntrusted),
        ("WRONG_VERSION_NUMBER", .tlsNotSpoken), ("HTTP_REQUEST", .tlsNotSpoken),
        ("CERTIFICATE_REQUIRED", .tlsClientCertificate),
        // Of what is said for several reasons, a second look finds out which it is.
        ("ALERT_HANDSHAKE_FAILURE", .tlsNothingInCommon),
        ("ALERT_UNKNOWN_CA", .tlsClientRefused), ("ALERT_BAD_CERTIFICATE", .tlsClientRefused),
        ("ALERT_CERTIFICATE_EXPIRED", .tlsClientRefused), ("ALERT_CERTIFICATE_REVOKED", .tlsClientRefused),
        ("ALERT_UNSUPPORTED_CERTIFICATE", .tlsClientRefused), ("ALERT_CERTIFICATE_UNKNOWN", .tlsClientRefused),
        ("ALERT_NO_CERTIFICATE", .tlsClientRefused), ("ALERT_ACCESS_DENIED", .tlsClientRefused),
        ("ALERT_DECRYPT_ERROR", .tlsClientRefused),
        ("PROTOCOL_VERSION", .tlsNothingInCommon), ("UNSUPPORTED_PROTOCOL", .tlsNothingInCommon),
        ("INSUFFICIENT_SECURITY", .tlsNothingInCommon), ("SHARED_CIPHER", .tlsNothingInCommon),
        ("CIPHER_RETURNED", .tlsNothingInCommon), ("NO_CIPHERS", .tlsNothingInCommon),
        ("INAPPROPRIATE_FALLBACK", .tlsNothingInCommon), ("SIGNATURE_ALGORITHMS", .tlsNothingInCommon),
        ("WRONG_SIGNATURE_TYPE", .tlsNothingInCommon), ("WRONG_CURVE", .tlsNothingInCommon),
        ("ELLIPTIC_CURVE", .tlsNothingInCommon), ("DH_P_LENGTH", .tlsNothingInCommon),
        ("NO_COMMON", .tlsNothingInCommon), ("NO_APPLICATION_PROTOCOL", .tlsNothingInCommon),
        ("UNRECOGNIZED_NAME", .tlsUnknownName),
        ("EOF during handshake", .tlsCutOff),
        ("uncleanShutdown", .closed),
        ("unableToValidateCertificate", .tlsWrongHost), ("noCertificateToValidate", .tlsWrongHost),
    ]
}

/// What BoringSSL says, in words.
enum TLSWords {
    private static let mark = "OPENSSL_internal:"
    private static let alerts = ["SSLV3_ALERT_", "TLSV1_ALERT_", "TLSV1_", "TLS_ALERT_"]

    /// `the server says: handshake failure` of a whole stack of errors; empty where there is no reason in it.
    static func plain(_ words: String) -> String {
        guard let place = words.firstRange(of: mark) else { return "" }
        let name = words[place.upperBound...].prefix {
            ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_"
        }
        for alert in alerts where name.hasPrefix(alert) {
            return "the server says: \(name.dropFirst(alert.count).lowercased().replacing("_", with: " "))"
        }
        return name.lowercased().replacing("_", with: " ")
    }
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
