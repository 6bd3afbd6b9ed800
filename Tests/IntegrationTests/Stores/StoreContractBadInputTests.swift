import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheCore

/// Section 10 of the specification: every call of every store that takes an id, a time or a limit, on both twins.
@Suite struct StoreContractBadInputTests {
    private struct Ask<Input: Sendable>: Sendable {
        let name: String
        let call: @Sendable (StoreShelf, Input) async throws -> Void

        init(_ name: String, _ call: @escaping @Sendable (StoreShelf, Input) async throws -> Void) {
            (self.name, self.call) = (name, call)
        }
    }

    private static let loads = Counter()
    private static let chair = Article(id: 7, name: "chair")
    private static let minute = WindowLimit(3, per: .seconds(60), kind: "ip")
    private static let rate = RateLimit(3, per: .seconds(60), kind: "ip")

    @Sendable private static func load() async throws -> Article {
        loads.add()
        return chair
    }

    @Sendable private static func make() async throws -> CachedResponse {
        loads.add()
        return CachedResponse(contentType: "text/plain", body: [])
    }

    private static func session(_ id: String, user: String? = nil, ip: String = "10.0.0.7") -> WebSocketSession {
        WebSocketSession(connectionID: id, userID: user, clientIP: ip, connectedAt: SystemClock().now)
    }

    private static let controls = ["", "a\u{0}b", "a\nb", "a\u{1b}[2J", "\u{7f}", "a\u{85}b"]
    private static let ids =
        controls + [
            String(repeating: "x", count: 257), String(repeating: "é", count: 129),
        ]

    private static let ofIDs: [Ask<String>] = [
        Ask("value") { _ = try await $0.values.value($1, in: .product, load: load) },
        Ask("value, if any") { shelf, id in
            let found: Article? = try await shelf.values.value(id, in: .product) { try await load() as Article? }
            _ = found
        },
        Ask("value of a space") { shelf, name in
            _ = try await shelf.values.value("7", in: CacheSpace(name, fresh: .seconds(9)), load: load)
        },
        Ask("keep a value") { try await $0.values.keep(chair, $1, in: .product) },
        Ask("remove a value") { try await $0.values.remove($1, in: .product) },
        Ask("create a session") { _ = try await $0.sessions.create(chair, as: $1) },
        Ask("read a session") { _ = try await $0.sessions.read($1) },
        Ask("save a session") { _ = try await $0.sessions.save(chair, over: 1, as: $1) },
        Ask("delete a session") { _ = try await $0.sessions.delete($1) },
        Ask("merge a guest") { _ = try await $0.carts.merge(guest: $1, into: "17") { guest, _ in guest } },
        Ask("merge into a user") { _ = try await $0.carts.merge(guest: "g", into: $1) { guest, _ in guest } },
        Ask("window") { _ = try await $0.limiter.allow($1, within: minute) },
        Ask("window of a kind") { _ = try await $0.limiter.allow("7", within: WindowLimit(3, kind: $1)) },
        Ask("rate") { _ = try await $0.limiter.allow($1, within: rate) },
        Ask("rate of a kind") { shelf, kind in
            _ = try await shelf.limiter.allow("7", within: RateLimit(3, per: .seconds(9), kind: kind))
        },
        Ask("usage") { _ = try await $0.limiter.usage($1, of: minute) },
        Ask("reset") { try await $0.limiter.reset($1, minute) },
        Ask("block") { try await $0.limiter.block($1, for: .seconds(9)) },
        Ask("unblock") { _ = try await $0.limiter.unblock($1) },
        Ask("is blocked") { _ = try await $0.limiter.isBlocked($1) },
        Ask("check") { _ = try await $0.revocations.check(BearerToken(id: $1), inOutage: .open) },
        Ask("revoke") { _ = try await $0.revocations.revoke(BearerToken(id: $1)) },
        Ask("revoke for an address") { shelf, address in
            _ = try await shelf.revocations.revoke(BearerToken(id: "a"), reason: nil, address: address)
        },
        Ask("cut off") { _ = try await $0.revocations.cutOff(user: $1) },
        Ask("open") { _ = try await $0.sockets.open(session($1)) },
        Ask("open for a user") { _ = try await $0.sockets.open(session("7", user: $1)) },
        Ask("open from an address") { _ = try await $0.sockets.open(session("7", ip: $1)) },
        Ask("socket") { _ = try await $0.sockets.session($1) },
        Ask("heartbeat") { _ = try await $0.sockets.heartbeat($1) },
        Ask("update a socket") { _ = try await $0.sockets.update($1) { $0.metadata = [:] } },
        Ask("close a socket") { _ = try await $0.sockets.close($1) },
        Ask("sockets of a user") { _ = try await $0.sockets.sessions(ofUser: $1) },
        Ask("sockets from an address") { _ = try await $0.sockets.sessions(fromIP: $1) },
    ]

