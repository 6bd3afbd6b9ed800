import RedisValues
import Testing

@testable import CacheWire

/// Who logs in, and what is said of a server that does not let them in.
@Suite struct HandshakeTests {
    private func handshake(_ url: String) throws -> Handshake {
        Handshake(endpoint: try Endpoint(url: url), courtesies: [])
    }

    private func words(_ handshake: Handshake) -> [[String]] {
        handshake.commands(without: DeniedCommands()).map { $0.arguments.map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test(
        arguments: [
            ("redis://h", []), ("redis://:pw@h", [["AUTH", "pw"]]),
            ("redis://u:pw@h/2", [["AUTH", "u", "pw"], ["SELECT", "2"]]),
            // The default user would have other rights than are meant.
            ("redis://u@h", [["AUTH", "u", ""]]), ("redis://u:@h", [["AUTH", "u", ""]]), ("redis://:@h", []),
            ("redis://:a%0Ab@h", [["AUTH", "a\nb"]]), ("redis://:a%00b@h", [["AUTH", "a\0b"]]),
        ] as [(String, [[String]])])
    func theUserOfTheURLLogsIn(url: String, commands: [[String]]) throws {
        #expect(words(try handshake(url)) == commands)
    }

    private func refusal(_ url: String, _ reply: String) throws -> Refusal? {
        var denied = DeniedCommands()
        return try handshake(url).digest([.error(Array(reply.utf8))], denied: &denied).refusal
    }

    @Test func aUserWithoutAPasswordIsSaid() throws {
        let refusal = try refusal("redis://watcher@h", "WRONGPASS invalid username-password pair or user is disabled.")
        #expect(refusal?.kind == .wrongPassword)
        #expect(refusal?.detail.contains("a user was given, and no password") == true)
        // Some clients take a password there.
        #expect(refusal?.detail.contains("watcher") == false)
        #expect(try self.refusal("redis://u:pw@h", "WRONGPASS x")?.detail == "WRONGPASS x")
    }

    /// Proxies and servers with renamed commands repeat what they were sent.
    @Test(arguments: [
        "ERR unknown command 'AUTH', with args beginning with: 'S3cr3t-wo", "ERR no such user: S3cr3t-word",
        "NOAUTH S3cr3t-word", "ERR unknown command `AUTH`, with args beginning with: `S3cr3t-word`, ",
        "S3cr3t-wordS3cr3t-word",
    ])
    func whatAServerRepeatsOfThePasswordIsMasked(reply: String) throws {
        for url in ["redis://:S3cr3t-word@h", "redis://app:S3cr3t-word@h"] {
            let refusal = try #require(try refusal(url, reply))
            #expect(!"\(refusal.detail)\(refusal.logReason)".contains("S3cr3t"), "\(refusal)")
        }
    }
}
