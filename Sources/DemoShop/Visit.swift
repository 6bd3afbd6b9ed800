/// What somebody wants of a server of the shop.
package enum Visit: Equatable, Sendable {
    case product(Int)
    case page(Int)
    /// Somebody who is logged in goes on.
    case browse(Customer)
    case cart(Customer)
    case add(product: Int, quantity: Int, Customer)
    /// A request with this token.
    case request(token: String)
    case logIn(Customer, token: String)
    case logOut(Customer, token: String)
    /// Counts against a limit.
    case ask(address: String)
    case connect(Customer, id: String)
    case heartbeat(id: String)
    case disconnect(id: String)
}

/// The kinds of servers that the shop has.
package enum ShopService: String, CaseIterable, Sendable {
    case storefront, search, checkout = "checkout-api", sockets = "ws-gateway"

    /// How many there are at night and how many more at noon.
    var servers: (base: Double, more: Double) {
        switch self {
        case .storefront: (3, 4)
        case .search: (2, 2)
        case .checkout: (2, 3)
        case .sockets: (1, 1)
        }
    }
}

/// What comes to one server, visit after visit.
package struct ShopVisits: Sendable {
    private let service: ShopService
    private let zipf: Zipf
    private let pages: Zipf
    private var random: ShopRandom
    private var loggedIn: [(customer: Customer, token: String)] = []
    private var sockets: [String] = []

    /// Tokens and sockets that a server has at once.
    private static let most = 60
    /// They ask as often as no browser does.
    private static let scrapers = 6

    package init(_ service: ShopService, zipf: Zipf, pages: Zipf, seed: UInt64) {
        (self.service, self.zipf, self.pages) = (service, zipf, pages)
        random = ShopRandom(seed: seed)
    }

    /// - Parameters:
    ///   - now: Unix seconds.
    ///   - isSale: everybody looks at products, and does little else.
    package mutating func next(at now: Int64, isSale: Bool = false) -> Visit {
        if isSale, random.number(0...99) < 70 { return .product(zipf.draw(&random)) }
        let draw = random.number(0...99)
        let customer = Customer(random.number(0...Customer.count - 1))
        switch service {
        case .storefront: return draw < 60 ? product : draw < 80 ? page : .browse(customer)
        case .search: return draw < 35 ? page : product
        case .checkout: return checkout(draw, customer, at: now)
        case .sockets: return socket(draw, customer)
        }
    }

    private var product: Visit { mutating get { .product(zipf.draw(&random)) } }
    private var page: Visit { mutating get { .page(pages.draw(&random)) } }

    private mutating func checkout(_ draw: Int, _ customer: Customer, at now: Int64) -> Visit {
        switch draw {
        case ..<28: return .browse(customer)
        case ..<46: return .cart(Customer(customer.number / 2))
        case ..<60:
            return .add(
                product: zipf.draw(&random), quantity: random.number(1...2), Customer(customer.number / 2))
        case ..<76 where !loggedIn.isEmpty:
            return .request(token: random.pick(loggedIn.map(\.token)))
        case ..<82: return .ask(address: customer.address)
        case ..<86: return .ask(address: "203.0.113.\(10 + random.number(0...Self.scrapers - 1))")
        case ..<91 where !loggedIn.isEmpty:
            let one = loggedIn.remove(at: random.number(0...loggedIn.count - 1))
            return .logOut(one.customer, token: one.token)
        case ..<97 where loggedIn.count < Self.most:
            let token = PlatformToken.text(of: customer, .access, at: now)
            loggedIn.append((customer, token))
            return .logIn(customer, token: token)
        default: return product
        }
    }

    private mutating func socket(_ draw: Int, _ customer: Customer) -> Visit {
        if sockets.isEmpty || draw < 12 && sockets.count < Self.most {
            let id = random.uuid()
            sockets.append(id)
            return .connect(customer, id: id)
        }
        let index = random.number(0...sockets.count - 1)
        return draw < 20 ? .disconnect(id: sockets.remove(at: index)) : .heartbeat(id: sockets[index])
    }
}

/// A day in two minutes: two waves that never quite repeat.
package enum ShopDay {
    /// How much goes on, 0 to 1, so many seconds after the demo has begun.
    package static func wave(at seconds: Double) -> Double {
        (triangle(seconds / 120) * 2 + triangle(seconds / 13)) / 3
    }

    private static func triangle(_ phase: Double) -> Double {
        let part = phase - phase.rounded(.down)
        return part < 0.5 ? part * 2 : 2 - part * 2
    }
}