    private static func ofCarts(_ owner: @escaping @Sendable (String) -> CartOwner) -> [Ask<String>] {
        [
            Ask("create a cart") { _ = try await $0.carts.create(chair, of: owner($1)) },
            Ask("read a cart") { _ = try await $0.carts.read(owner($1)) },
            Ask("save a cart") { _ = try await $0.carts.save(chair, over: 1, of: owner($1)) },
            Ask("delete a cart") { _ = try await $0.carts.delete(owner($1)) },
        ]
    }

    private static let ofPaths: [Ask<String>] = [
        Ask("response") { _ = try await $0.responses.response(to: ResponseRequest("GET", $1), make: make) },
        Ask("remove a response") { try await $0.responses.remove(ResponseRequest("GET", $1), ResponseRules()) },
    ]

    private static func space(
        _ fresh: Duration, stale: Duration = .zero, negative: Duration? = nil, lease: Duration? = nil
    ) -> CacheSpace {
        CacheSpace("product", fresh: fresh, stale: stale, negative: negative, lease: lease)
    }

    private static func value(
        _ name: String, _ space: @escaping @Sendable (Duration) -> CacheSpace
    ) -> [Ask<Duration>] {
        [
            Ask("value, \(name)") { _ = try await $0.values.value("7", in: space($1), load: load) },
            Ask("keep, \(name)") { try await $0.values.keep(chair, "7", in: space($1)) },
        ]
    }

    private static func response(
        _ name: String, _ rules: @escaping @Sendable (Duration) -> ResponseRules
    ) -> [Ask<Duration>] {
        [
            Ask("response, \(name)") { shelf, time in
                _ = try await shelf.responses.response(to: ResponseRequest("GET", "/"), rules(time), make: make)
            }
        ]
    }

    private static let ofTimes: [[Ask<Duration>]] = [
        value("fresh") { space($0) }, value("negative") { space(.seconds(9), negative: $0) },
        value("lease") { space(.seconds(9), lease: $0) }, response("life") { ResponseRules(life: $0) },
        response("negative") { ResponseRules(negative: $0) }, response("lease") { ResponseRules(lease: $0) },
        [
            Ask("window") { _ = try await $0.limiter.allow("7", within: WindowLimit(3, per: $1, kind: "ip")) },
            Ask("usage") { _ = try await $0.limiter.usage("7", of: WindowLimit(3, per: $1, kind: "ip")) },
            Ask("reset") { try await $0.limiter.reset("7", WindowLimit(3, per: $1, kind: "ip")) },
            Ask("rate") { _ = try await $0.limiter.allow("7", within: RateLimit(3, per: $1, kind: "ip")) },
            Ask("block") { try await $0.limiter.block("7", for: $1) },
        ],
    ]

    private static let ofLimits: [Ask<Int>] = [
        Ask("window") { _ = try await $0.limiter.allow("7", within: WindowLimit($1, kind: "ip")) },
        Ask("usage") { _ = try await $0.limiter.usage("7", of: WindowLimit($1, kind: "ip")) },
        Ask("reset") { try await $0.limiter.reset("7", WindowLimit($1, kind: "ip")) },
        Ask("rate") { _ = try await $0.limiter.allow("7", within: RateLimit($1, per: .seconds(9), kind: "ip")) },
    ]

