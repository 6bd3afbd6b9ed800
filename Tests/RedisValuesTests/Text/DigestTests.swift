import Foundation
import RedisValues
import Support
import Testing

@Suite struct DigestTests {
    /// The examples of FIPS 180-4 and RFC 3174, and the longest of them.
    @Test(arguments: [
        (
            "", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        ),
        (
            "abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            1, "a49b2446a02c645bf419f995b67091253a04a259",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        (
            "a", 100_000, "c4d4b30851182fc4eb8675494d42fd7f17e29c93",
            "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee"
        ),
    ])
    func digestsAreThoseOfTheStandards(text: String, times: Int, sha1: String, sha256: String) {
        let message = Array(repeatElement(Array(text.utf8), count: times).joined())
        #expect(SHA1.digest(of: message).hexadecimal == sha1)
        #expect(SHA256.digest(of: message).hexadecimal == sha256)
    }

    /// On both sides of every edge of a block, and of where the padding takes another one.
    @Test(arguments: ["sha1sum", "sha256sum"])
    func messagesOfAllLengthsHaveTheDigestsOfCoreutils(program: String) throws {
        let folder = try TemporaryFolder()
        let messages = (0...200).map { count in
            (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count) }
        }
        let files = messages.indices.map { "\(folder.path)/\($0)" }
        for (message, file) in zip(messages, files) { try Data(message).write(to: URL(fileURLWithPath: file)) }
        let told = "\(folder.path)/told"
        try #require(try Child([program] + files, output: told).wait() == 0)
        let lines = try String(contentsOfFile: told, encoding: .utf8).split(separator: "\n")
        try #require(lines.count == messages.count)
        for (message, line) in zip(messages, lines) {
            let digest = program == "sha1sum" ? SHA1.digest(of: message) : SHA256.digest(of: message)
            #expect(line.split(separator: " ").first.map(String.init) == digest.hexadecimal, "\(message.count) bytes")
        }
    }
}
