import RedisValues
import Testing

@Suite struct TokenIDTests {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// FIPS 180-4's examples, and lengths on both sides of where the padding takes another block; those by `sha256sum`.
    @Test(arguments: [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ("a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        ("a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        ("a", 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
        ("a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        ("a", 65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
    ])
    func digestsAreThoseOfTheStandard(text: String, times: Int, digest: String) {
        let message = repeatElement(Array(text.utf8), count: times).joined()
        #expect(hexadecimal(SHA256.digest(of: Array(message))) == digest)
    }

    @Test func aJWTWithoutAnIDIsNamedByWhatIsSigned() {
        #expect(TokenID.derived(fromSigned: "a.b") == "2e7336dc-8eba-87ef-872d-f568c35482ab")
        #expect(TokenID.derived(fromSigned: "a.b"[...]) == TokenID.derived(fromSigned: "a.b"))
        #expect(TokenID.isDerived("2e7336dc-8eba-87ef-872d-f568c35482ab"))
    }

    @Test(arguments: [
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        ("F47AC10B-58CC-4372-A567-0E02B2C3D479", "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        ("00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"),
        ("xyz789", nil), ("f47ac10b58cc4372a5670e02b2c3d479", nil), ("{f47ac10b-58cc-4372-a567-0e02b2c3d479}", nil),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d47g", nil), ("f47ac10b058cc-4372-a567-0e02b2c3d479", nil),
        ("f47ac10-b58cc-4372-a567-0e02b2c3d479", nil), ("", nil), ("f47ac10b-58cc-4372-a567-0e02b2c3d4\u{e9}", nil),
    ])
    func onlyAUUIDIsAUUID(text: String, canonical: String?) {
        #expect(TokenID.canonicalUUID(text) == canonical)
        let uuid = TokenID.uuid(for: text)
        #expect(canonical.map { $0 == uuid } ?? TokenID.isDerived(uuid))
        #expect(TokenID.canonicalUUID(uuid) == uuid, "in lower case")
        #expect(!TokenID.isDerived(text))
    }

    @Test func otherIDsAreDerivedAlike() {
        #expect(TokenID.uuid(for: "a.b") == TokenID.derived(fromSigned: "a.b"))
        #expect(TokenID.uuid(for: "a") != TokenID.uuid(for: "A"))
    }
}