    private static func refuses(_ what: String, _ call: () async throws -> Void) async {
        do {
            try await call()
            Issue.record("\(what) was taken")
        } catch {
            guard case .input(let words)? = error as? CacheError else {
                Issue.record("\(what): \(error)")
                return
            }
            #expect(!words.isEmpty && words.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "\(what)")
        }
    }

    private static func refuses<Input: Sendable>(_ asks: [Ask<Input>], _ inputs: [Input], _ shelf: StoreShelf) async {
        for ask in asks {
            for input in inputs {
                await refuses("\(ask.name): \(Printable.escape("\(input)"))") { try await ask.call(shelf, input) }
            }
        }
    }

    @Test(arguments: [StoreGround.memory, .redis62, .installed, .valkey9, .pool])
    func whatMakesNoSenseIsRefusedAndNothingIsSent(_ ground: StoreGround) async throws {
        let scene = try StoreScene(ground)
        let shelf = try scene.shelf()
        for server in scene.servers { try server.cli("CONFIG", "RESETSTAT") }
        await Self.refuses(Self.ofIDs, Self.ids, shelf)
        await Self.refuses(Self.ofCarts { .user($0) }, Self.ids, shelf)
        await Self.refuses(Self.ofCarts { .guest($0) }, Self.ids, shelf)
        await Self.refuses(Self.ofPaths, Self.controls, shelf)
        let times = [Duration.zero, .seconds(-1), .microseconds(999), .nanoseconds(-1)]
        for asks in Self.ofTimes { await Self.refuses(asks, times, shelf) }
        await Self.refuses("a stale time") {
            _ = try await shelf.values.value("7", in: Self.space(.seconds(9), stale: .seconds(-1)), load: Self.load)
        }
        await Self.refuses(Self.ofLimits, [0, -1, .min], shelf)
        for store in scene.storesWithLife {
            for time in times { await Self.refuses("\(store.name) for \(time)") { try store.make(time) } }
        }
        #expect(try scene.commandsSeen().isEmpty)
        #expect(try scene.keys().isEmpty)
        for namespace in StoreShelf.namespaces {
            #expect(scene.tally.counted(in: namespace).isEmpty && scene.tally.sideMisses(in: namespace) == 0)
        }
        #expect(Self.loads.count == 0)
        await scene.close()
    }

    // MARK: values of another type

    /// One a namespace and key: what is asked of it comes back as if it were not there, as often as it is asked.
    private struct Alien: Sendable {
        let namespace: String
        let key: String
        let isHash: Bool
        let ask: @Sendable (StoreShelf, String) async throws -> Void
        /// For how long the key stands there afterwards.
        var lasts = Duration.seconds(100)

        init(
            _ namespace: String, _ key: String, isHash: Bool = true, lasts: Duration = .seconds(100),
            _ ask: @escaping @Sendable (StoreShelf, String) async throws -> Void
        ) {
            (self.namespace, self.key, self.isHash, self.ask) = (namespace, key, isHash, ask)
            self.lasts = lasts
        }
    }

