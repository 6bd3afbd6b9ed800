internal import RedisValues

/// How the other side is trusted, and who we are.
public struct TLSSettings: Equatable, Sendable {
    /// False accepts any certificate, with a warning.
    public var verifyCertificate = true
    /// PEM; nil trusts the system's store.
    public var caFile: String?
    /// PEM, with its chain.
    public var certificateFile: String?
    /// PEM.
    public var keyFile: String?
    /// Sent as SNI and expected in the certificate, instead of the URL's host.
    public var serverName: String?
    public init() {}
}
