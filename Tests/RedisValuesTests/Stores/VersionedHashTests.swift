import RedisValues
import Testing

/// What a server may answer is hostile.
@Suite struct VersionedHashTests {
    private func string(_ text: String) -> RESPValue { .string(Array(text.utf8)) }

    @Test func answersAreRead() throws {
        let there = VersionedHash.Contents(version: 7, data: Array("{}".utf8), note: Array("n".utf8))
        let array: RESPValue = .array([.integer(1), string("7"), string("{}"), string("n")])
        #expect(try VersionedHash.Reading(array) == .there(there))
        #expect(try VersionedHash.Reading(.array([.integer(0)])) == .gone)
        #expect(try VersionedHash.Reading(.array([.integer(2)])) == .alien)
        #expect(try VersionedHash.Writing(.array([.integer(1), string("8")])) == .written(8))
        #expect(try VersionedHash.Writing(.array([.integer(0)])) == .gone)
        let other = VersionedHash.Contents(version: 7, data: Array("{}".utf8))
        #expect(
            try VersionedHash.Writing(.array([.integer(2), string("7"), string("{}")])) == .differs(.there(other)))
        #expect(try VersionedHash.Writing(.array([.integer(2), string(""), string("")])) == .differs(.alien))
    }

    @Test(arguments: [
        RESPValue.null, .integer(1), .array([]), .array([.integer(1)]), .array([.integer(9), .null, .null]),
        .array([.null]), .array([.integer(1), .string([0x37]), .integer(3)]), .error(Array("ERR x".utf8)),
    ])
    func otherAnswersAreNone(_ reply: RESPValue) {
        #expect(throws: RESPShapeError.self) { _ = try VersionedHash.Reading(reply) }
    }

    @Test func revocationsAnswerInThreeParts() throws {
        for reply: RESPValue in [.null, .array([]), .array([.integer(1), .integer(1)]), .integer(1)] {
            #expect(throws: RESPShapeError.self) { _ = try RevocationScript.Reply(reply) }
            #expect(throws: RESPShapeError.self) { _ = try CutOffScript.Reply(reply, user: "17") }
        }
        let reply = try CutOffScript.Reply(.array([.integer(1), string("soon"), .integer(-1)]), user: "17")
        #expect(reply.isUnchanged && reply.cutOff == nil && reply.lifetime == -1)
    }
}
