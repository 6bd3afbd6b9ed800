import Support
import Testing

@testable import CacheCore

/// Sections 4 and 5 of the specification, values; and section 10.
@Suite struct StoreContractValueTests {
    private static let chair = Article(id: 7, name: "chair")
    private static let table = Article(id: 7, name: "table")

    @Test(arguments: StoreGround.allCases)
    func values(_ ground: StoreGround) async throws {
        try await StoreContract.check(
            Self.keeping + Self.misfits + Self.badInput, on: ground)
    }

    private static let keeping: [StoreCase] = [
        StoreCase("a value is loaded once, and then found") { (scene) async throws in
            let (cache, database) = (scene.cache(), Database())
            for _ in 0..<3 {
                let found = try await cache.value("7", in: .product) { try await database.load(chair) }
                #expect(found == chair)
            }
            #expect(database.loads == 1)
            #expect(scene.tally.counted(in: "product") == [.misses: 1, .loads: 1, .hits: 2])
        },
        StoreCase("a product is JSON in the envelope, within an hour, fresh for at most 55 minutes") {
            (scene) async throws in
            _ = try await scene.values().value("7", in: .product, within: nil) { chair }
            #expect(try scene.keys() == ["product:7"])
            let end = scene.clock.now.milliseconds + 55 * 60_000
            let text = try await scene.text("product:7")
            let orders = [
                #"{"fresh_until":\#(end),"value":{"id":7,"name":"chair"}}"#,
                #"{"fresh_until":\#(end),"value":{"name":"chair","id":7}}"#,
                #"{"value":{"id":7,"name":"chair"},"fresh_until":\#(end)}"#,
                #"{"value":{"name":"chair","id":7},"fresh_until":\#(end)}"#,
            ]
            #expect(orders.contains(text ?? ""))
            #expect(try await scene.lasts(.seconds(3600), "product:7"))
        },
        StoreCase("lives are shortened by a tenth at most, so that no contract breaks") { (scene) async throws in
            _ = try await scene.values(draw: 0).value("7", in: .product, within: nil) { chair }
            #expect(try await scene.lasts(.seconds(3240), "product:7"))
            for id in 0..<20 {
                _ = try await scene.cache().value("j\(id)", in: .product) { chair }
                let rest = try #require(try await scene.rest("product:j\(id)") ?? nil)
                #expect(rest <= .seconds(3600) && rest > .seconds(3230))
            }
        },
        StoreCase("what others have written in the envelope is read, whatever else stands there") {
            (scene) async throws in
            let end = scene.clock.now.milliseconds + 60_000
            try await scene.put(
                #"{"v":2,"value":{"id":7,"name":"chair","more":[1]},"fresh_until":\#(end)}"#, at: "product:7")
            try await scene.put(#"{"value":{"id":7,"name":"chair"}}"#, at: "product:8")
            try await scene.put(#"{"value":{"id":7,"name":"chair"},"fresh_until":"soon"}"#, at: "product:9")
            for id in ["7", "8", "9"] {
                #expect(try await scene.cache().value(id, in: .product) { table } == chair)
            }
            #expect(scene.tally.counted(in: "product") == [.hits: 3])
        },
        StoreCase("results of queries stand where the platform's code keeps them, and are read from there") {
            (scene) async throws in
            let query = " SELECT * FROM products WHERE Active "
            let key =
                "query_cache:"
                + SHA256.digest(of: Array("select * from products where active".utf8))
                .prefix(8).hexadecimal
            _ = try await scene.values().value(query, in: .query, within: nil) { [1, 2] }
            #expect(try scene.keys() == [key])
            let kept = try #require(try await scene.text(key))
            for part in [
                #""data":[1,2]"#, #""cached_at":\#(scene.clock.now.seconds)"#, #""ttl_secs":300"#,
                #""fingerprint":"\#(key)""#,
            ] {
                #expect(kept.contains(part))
            }
            #expect(try await scene.lasts(.seconds(300), key))
            let now = scene.clock.now.seconds
            try await scene.put(
                #"{"data":[3],"cached_at":\#(now - 10),"ttl_secs":60,"fingerprint":"\#(key)"}"#, at: key)
            #expect(try await scene.cache().value("select * from products where active", in: .query) { [4] } == [3])
            try scene.pass(.seconds(51))
            #expect(try await scene.cache().value(query, in: .query) { [4] } == [4], "its own time is over")
        },
        StoreCase("a value that is kept by hand is found, and one that is removed is not") { (scene) async throws in
            let cache = scene.cache()
            try await cache.keep(chair, "7", in: .product)
            #expect(try await cache.value("7", in: .product) { table } == chair)
            try await cache.remove("7", in: .product)
            #expect(try scene.keys().isEmpty)
            #expect(try await cache.value("7", in: .product) { table } == table)
        },
        StoreCase("that there is no such value is kept only by choice, for 30 s at most") { (scene) async throws in
            let (cache, database) = (scene.cache(), Database())
            var space = CacheSpace.product
            for _ in 0..<2 {
                let found: Article? = try await cache.value("7", in: space) { try await database.load(nil) }
                #expect(found == nil)
            }
            #expect(database.loads == 2)
            #expect(try scene.keys().isEmpty)
            space.negative = CacheSpace.negativeLife
            for _ in 0..<3 {
                let found: Article? = try await cache.value("7", in: space) { try await database.load(nil) }
                #expect(found == nil)
            }
            #expect(database.loads == 3)
            #expect(try await scene.lasts(.seconds(30), "product:7"))
            #expect(scene.tally.counted(in: "product") == [.misses: 3, .loads: 3, .negative: 2])
            #expect(try await cache.value("7", in: space) { chair } == chair, "who needs a value loads it")
            let found: Article? = try await cache.value("7", in: space) { nil }
            #expect(found == chair)
        },
        StoreCase("a value over 1 MiB is not kept, and counted") { (scene) async throws in
            let large = Article(id: 7, name: String(repeating: "x", count: 1 << 20))
            #expect(try await scene.cache().value("7", in: .product) { large } == large)
            #expect(try scene.keys().isEmpty)
            #expect(scene.tally.counted(in: "product") == [.misses: 1, .loads: 1, .drops: 1])
        },
    ]

    private static let misfits: [StoreCase] = [
        StoreCase("a key of another type is a miss, and stays as it is") { (scene) async throws in
            try await scene.putHash(["a": "b"], at: "product:7")
            for _ in 0..<2 { #expect(try await scene.cache().value("7", in: .product) { chair } == chair) }
            #expect(try await scene.value("product:7") == .hash([Array("a".utf8): Array("b".utf8)]))
            #expect(try await scene.rest("product:7") == .some(nil))
            #expect(scene.tally.counted(in: "product") == [.misses: 2, .loads: 2])
        },
        StoreCase("what cannot be understood is a miss, counted, and replaced") { (scene) async throws in
            let wrong = [
                "", "x", "{}", "[]", "null", #"{"value":7}"#, #"{"value":{"id":"7"}}"#, #"{"data":null}"#,
                #"{"value":{"id":7,"name":"chair"}"#, String(repeating: "[", count: 10_000), "\u{0}\u{1}",
            ]
            for (index, text) in wrong.enumerated() {
                try await scene.put(text, at: "product:\(index)")
                #expect(try await scene.cache().value("\(index)", in: .product) { chair } == chair)
                #expect(try await scene.cache().value("\(index)", in: .product) { table } == chair)
            }
            try await scene.put([0xff, 0xfe, 0x00], at: "product:x")
            #expect(try await scene.cache().value("x", in: .product) { chair } == chair)
            let count = wrong.count + 1
            #expect(
                scene.tally.counted(in: "product")
                    == [.misses: count, .undecodable: count, .loads: count, .hits: wrong.count])
        },
    ]

    private static let badInput: [StoreCase] = [
        StoreCase("ids and times that make no sense are refused, nothing is sent and nothing loaded") {
            (scene) async throws in
            let (cache, database) = (scene.cache(), Database())
            func refused(_ words: String, _ id: String, _ space: CacheSpace) async {
                await StoreContract.refuses(words) {
                    _ = try await cache.value(id, in: space) { try await database.load(chair) }
                }
            }
            await refused("the id is empty", "", .product)
            await refused("the id is empty", "", .query)
            await refused("the id holds control characters", "a\u{1b}", .product)
            await refused("the id has 257 bytes: 256 are allowed", String(repeating: "é", count: 128) + "x", .product)
            await refused("the id is empty", "7", CacheSpace("", fresh: .seconds(1)))
            await refused("the fresh time is 0 s: at least 1 ms is needed", "7", CacheSpace("a", fresh: .zero))
            await refused(
                "the stale time is -1.0 s: at least 1 ms is needed", "7",
                CacheSpace("a", fresh: .seconds(1), stale: .seconds(-1)))
            await refused(
                "the negative time is 0 s: at least 1 ms is needed", "7",
                CacheSpace("a", fresh: .seconds(1), negative: .zero))
            await refused(
                "the lease is 0 s: at least 1 ms is needed", "7", CacheSpace("a", fresh: .seconds(1), lease: .zero))
            await StoreContract.refuses("the id is empty") { try await cache.remove("", in: .product) }
            await StoreContract.refuses("the id is empty") {
                try await cache.keep(chair, "", in: .product)
            }
            #expect(database.loads == 0)
            let keys = try scene.keys()
            #expect(keys.isEmpty)
            #expect(scene.tally.counted(in: "product").isEmpty)
        }
    ]
}