    /// `ID` stands for what no other test uses.
    private static let aliens: [Alien] = [
        Alien("product", "product:ID") { (shelf, id) async throws in
            #expect(try await shelf.values.value(id, in: .product) { chair } == chair)
        },
        Alien("api:cache", "api:cache:GET:/ID") { (shelf, id) async throws in
            let made = CachedResponse(contentType: "text/plain", body: [0x78])
            #expect(try await shelf.responses.response(to: ResponseRequest("GET", "/\(id)")) { made } == made)
        },
        Alien("session", "session:ID", isHash: false) { (shelf, id) async throws in
            #expect(try await shelf.sessions.read(id) == nil)
            #expect(try await shelf.sessions.create(chair, as: id) == .conflict(nil))
            #expect(try await shelf.sessions.save(chair, over: 1, as: id) == .gone)
        },
        Alien("cart", "cart:user:ID", isHash: false) { (shelf, id) async throws in
            #expect(try await shelf.carts.read(.user(id)) == nil)
            #expect(try await shelf.carts.create(chair, of: .user(id)) == .conflict(nil))
            #expect(try await shelf.carts.save(chair, over: 1, of: .user(id)) == .gone)
        },
        Alien("cart", "cart:guest:ID", isHash: false) { (shelf, id) async throws in
            #expect(try await shelf.carts.read(.guest(id)) == nil)
            #expect(try await shelf.carts.merge(guest: id, into: "other") { guest, _ in guest } == nil)
        },
        Alien("rate:limit", "rate:limit:ip:ID") { (shelf, id) async throws in
            #expect(try await shelf.limiter.allow(id, within: minute).ground == .outage)
            #expect(try await shelf.limiter.usage(id, of: minute) == nil)
        },
        Alien("rate:limit", "rate:limit:ip:ID:rate") { (shelf, id) async throws in
            #expect(try await shelf.limiter.allow(id, within: rate).ground == .outage)
        },
        Alien("ws:session", "ws:session:ID") { (shelf, id) async throws in
            #expect(try await shelf.sockets.session(id) == nil)
            #expect(try await shelf.sockets.heartbeat(id) == nil)
        },
        Alien("ws:session", "ws:session/user:ID/sessions", isHash: false) { (shelf, id) async throws in
            #expect(try await shelf.sockets.sessions(ofUser: id).isEmpty)
        },
        // Whatever stands there revokes for whoever asks by EXISTS, and holds for as long as the token.
        Alien("token:blacklist", "token:blacklist:ID", lasts: .seconds(86_400)) { (shelf, id) async throws in
            #expect(try await shelf.revocations.revoke(BearerToken(id: id)) != nil)
        },
        Alien("token:blacklist", "blacklist:since:ID") { (shelf, id) async throws in
            let token = BearerToken(id: "other", user: id)
            #expect(try await shelf.revocations.check(token, inOutage: .closed) == .allowed)
            await expectRefusal(.wrongType) { _ = try await shelf.revocations.cutOff(user: id) }
        },
    ]

