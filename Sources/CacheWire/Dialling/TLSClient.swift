internal import RedisValues
internal import FoundationEssentials
internal import NIOCore
internal import NIOSSL

/// The TLS side of a connection, made once: reading the system's trust store takes milliseconds.
struct TLSClient: Sendable {
    private let context: NIOSSLContext
    private let serverName: String?
    /// Hears that the server has shown a certificate, whatever that says; nil where nobody asks. It is then not looked at.
    var onCertificate: (@Sendable () -> Void)?

    /// - Throws: a refusal that names the file which cannot be used.
    init(_ settings: TLSSettings) throws(CacheError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = settings.verifyCertificate ? .fullVerification : .none
        if let file = settings.caFile {
            configuration.trustRoots = .certificates(try Self.certificates(in: file, for: "tls_ca_file"))
        }
        if let file = settings.certificateFile {
            let chain = try Self.certificates(in: file, for: "tls_cert_file")
            configuration.certificateChain = chain.map { .certificate($0) }
        }
        if let file = settings.keyFile {
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: file, format: .pem))
            } catch {
                throw Self.unusable(file, for: "tls_key_file", "no unencrypted PEM private key can be read from it")
            }
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .settings(
                SettingsIssue(
                    source: "TLS",
                    message: "certificate and key cannot be used together: \(Self.reason(of: error))"))
        }
        serverName = settings.serverName
    }

    /// - Parameter host: nil for a Unix socket.
    func makeHandler(host: String?) throws -> NIOSSLClientHandler {
        let name = serverName ?? host
        let isAddress = name.map { (try? SocketAddress(ipAddress: $0, port: 0)) != nil } ?? true
        guard let onCertificate else {
            return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name)
        }
        return try NIOSSLClientHandler(
            context: context, serverHostname: isAddress ? nil : name,
            customVerificationCallback: { _, verdict in
                onCertificate()
                verdict.succeed(.certificateVerified)
            })
    }

    private static func reason(of error: any Error) -> String {
        let words = TLSWords.plain(String(describing: error))
        return words.isEmpty ? "they do not belong to each other" : words
    }

    private static func certificates(in file: String, for key: String) throws(CacheError) -> [NIOSSLCertificate] {
        let certificates = try? NIOSSLCertificate.fromPEMFile(file)
        guard let certificates, !certificates.isEmpty else {
            throw unusable(file, for: key, "no PEM certificate can be read from it")
        }
        return certificates
    }

    private static func unusable(_ file: String, for key: String, _ reason: String) -> CacheError {
        let exists = FileManager.default.fileExists(atPath: file)
        return .settings(
            SettingsIssue(source: file, key: "cachewatch.\(key)", message: exists ? reason : "there is no such file"))
    }
}
