import CacheModel
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct RevocationLedgerTests {
    /// Whether a key is lost is said by a count, and by nothing else.
    @Test(
        arguments: [
            ([.integer(0), .integer(1)], ["a"]), ([.integer(1), .integer(1)], []), ([.integer(1), .integer(0)], ["b"]),
            ([.integer(0), .error(Array("NOPERM no".utf8))], nil), ([.null, .integer(1)], nil),
            ([.integer(-1), .integer(1)], nil), ([.error(Array("MOVED 1 a:1".utf8)), .integer(1)], nil),
        ] as [([RESPValue], [String]?)])
    func whatIsLostIsSaidAndNotSupposed(replies: [RESPValue], lost: [String]?) {
        let entries = ["a", "b"].map { id in
            RevocationLedger.Entry(
                token: RevokedToken(id: id, blacklistedAt: .now), layout: .documented, key: Array(id.utf8),
                until: WallTime(milliseconds: .max))
        }
        let found = try? RevocationLedger.lost(among: entries, replies).map(\.token.id)
        #expect(found == lost)
    }
}
