import RedisValues
import Testing

@Suite struct TokenIDTests {
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
