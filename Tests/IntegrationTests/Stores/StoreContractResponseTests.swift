import Support
import Testing

@testable import CacheCore

extension StoreScene {
    fileprivate func responses(_ layout: StoreLayout = .guide) -> any ResponseCache {
        if let memory { return MemoryResponseCache(memory, layout: layout, tally: tally) }
        return RedisResponseCache(calls!, layout: layout, tally: tally, clock: clock)
    }
}

/// Sections 4 and 5 of the specification, responses; and section 10.
@Suite struct StoreContractResponseTests {
    private static let list = CachedResponse(
        contentType: "application/json", headers: ["ETag": "\"7\""], body: Array(#"{"products":[7]}"#.utf8))
    private static let plain = CachedResponse(contentType: "application/json", body: Array(#"{"products":[7]}"#.utf8))
    private static let other = CachedResponse(contentType: "text/html", body: Array("<p>".utf8))
    private static let request = ResponseRequest("GET", "/v1/products?page=2&limit=20")
    private static let guideKey = "api:cache:GET:/v1/products?limit=20&page=2"
    private static let frontEndKey = "api:/v1/products?page=2&limit=20"

    @Test(arguments: StoreGround.allCases)
    func responses(_ ground: StoreGround) async throws {
        try await StoreContract.check(Self.keeping + Self.layouts + Self.secrets + Self.badInput, on: ground)
    }

    private static let keeping: [StoreCase] = [
        StoreCase("a response is made once, whatever the order of its query, and then found") { (scene) async throws in
            let (cache, database) = (scene.responses(), Database())
            for target in ["/v1/products?page=2&limit=20", "/v1/products?limit=20&page=2"] {
                let found = try await cache.response(to: ResponseRequest("GET", target)) {
                    try await database.load(list)
                }
                #expect(found == list)
            }
            #expect(database.loads == 1)
            #expect(try scene.keys() == [guideKey])
            #expect(scene.tally.counted(in: "api:cache") == [.misses: 1, .loads: 1, .hits: 1])
            #expect(scene.tally.sideMisses(in: "api:cache") == 2, "nothing is there in the other layout")
        },
        StoreCase("it is JSON, for five minutes at most, or as the route says") { (scene) async throws in
            let html = CachedResponse(contentType: "text/html", body: Array("<p>ü</p>".utf8))
            _ = try await scene.responses().response(to: request) { html }
            let text = try #require(try await scene.text(guideKey))
            for part in [#""status":200"#, #""content_type":"text/html""#, #""headers":{}"#, #""body":"<p>ü</p>""#] {
                #expect(text.contains(part))
            }
            #expect(try #require(try await scene.rest(guideKey) ?? nil) <= .seconds(300))
            #expect(try #require(try await scene.rest(guideKey) ?? nil) > .seconds(260))
            let ten = ResponseRules(life: .seconds(600))
            _ = try await scene.responses().response(to: ResponseRequest("GET", "/x"), ten) { html }
            #expect(try #require(try await scene.rest("api:cache:GET:/x") ?? nil) > .seconds(530))
            try scene.pass(.seconds(301))
            #expect(try await scene.responses().response(to: request) { list } == list)
        },
        StoreCase("bodies of any bytes, and all statuses and headers, come back as they were") { (scene) async throws in
            let all = [
                CachedResponse(status: 203, contentType: "image/png", headers: ["A": "b"], body: [0xff, 0x00, 0x89]),
                CachedResponse(status: 204, contentType: "", body: []),
                CachedResponse(status: 301, contentType: "x", headers: ["Location": "/y", "X": "\"ü\n"], body: [0]),
            ]
            for (index, one) in all.enumerated() {
                let request = ResponseRequest("GET", "/\(index)")
                _ = try await scene.responses().response(to: request) { one }
                #expect(try await scene.responses().response(to: request) { other } == one)
            }
        },
        StoreCase("only GET is kept, and no part of a response") { (scene) async throws in
            let requests = ["POST", "PUT", "DELETE", "HEAD", "get"].map { ResponseRequest($0, "/x") }
            for request in requests + [ResponseRequest("GET", "/x", headers: ["Range": "bytes=0-1"])] {
                for answer in [list, other] {
                    #expect(try await scene.responses().response(to: request) { answer } == answer)
                }
            }
            #expect(try scene.keys().isEmpty)
            #expect(scene.tally.counted(in: "api:cache").isEmpty)
        },
        StoreCase("a path over 200 bytes stands in the key by its hash") { (scene) async throws in
            let target = "/v1/" + String(repeating: "x", count: 300)
            _ = try await scene.responses().response(to: ResponseRequest("GET", target)) { list }
            let hash = SHA256.digest(of: Array(target.utf8)).hexadecimal
            #expect(try scene.keys() == ["api:cache:GET:\(hash)"])
            #expect(try await scene.responses().response(to: ResponseRequest("GET", target)) { other } == list)
        },
        StoreCase("errors are not kept, and that there is nothing only by choice") { (scene) async throws in
            for status in [404, 410, 429, 500, 503] {
                let error = CachedResponse(status: status, contentType: "text/plain", body: [])
                #expect(try await scene.responses().response(to: request) { error } == error)
                #expect(try scene.keys().isEmpty)
            }
            let rules = ResponseRules(negative: .seconds(30))
            let gone = CachedResponse(status: 404, contentType: "text/plain", body: [])
            _ = try await scene.responses().response(to: request, rules) { gone }
            #expect(try await scene.responses().response(to: request, rules) { list } == gone)
            #expect(try await scene.lasts(.seconds(30), guideKey))
        },
        StoreCase("a response over 1 MiB is not kept, and counted") { (scene) async throws in
            let large = CachedResponse(contentType: "x", body: Array(repeating: 0x61, count: 1 << 20))
            #expect(try await scene.responses().response(to: request) { large } == large)
            #expect(try scene.keys().isEmpty)
            #expect(scene.tally.counted(in: "api:cache") == [.misses: 1, .loads: 1, .drops: 1])
        },
        StoreCase("one that is removed is made anew, in whichever layout it was") { (scene) async throws in
            for layout in StoreLayout.allCases {
                _ = try await scene.responses(layout).response(to: request) { plain }
                try await scene.responses().remove(request)
                #expect(try scene.keys().isEmpty)
            }
        },
    ]

    private static let layouts: [StoreCase] = [
        StoreCase("the front end's records are read in both layouts") { (scene) async throws in
            let record = FrontEndRecord(
                body: Array(#"{"a":1}"#.utf8), contentType: "application/json",
                cachedAt: "2026-02-01T12:34:56.789012345Z")
            try await scene.put(record.bytes, at: frontEndKey, for: .seconds(60))
            for layout in StoreLayout.allCases {
                let found = try await scene.responses(layout).response(to: request) { other }
                #expect(found == CachedResponse(contentType: "application/json", body: Array(#"{"a":1}"#.utf8)))
            }
        },
        StoreCase("the deployed layout writes what the front end reads") { (scene) async throws in
            _ = try await scene.responses(.deployed).response(to: request) { plain }
            #expect(try scene.keys() == [frontEndKey])
            guard case .string(let bytes) = try await scene.value(frontEndKey) else {
                Issue.record("nothing there")
                return
            }
            let record = try #require(FrontEndRecord(bytes))
            #expect(record.body == plain.body && record.contentType == "application/json")
            #expect(record.cachedAt == scene.clock.now.iso8601)
            #expect(try await scene.responses(.guide).response(to: request) { other } == plain)
        },
        StoreCase("what the front end could not read is kept as the guide says") { (scene) async throws in
            let misfits = [
                list, other, CachedResponse(status: 203, contentType: "application/json", body: Array("1".utf8)),
                CachedResponse(contentType: "application/json", body: Array("{".utf8)),
            ]
            for (index, misfit) in misfits.enumerated() {
                _ = try await scene.responses(.deployed).response(to: ResponseRequest("GET", "/\(index)")) { misfit }
            }
            #expect(try scene.keys() == Set((0..<4).map { "api:cache:GET:/\($0)" }))
            #expect(try await scene.responses(.deployed).response(to: ResponseRequest("GET", "/0")) { plain } == list)
        },
        StoreCase("a record of the guide's layout is read in the deployed one") { (scene) async throws in
            try await scene.put(
                #"{"status":200,"content_type":"text/plain","headers":{"A":"b"},"body":"x","more":1}"#, at: guideKey)
            let found = try await scene.responses(.deployed).response(to: request) { other }
            #expect(found == CachedResponse(contentType: "text/plain", headers: ["A": "b"], body: [0x78]))
        },
        StoreCase("records that cannot be understood are misses, counted, and replaced") { (scene) async throws in
            for (key, layout) in [(guideKey, StoreLayout.guide), (frontEndKey, .deployed)] {
                for bytes in [[], [0x7b], Array("{}".utf8), Array(repeating: UInt8(0xff), count: 40)] {
                    try await scene.clear()
                    try await scene.put(bytes, at: key)
                    #expect(try await scene.responses(layout).response(to: request) { plain } == plain)
                    #expect(scene.tally.counted(in: "api:cache") == [.misses: 1, .undecodable: 1, .loads: 1])
                    #expect(try await scene.responses(layout).response(to: request) { other } == plain)
                }
            }
        },
        StoreCase("a key of another type is a miss, and stays as it is") { (scene) async throws in
            try await scene.putSet(["a"], at: guideKey)
            #expect(try await scene.responses().response(to: request) { list } == list)
            #expect(try await scene.value(guideKey) == .set([Array("a".utf8)]))
        },
    ]

    private static let secrets: [StoreCase] = [
        StoreCase("who sends credentials is not served from the cache, and fills it for nobody") {
            (scene) async throws in
            let cache = scene.responses()
            _ = try await cache.response(to: request) { list }
            for name in ["Authorization", "authorization", "Cookie"] {
                let own = ResponseRequest("GET", request.target, headers: [name: "secret"])
                #expect(try await cache.response(to: own) { other } == other)
            }
            #expect(try await cache.response(to: request) { other } == list)
        },
        StoreCase("where vary names them, each has responses of their own, and no secret stands in a key") {
            (scene) async throws in
            let (cache, rules) = (scene.responses(.deployed), ResponseRules(vary: ["Authorization"]))
            func ask(_ user: String?, _ answer: CachedResponse) async throws -> CachedResponse {
                let headers = user.map { ["AUTHORIZATION": $0] } ?? [:]
                return try await cache.response(to: ResponseRequest("GET", "/me", headers: headers), rules) { answer }
            }
            let answers = (1...3).map { CachedResponse(contentType: "application/json", body: Array("\($0)".utf8)) }
            #expect(try await ask("alice-secret", answers[0]) == answers[0])
            #expect(try await ask("bob-secret", answers[1]) == answers[1])
            #expect(try await ask(nil, answers[2]) == answers[2])
            #expect(try await ask("alice-secret", other) == answers[0])
            #expect(try await ask("bob-secret", other) == answers[1])
            #expect(try await ask(nil, other) == answers[2])
            let keys = try scene.keys()
            #expect(keys.count == 3 && !keys.contains { $0.contains("secret") })
        },
        StoreCase("a front end's record is not for who sends credentials") { (scene) async throws in
            let record = FrontEndRecord(body: Array("1".utf8), contentType: "application/json", cachedAt: "")
            try await scene.put(record.bytes, at: "api:/me")
            let own = ResponseRequest("GET", "/me", headers: ["Authorization": "alice"])
            let rules = ResponseRules(vary: ["authorization"])
            #expect(try await scene.responses().response(to: own, rules) { other } == other)
        },
        StoreCase("what a response forbids is not kept") { (scene) async throws in
            for headers in [
                ["Set-Cookie": "a=b"], ["Cache-Control": "no-store"], ["cache-control": "max-age=60, Private"],
                ["Vary": "Accept-Language"], ["vary": "*"],
            ] {
                let own = CachedResponse(contentType: "x", headers: headers, body: [])
                #expect(try await scene.responses().response(to: request) { own } == own)
                #expect(try scene.keys().isEmpty)
            }
            let varied = CachedResponse(contentType: "x", headers: ["Vary": "Accept-Language"], body: [])
            let rules = ResponseRules(vary: ["accept-language"])
            _ = try await scene.responses().response(to: request, rules) { varied }
            #expect(try scene.keys().count == 1)
        },
        StoreCase("a response that is of one goes to nobody else who waits") { (scene) async throws in
            let (cache, database) = (scene.responses(), Database(isOpen: false))
            try await withThrowingTaskGroup(of: CachedResponse.self) { group in
                for number in 0..<5 {
                    let own = CachedResponse(contentType: "x", headers: ["Set-Cookie": "id=\(number)"], body: [])
                    group.addTask { try await cache.response(to: request) { try await database.load(own) } }
                }
                await StoreContract.until("all wait") {
                    scene.tally.counted(in: "api:cache")[.misses] == 5 && database.loads == 1
                }
                database.open()
                var cookies: Set<String> = []
                for try await found in group { cookies.insert(found.headers["Set-Cookie"] ?? "") }
                #expect(cookies == Set((0..<5).map { "id=\($0)" }))
            }
            #expect(database.loads == 5)
        },
    ]

    private static let badInput: [StoreCase] = [
        StoreCase("paths and times that make no sense are refused, and nothing is made") { (scene) async throws in
            let (cache, database) = (scene.responses(), Database())
            func refused(_ words: String, _ target: String, _ rules: ResponseRules = ResponseRules()) async {
                await StoreContract.refuses(words) {
                    _ = try await cache.response(to: ResponseRequest("GET", target), rules) {
                        try await database.load(list)
                    }
                }
            }
            await refused("the path is empty", "")
            await refused("the path holds control characters", "/a\r\nb")
            await refused("the life of responses is 0 s: at least 1 ms is needed", "/", ResponseRules(life: .zero))
            await refused(
                "the negative time is 0 s: at least 1 ms is needed", "/", ResponseRules(negative: .zero))
            await refused("the lease is 0 s: at least 1 ms is needed", "/", ResponseRules(lease: .zero))
            #expect(database.loads == 0)
            let keys = try scene.keys()
            #expect(keys.isEmpty)
        }
    ]
}
