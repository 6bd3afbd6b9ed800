import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct TLSTests {
    private func tls(_ certificates: Certificates, verify: Bool = true, ca: String? = nil) -> (inout Settings) -> Void {
        { settings in
            settings.tls.caFile = ca ?? certificates.authority
            settings.tls.verifyCertificate = verify
        }
    }

    @Test(arguments: ["localhost", "127.0.0.1"]) func rightAuthorityIsAccepted(host: String) async throws {
        let certificates = try Certificates()
        let server = try RedisServer(tls: certificates)
        let node = try await collect("rediss://\(host):\(server.port)", timeout: .seconds(5), tls(certificates))
        #expect(node.refusal == nil)
        #expect(node.warnings.isEmpty)
    }

    @Test func unknownAuthorityIsRefused() async throws {
        let certificates = try Certificates()
        let server = try RedisServer(tls: certificates)
        let node = try await collect(
            "rediss://localhost:\(server.port)", timeout: .seconds(5),
            tls(certificates, ca: certificates.otherAuthority))
        #expect(node.refusal?.reason == "TLS: certificate not trusted")
    }

    @Test func wrongHostNameIsRefusedUnlessItIsNamed() async throws {
        let certificates = try Certificates(.wrongHost)
        let server = try RedisServer(tls: certificates)
        let url = "rediss://localhost:\(server.port)"
        #expect(
            try await collect(url, timeout: .seconds(5), tls(certificates)).refusal?.reason
                == "TLS: certificate is for another host")
        let named = try await collect(url, timeout: .seconds(5)) { settings in
            settings.tls.caFile = certificates.authority
            settings.tls.serverName = "redis.example.org"
        }
        #expect(named.refusal == nil)
    }

    @Test func expiredCertificateIsRefusedWithItsDate() async throws {
        let certificates = try Certificates(.expired)
        let server = try RedisServer(tls: certificates)
        let node = try await collect("rediss://localhost:\(server.port)", timeout: .seconds(5), tls(certificates))
        #expect(node.refusal == Refusal(.tlsExpired, detail: "valid until 2020-02-01T00:00:00.000Z"))
    }

    @Test func withoutVerificationAnythingIsAcceptedWithAWarning() async throws {
        let certificates = try Certificates(.expired)
        let server = try RedisServer(tls: certificates)
        let node = try await collect(
            "rediss://localhost:\(server.port)", timeout: .seconds(5),
            tls(certificates, verify: false, ca: certificates.otherAuthority))
        #expect(node.refusal == nil)
        #expect(node.warnings == ["TLS certificate not verified (verify_certificate = false)"])
    }

    @Test func clientCertificateIsAskedForAndSent() async throws {
        let certificates = try Certificates()
        let server = try RedisServer(["--tls-auth-clients", "yes"], tls: certificates)
        let url = "rediss://localhost:\(server.port)"
        #expect(try await collect(url, timeout: .seconds(5), tls(certificates)).refusal?.kind == .tlsClientCertificate)
        let node = try await collect(url, timeout: .seconds(5)) { settings in
            settings.tls.caFile = certificates.authority
            settings.tls.certificateFile = certificates.clientCertificate
            settings.tls.keyFile = certificates.clientKey
        }
        #expect(node.refusal == nil)
    }

    @Test func plainPortIsNotMistakenForTLS() async throws {
        let server = try RedisServer()
        #expect(try await refusal("rediss://localhost:\(server.port)") == .tlsNotSpoken)
    }

    @Test func tlsPortIsNotMistakenForPlain() async throws {
        let server = try RedisServer(tls: try Certificates())
        #expect(try await refusal("redis://127.0.0.1:\(server.port)") == .tlsExpected)
    }

    /// What it speaks is found out within a second, in which a busy machine may not run it.
    private func refusal(_ url: String) async throws -> Refusal.Kind? {
        for _ in 0..<10 {
            let kind = try await collect(url, timeout: .seconds(2)).refusal?.kind
            if kind != .hung { return kind }
        }
        return .hung
    }

    @Test func unreadableFileIsNamed() async throws {
        let node = try await collect("rediss://localhost:1") { $0.tls.caFile = "/nowhere/ca.crt" }
        #expect(node.refusal?.detail == "/nowhere/ca.crt: cachewatch.tls_ca_file: there is no such file")
    }

    /// The server says the same alert for several reasons: what is wrong is found out, and nobody is sent after certificates.
    @Test func noCipherInCommonIsSaid() async throws {
        let certificates = try Certificates()
        let server = try RedisServer(
            ["--tls-protocols", "TLSv1.2", "--tls-ciphers", "ECDHE-RSA-AES256-SHA384"], tls: certificates)
        let node = try await collect("rediss://localhost:\(server.port)", timeout: .seconds(5), tls(certificates))
        #expect(node.refusal == Refusal(.tlsNothingInCommon, detail: "the server says: handshake failure"))
    }

    @Test func clientCertificateThatLacksIsNotTakenForACipher() async throws {
        let certificates = try Certificates()
        let server = try RedisServer(["--tls-auth-clients", "yes", "--tls-protocols", "TLSv1.2"], tls: certificates)
        let node = try await collect("rediss://localhost:\(server.port)", timeout: .seconds(5), tls(certificates))
        #expect(node.refusal == Refusal(.tlsClientCertificate))
    }

    @Test func clientCertificateOfAnotherAuthorityIsSaidToBeRefused() async throws {
        let (certificates, others) = (try Certificates(), try Certificates())
        let server = try RedisServer(["--tls-auth-clients", "yes"], tls: certificates)
        let node = try await collect("rediss://localhost:\(server.port)", timeout: .seconds(5)) { settings in
            settings.tls.caFile = certificates.authority
            settings.tls.certificateFile = others.clientCertificate
            settings.tls.keyFile = others.clientKey
        }
        #expect(node.refusal?.kind == .tlsClientRefused, "\(String(describing: node.refusal))")
    }

    @Test func namesOfAWrongCertificateAreTold() async throws {
        let certificates = try Certificates(.wrongHost)
        let server = try RedisServer(tls: certificates)
        let node = try await collect("rediss://localhost:\(server.port)", timeout: .seconds(5), tls(certificates))
        let detail = "asked for localhost, the certificate is for redis.example.org, 192.0.2.1"
        #expect(node.refusal == Refusal(.tlsWrongHost, detail: detail))
    }
}
