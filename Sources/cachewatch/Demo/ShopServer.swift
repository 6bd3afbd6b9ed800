internal import CacheCore
internal import DemoShop

/// A server of the shop: the stores of `CacheCore`, on a pool of its own.
struct ShopServer: Sendable {
    private let products: any ValueCache
    private let productSpace: CacheSpace
    private let sharesLoads: Bool
    private let tally: any StoreTally
    private let responses: any ResponseCache
    private let sessions: RedisSessions<ShopSession>
    private let carts: RedisCarts<ShopCart>
    private let limiter: any Limiter
    private let revocations: any RevocationStore
    private let sockets: any WebSocketStore
    private let calls: any CacheCalls

    private static let limit = WindowLimit(120, per: .seconds(60), kind: "ip")
    /// What a database takes.
    private static let loading = 4...20

    init(_ calls: any CacheCalls, _ plan: DemoPlan, tally: any StoreTally) throws(CacheError) {
        self.calls = calls
        products = RedisValueCache(calls, tally: tally)
        sharesLoads = plan.sharesLoads
        self.tally = tally
        productSpace = Self.space(life: plan.productLife)
        responses = RedisResponseCache(calls, tally: tally)
        sessions = try RedisSessions(calls, tally: tally)
        carts = try RedisCarts(calls, tally: tally)
        limiter = RedisLimiter(calls, LimiterOptions(countsOtherLayout: false), tally: tally)
        revocations = try RedisRevocations(calls, layout: .documented, tally: tally)
        sockets = try RedisWebSockets(calls, tally: tally)
    }

    /// - Parameter life: seconds; nil for what the guide promises.
    static func space(life: Int?) -> CacheSpace {
        life.map { CacheSpace(CacheSpace.product.name, fresh: .seconds($0)) } ?? .product
    }

    /// What the cache refuses while it is away is the visitor's bad luck.
    func serve(_ visit: Visit) async {
        do {
            switch visit {
            case .product(let number):
                // Who has a cache of its own waits for nobody's load.
                let cache = sharesLoads ? products : RedisValueCache(calls, tally: tally)
                _ = try await cache.value(Product.id(number), in: productSpace) {
                    try await Self.load()
                    return Product(number)
                }
            case .page(let page):
                _ = try await responses.response(
                    to: ResponseRequest("GET", "/v1/products?page=\(page)&per_page=12"),
                    ResponseRules(life: .seconds(60 + page % 240))
                ) {
                    try await Self.load()
                    return CachedResponse(
                        contentType: "application/json", body: try DemoJSON.encode(ProductPage(page)))
                }
            case .browse(let customer): try await browse(customer)
            case .cart(let customer): _ = try await cart(customer)
            case .add(let product, let quantity, let customer):
                guard var cart = try await cart(customer) else { return }
                cart.value.add(product, quantity, at: now)
                _ = try await carts.save(cart.value, over: cart.version, of: .user(customer.id))
            case .request(let token): _ = try await revocations.check(bearer: token, inOutage: .open)
            case .logIn(let customer, let token):
                _ = try await revocations.check(bearer: token, inOutage: .open)
                _ = try await sessions.create(ShopSession(customer, at: now), as: customer.session)
            case .logOut(let customer, let token):
                _ = try await sessions.delete(customer.session)
                _ = try await revocations.revoke(try BearerToken(parsing: token), reason: "logout")
            case .ask(let address):
                let verdict = try await limiter.allow(address, within: Self.limit)
                if !verdict.isAllowed, verdict.ground == .counted, (verdict.count ?? 0) > 150 {
                    try await limiter.block(address, for: .seconds(30))
                }
            case .connect(let customer, let id):
                _ = try await sockets.open(
                    WebSocketSession(
                        connectionID: id, userID: customer.id, clientIP: customer.address,
                        connectedAt: WallTime(seconds: now), isAuthenticated: true, subscriptions: ["orders", "stock"]))
            case .heartbeat(let id): _ = try await sockets.heartbeat(id)
            case .disconnect(let id): _ = try await sockets.close(id)
            }
        } catch {}
    }

    private func browse(_ customer: Customer) async throws {
        if try await sessions.read(customer.session) == nil {
            _ = try await sessions.create(ShopSession(customer, at: now), as: customer.session)
        }
    }

    private func cart(_ customer: Customer) async throws -> Versioned<ShopCart>? {
        if let cart = try await carts.read(.user(customer.id)) { return cart }
        guard case .saved(let cart) = try await carts.create(ShopCart(customer, at: now), of: .user(customer.id)) else {
            return nil
        }
        return cart
    }

    /// What stands in the cache before anybody looks.
    ///
    /// - Parameter lives: whether products live for as long as they promise, or for less, as in a cache that has run for
    ///   a while.
    func fill(_ item: DemoStock) async throws {
        switch item {
        case .product(let number, let life):
            try await products.keep(Product(number), Product.id(number), in: Self.space(life: life))
        case .page(let page): await serve(.page(page))
        case .session(let customer):
            _ = try await sessions.create(ShopSession(customer, at: now), as: customer.session)
        case .cart(let customer): _ = try await carts.create(ShopCart(customer, at: now), of: .user(customer.id))
        case .limit(let address): _ = try await limiter.allow(address, within: WindowLimit(600, kind: "ip"))
        case .revocation(let customer):
            let token = PlatformToken.text(of: customer, .access, at: now - Int64(customer.number))
            _ = try await revocations.revoke(try BearerToken(parsing: token), reason: "logout")
        case .index:
            let script = "for i=1,20000 do redis.call('RPUSH', KEYS[1], i) end redis.call('EXPIRE', KEYS[1], 3600)"
            _ = try await calls.send(CacheCall(Self.index, Command("EVAL", script, "1", "product:index")))
        }
    }

    private static let index = Array("product:index".utf8)

    /// What a service does that knows no script: the expiry that should follow never comes.
    func leak(_ address: String) async { _ = try? await calls.send(.incr("rate:limit:ip:\(address)")) }

    /// What nobody should run on a live cache.
    func runSlowly(_ turn: Int, withKeys: Bool) async {
        let command =
            withKeys && turn.isMultiple(of: 2)
            ? Command("KEYS", "cart:*")
            : turn.isMultiple(of: 2)
                ? Command("LRANGE", "product:index", "0", "-1")
                : Command("SORT", "product:index", "LIMIT", "0", "5", "DESC")
        _ = try? await calls.send(CacheCall(Self.index, command))
    }

    private var now: Int64 { SystemClock().now.seconds }

    private static func load() async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: loading)))
    }
}

/// Something that is there at the beginning.
enum DemoStock: Sendable {
    case product(Int, life: Int?)
    case page(Int)
    case session(Customer)
    case cart(Customer)
    case limit(String)
    case revocation(Customer)
    case index
}
