import Foundation

/// A certificate authority and certificates of a test's own, made by openssl on the spot.
public final class Certificates: Sendable {
    public enum Kind: Sendable { case good, wrongHost, expired }

    private let folder: TemporaryFolder
    private let kind: Kind

    public var authority: String { folder.path + "/ca.crt" }
    public var otherAuthority: String { folder.path + "/other.crt" }
    public var clientCertificate: String { folder.path + "/client.crt" }
    public var clientKey: String { folder.path + "/client.key" }

    public init(_ kind: Kind = .good) throws {
        folder = try TemporaryFolder()
        self.kind = kind
        for name in ["ca", "other"] {
            try openssl(
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=\(name)", "-keyout",
                file(name, "key"), "-out", file(name, "crt"))
        }
        let names = kind == .wrongHost ? "DNS:redis.example.org,IP:192.0.2.1" : "DNS:localhost,IP:127.0.0.1"
        try sign(
            "server", names: names,
            days: kind == .expired ? ["-not_before", "20200101000000Z", "-not_after", "20200201000000Z"] : [])
        try sign("client", names: "DNS:client", days: [])
    }

    public var serverArguments: [String] {
        [
            "--tls-cert-file", file("server", "crt"), "--tls-key-file", file("server", "key"), "--tls-ca-cert-file",
            authority,
            "--tls-auth-clients", "no",
        ]
    }

    /// For servers that ask for a certificate, of clients and of each other.
    public var mutualArguments: [String] {
        ["--tls-auth-clients", "yes", "--tls-replication", "yes", "--tls-cluster", "yes"]
    }

    /// For redis-cli.
    public var clientArguments: [String] {
        ["--tls", "--cacert", authority, "--cert", clientCertificate, "--key", clientKey]
    }

    /// For the configuration of a sentinel that asks for a certificate.
    public var sentinelLines: [String] {
        [
            "tls-cert-file \(file("server", "crt"))", "tls-key-file \(file("server", "key"))",
            "tls-ca-cert-file \(authority)", "tls-auth-clients yes", "tls-replication yes",
        ]
    }

    private func file(_ name: String, _ type: String) -> String { "\(folder.path)/\(name).\(type)" }

    private func sign(_ name: String, names: String, days: [String]) throws {
        try openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-keyout", file(name, "key"), "-out",
            file(name, "csr"))
        let extensions = try folder.write("subjectAltName=\(names)\n", to: "\(name).ext")
        if days.isEmpty {
            try openssl(
                "x509", "-req", "-in", file(name, "csr"), "-CA", authority, "-CAkey", file("ca", "key"),
                "-CAcreateserial", "-days", "30", "-extfile", extensions, "-out", file(name, "crt"))
        } else {
            // Only `openssl ca` can sign for the past in OpenSSL 3.0.
            let database = try folder.write("", to: "index.txt")
            let settings = """
                [ca]
                default_ca = own
                [own]
                new_certs_dir = \(folder.path)
                database = \(database)
                serial = \(folder.path)/serial
                default_md = sha256
                policy = any
                [any]
                commonName = supplied

                """
            _ = try folder.write("01\n", to: "serial")
            let configuration = try folder.write(settings, to: "ca.cnf")
            try openssl(
                "ca", "-batch", "-notext", "-config", configuration, "-cert", authority, "-keyfile", file("ca", "key"),
                "-in", file(name, "csr"),
                "-out", file(name, "crt"), "-extfile", extensions, "-startdate", days[1], "-enddate", days[3])
        }
    }

    private func openssl(_ words: String...) throws {
        let result = try Program.run(["openssl"] + words)
        guard result.status == 0 else { throw CocoaError(.fileWriteUnknown, userInfo: ["openssl": result.errors]) }
    }
}
