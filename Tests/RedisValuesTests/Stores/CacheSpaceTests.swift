import RedisValues
import Testing

@Suite struct CacheSpaceTests {
    @Test(arguments: [0, 0.5, 1, -3, 7, .nan])
    func livesAreShortenedByATenthAtMost(_ draw: Double) throws {
        let life = try #require(CacheSpace.product.life(draw: draw))
        #expect(life.whole <= .seconds(3600) && life.whole >= .seconds(3240))
        #expect(life.fresh <= .seconds(3300) && life.fresh >= .seconds(2970))
    }

    @Test func drawsSpreadLives() {
        #expect(CacheSpace.product.life(draw: 0) == ValueLife(fresh: .seconds(2970), stale: .seconds(270)))
        #expect(CacheSpace.product.life(draw: 1) == ValueLife(fresh: .seconds(3300), stale: .seconds(300)))
    }

    @Test func thatThereIsNothingIsKeptByChoice() {
        var space = CacheSpace.product
        #expect(space.life(isNegative: true, draw: 1) == nil)
        space.negative = CacheSpace.negativeLife
        #expect(space.life(isNegative: true, draw: 1) == ValueLife(fresh: .seconds(30), stale: .zero))
        var query = CacheSpace.query
        query.negative = .seconds(30)
        #expect(query.life(isNegative: true, draw: 1) == nil, "the platform's readers know no null")
    }

    /// As the platform's code makes it: SHA-256 of the text, trimmed and in small letters, 16 digits.
    @Test func queriesStandUnderTheirFingerprint() throws {
        let key = try CacheSpace.query.key("  SELECT 1\n")
        #expect(String(decoding: key, as: UTF8.self) == "query_cache:822ae07d4783158b")
        #expect(try key == CacheSpace.query.key("select 1"))
        #expect(try CacheSpace.query.key(String(repeating: "x", count: 9999)).count == 28)
        #expect(try CacheSpace.query.key("  ").count == 28)
    }

    @Test func productsStandUnderTheirID() throws {
        #expect(try CacheSpace.product.key("123e4567") == Array("product:123e4567".utf8))
    }
}