    @Test(arguments: [StoreGround.memory, .redis62, .installed, .valkey9])
    func aKeyOfAnotherTypeIsAMissLoggedOnceANamespaceAndStays(_ ground: StoreGround) async throws {
        StoreLog.listen()
        let scene = try StoreScene(ground)
        let shelf = try scene.shelf()
        let id = "alien-\(ground)-\(UInt32.random(in: 0 ... .max))"
        let hash = ["a": "b"]
        for alien in Self.aliens {
            let key = alien.key.replacing("ID", with: id)
            if alien.isHash {
                try await scene.putHash(hash, at: key, for: .seconds(100))
            } else {
                try await scene.put("text", at: key, for: .seconds(100))
            }
            let before = try await scene.value(key)
            for _ in 0..<2 { try await alien.ask(shelf, id) }
            #expect(try await scene.value(key) == before, "\(key) on \(ground)")
            #expect(try await scene.lasts(alien.lasts, key), "\(key) on \(ground)")
        }
        for namespace in StoreShelf.namespaces {
            let lines = StoreLog.lines(with: id).filter { $0.contains(" than \(namespace) keeps there") }
            #expect(lines.count == 1, "\(namespace) on \(ground): \(lines)")
            let hits = scene.tally.counted(in: namespace)[.hits] ?? 0
            // MGET does not tell what is of another type from what is not there.
            if namespace != "token:blacklist" { #expect(hits == 0, "\(namespace) on \(ground)") }
        }
        for namespace in ["product", "api:cache", "session", "cart", "ws:session"] {
            #expect((scene.tally.counted(in: namespace)[.misses] ?? 0) > 0, "\(namespace) on \(ground)")
        }
        await scene.close()
    }

    // MARK: what a user may not do

    /// One call a store, which has to ask the server.
    private static let rightful: [Ask<String>] = [
        Ask("session") { _ = try await $0.sessions.read($1) },
        Ask("create a session") { _ = try await $0.sessions.create(chair, as: $1) },
        Ask("cart") { _ = try await $0.carts.read(.user($1)) },
        Ask("window") { _ = try await $0.limiter.allow($1, within: minute) },
        Ask("rate") { _ = try await $0.limiter.allow($1, within: rate) },
        Ask("usage") { _ = try await $0.limiter.usage($1, of: minute) },
        Ask("reset") { try await $0.limiter.reset($1, minute) },
        Ask("block") { try await $0.limiter.block($1, for: .seconds(9)) },
        Ask("unblock") { _ = try await $0.limiter.unblock($1) },
        Ask("is blocked") { _ = try await $0.limiter.isBlocked($1) },
        Ask("check") { _ = try await $0.revocations.check(BearerToken(id: $1, user: "17"), inOutage: .open) },
        Ask("revoke") { _ = try await $0.revocations.revoke(BearerToken(id: $1)) },
        Ask("cut off") { _ = try await $0.revocations.cutOff(user: $1) },
        Ask("open") { _ = try await $0.sockets.open(session($1)) },
        Ask("socket") { _ = try await $0.sockets.session($1) },
        Ask("sockets of a user") { _ = try await $0.sockets.sessions(ofUser: $1) },
    ]

    /// Users who may do nothing, run scripts that may do nothing, and do everything with other keys.
    private static let users = [
        "nothing": ["~*"], "scripts": ["~*", "+eval", "+evalsha"], "others": ["~other:*", "+@all"],
    ]

    @Test(arguments: [RedisServer.Software.redis62, .installed, .valkey9], ["nothing", "scripts", "others"])
    func aMissingRightIsForbiddenWithItsRuleAndNoOutage(_ software: RedisServer.Software, _ user: String) async throws {
        StoreLog.listen()
        let server = try RedisServer(software: software)
        let rights = try #require(Self.users[user])
        try server.cli(
            ["ACL", "SETUSER", user, "on", ">pw"] + rights + ["+client", "+hello", "+ping", "+select", "+info"])
        var configuration = CacheConfiguration(
            endpoint: try Endpoint(url: "redis://\(user):pw@127.0.0.1:\(server.port)"))
        configuration.timeout = .seconds(60)
        var settings = PoolSettings(size: 3)
        settings.deadline = .seconds(60)
        let pool = try CachePool(configuration, name: "shop", settings: settings, logger: LogLines().logger)
        let client = CacheClient(configuration)
        for (kind, calls) in [("pool", pool as any CacheCalls), ("client", client)] {
            let tally = CountingTally()
            let shelf = try StoreShelf(calls, tally: tally)
            for ask in Self.rightful {
                let what = "\(ask.name) by a \(kind), \(user) on \(software.rawValue)"
                do {
                    try await ask.call(shelf, "17")
                    Issue.record("\(what) was done")
                } catch {
                    guard case .forbidden(let words)? = error as? CacheError else {
                        Issue.record("\(what): \(error)")
                        continue
                    }
                    #expect(
                        words.contains("needs") && words.contains(user == "others" ? "~" : "+"), "\(what): \(words)")
                }
            }
            // Values are loaded; that they are never kept is told once.
            let id = "forbidden-\(kind)-\(software)-\(user)"
            for _ in 0..<2 {
                #expect(try await shelf.values.value(id, in: .product) { Self.chair } == Self.chair)
                try await shelf.values.keep(Self.chair, id, in: .product)
            }
            #expect(tally.counted(in: "product") == [.drops: 4, .loads: 2])
            for namespace in StoreShelf.namespaces.dropFirst(2) {
                #expect(
                    tally.counted(in: namespace).isEmpty, "\(namespace) by a \(kind), \(user) on \(software.rawValue)")
            }
        }
        #expect(pool.statistics.outages.isEmpty && pool.statistics.closed.isEmpty && pool.statistics.dropped == 0)
        await pool.end()
        await client.close()
    }
}
