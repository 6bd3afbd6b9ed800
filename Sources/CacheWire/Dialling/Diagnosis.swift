internal import RedisValues
internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import NIOConcurrencyHelpers

/// Looks a second time at a server that refused, where the first failure leaves open what is wrong.
///
/// No secret is sent: it says at most PING.
struct Diagnosis {
    let dialler: Dialler
    let endpoint: Endpoint

    func explain(_ refusal: Refusal) async -> Refusal {
        switch (refusal.kind, endpoint.usesTLS) {
        case (.tlsUntrusted, true): return await certificateDates() ?? refusal
        case (.tlsWrongHost, true): return await certificateNames() ?? refusal
        case (.tlsNothingInCommon, true):
            // Who has shown a certificate agrees on version and cipher, and misses ours.
            return await showsCertificate() ? Refusal(clientCertificateKind, detail: clientDetail(refusal)) : refusal
        case (.tlsClientRefused, true), (.tlsClientCertificate, true):
            return Refusal(clientCertificateKind, detail: clientDetail(refusal))
        case (.hung, true), (.closed, true), (.tlsCutOff, true), (.tlsOther, true):
            return await answersWithoutTLS() ? Refusal(.tlsNotSpoken, detail: "it answers without TLS") : refusal
        case (.closed, false), (.protocolError, false), (.hung, false):
            return await answersTLS() ? Refusal(.tlsExpected) : refusal
        default: return refusal
        }
    }

    /// A certificate out of its dates is not trusted either, but the remedy is another one.
    private func certificateDates() async -> Refusal? {
        guard let certificate = await peerCertificate() else { return nil }
        let now = time_t(Date().timeIntervalSince1970)
        if certificate.notValidAfter < now {
            let end = WallTime(seconds: Int64(certificate.notValidAfter))
            return Refusal(.tlsExpired, detail: "valid until \(end.iso8601)")
        }
        if certificate.notValidBefore > now {
            let begin = WallTime(seconds: Int64(certificate.notValidBefore))
            return Refusal(.tlsExpired, detail: "not valid before \(begin.iso8601)")
        }
        return nil
    }

    private var givesCertificate: Bool { dialler.tlsSettings.certificateFile != nil }

    private var clientCertificateKind: Refusal.Kind { givesCertificate ? .tlsClientRefused : .tlsClientCertificate }

    private func clientDetail(_ refusal: Refusal) -> String { givesCertificate ? refusal.detail : "" }

    /// The names that the certificate is for, where that is not the one that was asked for.
    private func certificateNames() async -> Refusal? {
        guard let certificate = await peerCertificate() else { return nil }
        let asked = dialler.tlsSettings.serverName ?? endpoint.host ?? endpoint.name
        let names = certificate._subjectAlternativeNames().compactMap(Self.name)
        let shown = names.prefix(4).joined(separator: ", ") + (names.count > 4 ? " and \(names.count - 4) more" : "")
        return Refusal(
            .tlsWrongHost,
            detail: "asked for \(Printable.escape(asked)), the certificate is for "
                + (names.isEmpty ? "no host (it has no subjectAltName)" : shown))
    }

    private static func name(_ name: _SubjectAlternativeName) -> String? {
        let bytes = name.contents.withUnsafeBufferPointer { Array($0) }
        switch name.nameType {
        case .dnsName: return Printable.escape(bytes, limit: 80)
        case .ipAddress where bytes.count == 4: return bytes.map { String($0) }.joined(separator: ".")
        case .ipAddress where bytes.count == 16:
            return (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0))?.ipAddress
        default: return nil
        }
    }

    /// Whether the server gets so far as to show a certificate.
    private func showsCertificate() async -> Bool {
        let flag = Flag()
        guard var client = try? TLSClient(TLSSettings()) else { return false }
        client.onCertificate = { flag.raise() }
        if let connection = try? await dialler.connect(endpoint, tls: client, traffic: TrafficCounter()) {
            _ = try? await connection.pipeline([Command("PING")], deadline: patience)
            connection.close()
        }
        return flag.isRaised
    }

    private final class Flag: Sendable {
        private let state = NIOLockedValueBox(false)
        var isRaised: Bool { state.withLockedValue { $0 } }
        func raise() { state.withLockedValue { $0 = true } }
    }

    private func peerCertificate() async -> NIOSSLCertificate? {
        guard let connection = await openTLS() else { return nil }
        defer { connection.close() }
        return await connection.peerCertificate()
    }

    private func answersTLS() async -> Bool {
        guard case .tcp = endpoint.address, let connection = await openTLS() else { return false }
        connection.close()
        return true
    }

    /// A connection whose other side showed a certificate, whatever that says.
    private func openTLS() async -> Connection? {
        var settings = TLSSettings()
        settings.verifyCertificate = false
        guard let client = try? TLSClient(settings),
            let connection = try? await dialler.connect(endpoint, tls: client, traffic: TrafficCounter())
        else { return nil }
        // Even NOAUTH comes through the handshake. TLS 1.3 servers that want a client certificate close instead.
        _ = try? await connection.pipeline([Command("PING")], deadline: patience)
        guard await connection.peerCertificate() != nil else {
            connection.close()
            return nil
        }
        return connection
    }

    private func answersWithoutTLS() async -> Bool {
        var plain = endpoint
        plain.usesTLS = false
        guard let connection = try? await dialler.open(plain, traffic: TrafficCounter()) else { return false }
        defer { connection.close() }
        return (try? await connection.pipeline([Command("PING")], deadline: patience)) != nil
    }

    private var patience: Duration { min(dialler.timeout, .seconds(1)) }
}
