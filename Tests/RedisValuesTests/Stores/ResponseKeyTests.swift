import RedisValues
import Testing

@Suite struct ResponseKeyTests {
    @Test(arguments: [
        ("/a", "/a"), ("/a?", "/a"), ("/a?b=1", "/a?b=1"), ("/a?c=2&b=1", "/a?b=1&c=2"),
        ("/a?b=2&b=1", "/a?b=2&b=1"), ("/a?c&b=2&c=1&b=1", "/a?b=2&b=1&c&c=1"), ("/a?&&b=1&", "/a?b=1"),
        ("/a?b=1#top", "/a?b=1"), ("/a#b?c=1", "/a"), ("/a?b?=2&a=?", "/a?a=?&b?=2"), ("/a?b=&a==", "/a?a==&b="),
        ("/a?ab=1&a=2", "/a?a=2&ab=1"), ("/ü?ü=1&z=2", "/ü?z=2&ü=1"),
    ])
    func queriesAreSortedByName(_ target: String, _ sorted: String) {
        #expect(ResponseKey.sorted(target) == sorted)
    }

    private func key(
        _ method: String = "GET", _ target: String = "/a", _ headers: [String: String] = [:], _ vary: Set<String> = []
    ) throws -> ResponseKey? {
        try ResponseKey(method: method, target: target, headers: headers, vary: vary)
    }

    @Test func credentialsAreKeptApartOrNotAtAll() throws {
        #expect(try key("GET", "/a", ["Authorization": "x"]) == nil)
        #expect(try key("GET", "/a", ["COOKIE": "x"], ["authorization"]) == nil)
        #expect(try key("GET", "/a", ["Range": "x"], ["range"]) == nil)
        #expect(try key("POST") == nil)
        let plain = try #require(try key())
        #expect(String(decoding: plain.guide, as: UTF8.self) == "api:cache:GET:/a")
        #expect(plain.deployed == Array("api:/a".utf8))
        let first = try #require(try key("GET", "/a", ["Authorization": "x"], ["Authorization"]))
        #expect(first == (try key("GET", "/a", ["authorization": "x", "Other": "y"], ["authorization"])))
        #expect(first.guide != plain.guide && first.deployed == nil)
        #expect(first.guide.count == plain.guide.count + 33)
        let second = try #require(try key("GET", "/a", ["Authorization": "y"], ["Authorization"]))
        #expect(second.guide != first.guide)
        #expect(try key("GET", "/a", [:], ["Authorization"]) == plain)
    }

    /// No two sets of headers are one.
    @Test func valuesCannotPassForOthers() throws {
        let names: Set = ["a", "b"]
        let keys = try [
            ["a": "1", "b": "2"], ["a": "1\nb:1:2"], ["a": "12"], ["b": "12"], ["a": "1", "b": ""], ["a": "1"],
        ].map { try key("GET", "/a", $0, names)?.guide }
        #expect(Set(keys).count == keys.count)
    }

    @Test func longPathsAreHashed() throws {
        let edge = "/" + String(repeating: "x", count: 199)
        #expect(try key("GET", edge)?.guide == Array("api:cache:GET:\(edge)".utf8))
        let long = try #require(try key("GET", edge + "y"))
        #expect(long.guide.count == 14 + 64 && long.deployed == nil)
    }

    @Test(arguments: ["", "/a\n", "/a\u{7f}", "/\u{85}"])
    func pathsThatMakeNoSense(_ target: String) {
        #expect(throws: StoreProblem.self) { try key("GET", target) }
        #expect(throws: StoreProblem.self) { try key("POST", target) }
    }

    @Test(
        arguments: [
            ([:], true), (["Set-Cookie": "a"], false), (["CACHE-CONTROL": "max-age=1, PRIVATE"], false),
            (["Cache-Control": "private=\"x\""], false), (["Cache-Control": "public, max-age=60"], true),
            (["Vary": "Accept-Language"], true), (["Vary": "Accept-Language, Origin"], false), (["Vary": "*"], false),
        ] as [([String: String], Bool)])
    func whatAResponseSaysOfItself(_ headers: [String: String], _ isForAll: Bool) {
        #expect(ResponseRule.isForAll(headers, vary: ["Accept-Language"]) == isForAll)
    }
}

@Suite struct FrontEndRecordTests {
    private let record = FrontEndRecord(body: Array("{}".utf8), contentType: "a/b", cachedAt: "2026")

    @Test func lengthsStandInFrontLowestByteFirst() {
        let expected: [UInt8] =
            [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("a/b".utf8)
            + [4, 0, 0, 0, 0, 0, 0, 0] + Array("2026".utf8)
        #expect(record.bytes == expected)
        #expect(FrontEndRecord(expected) == record)
    }

    @Test func nothingElseIsTakenForOne() {
        for length in 0..<record.bytes.count { #expect(FrontEndRecord(Array(record.bytes.prefix(length))) == nil) }
        #expect(FrontEndRecord(record.bytes + [0]) == nil)
        #expect(FrontEndRecord(Array(repeating: 0xff, count: 64)) == nil)
        var damaged = record.bytes
        damaged[18] = 0xff
        #expect(FrontEndRecord(damaged) == nil)
    }

    @Test(arguments: [
        ("application/json", "{}", true), ("application/json; charset=utf-8", "[1]", true),
        ("Application/Problem+JSON", "null", true), ("application/json", "{", false), ("application/json", "", false),
        ("text/html", "{}", false), ("application/jsonp", "{}", false),
    ])
    func theFrontEndReadsJSONAlone(_ type: String, _ body: String, _ expected: Bool) {
        #expect(FrontEndRecord.canHold(Array(body.utf8), contentType: type) == expected)
    }
}
