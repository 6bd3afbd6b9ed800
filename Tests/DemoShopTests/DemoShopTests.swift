import DemoShop
import Foundation
import RedisValues
import Testing

@Suite struct DemoShopTests {
    @Test func productsHaveTheSizesOfThePlatforms() throws {
        let sizes = try (0..<2000).map { try JSONEncoder().encode(Product($0)).count }.sorted()
        #expect(sizes[0] >= 400 && sizes[0] < 800, "\(sizes[0])")
        #expect(sizes[1999] <= 6144 && sizes[1999] > 3500, "\(sizes[1999])")
    }

    @Test func whatIsOfOneNumberIsAlwaysTheSame() {
        #expect(Product(7) == Product(7) && Product(7) != Product(8))
        #expect(Product(7).id == Product.id(7))
        #expect(Customer(7).id == Customer(7).id && Customer(7).id != Customer(8).id)
        #expect(TokenID.canonicalUUID(Customer(7).id) == Customer(7).id)
        #expect(Set((0..<Product.count).map(Product.id)).count > Product.count - 2)
    }

    @Test func aFewProductsAreAskedForMost() {
        let zipf = Zipf(Product.count)
        #expect(abs(zipf.share(ofFirst: 6000) - 0.885) < 0.002 && zipf.share(ofFirst: 0) == 0)
        var random = ShopRandom(seed: 1)
        let draws = (0..<20_000).map { _ in zipf.draw(&random) }
        #expect(draws.allSatisfy { (0..<Product.count).contains($0) })
        let first = Double(draws.count { $0 < 100 }) / 20_000
        #expect(abs(first - zipf.share(ofFirst: 100)) < 0.02, "\(first)")
    }

    @Test func cartsHaveOneToTwelveLines() {
        for number in 0..<500 {
            var cart = ShopCart(Customer(number), at: 0)
            #expect((1...12).contains(cart.lines.count))
            for product in 0..<20 { cart.add(product, 1, at: 1) }
            #expect(cart.lines.count == 12 && Set(cart.lines.map(\.product_id)).count == 12)
        }
    }

    @Test func tokensAreThePlatforms() throws {
        let text = PlatformToken.text(of: Customer(3), .refresh, at: 1000)
        let token = try BearerToken(parsing: text)
        #expect(token.user == Customer(3).id && token.type == "refresh")
        #expect(token.issuedAt == WallTime(seconds: 1000) && token.expiresAt == WallTime(seconds: 1000 + 604_800))
        #expect(token.id.count == 36, "derived, since there is no jti")
    }

    /// RFC 4231, test case 2.
    @Test func signaturesAreHMAC() {
        let digest = PlatformToken.hmac(Array("what do ya want for nothing?".utf8), Array("Jefe".utf8))
        #expect(
            digest.map { ShopRandom.hexadecimal(UInt64($0), 2) }.joined()
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test(arguments: ShopService.allCases) func visitorsEndWhatTheyHaveBegun(service: ShopService) {
        var visits = ShopVisits(service, zipf: Zipf(100), pages: Zipf(10), seed: 5)
        var (tokens, sockets): (Set<String>, Set<String>) = ([], [])
        for second in 0..<3000 {
            switch visits.next(at: Int64(second)) {
            case .logIn(_, let token): tokens.insert(token)
            case .request(let token): #expect(tokens.contains(token))
            case .logOut(_, let token): #expect(tokens.remove(token) != nil)
            case .connect(_, let id): #expect(sockets.insert(id).inserted)
            case .heartbeat(let id): #expect(sockets.contains(id))
            case .disconnect(let id): #expect(sockets.remove(id) != nil)
            default: break
            }
        }
        #expect(sockets.count <= 60)
        #expect(sockets.isEmpty == (service != .sockets))
    }

    @Test func aDayHasTwoMinutesAndARushEightTimesItsServers() {
        #expect((0..<240).allSatisfy { (0...1).contains(ShopDay.wave(at: Double($0))) })
        let calm = DemoPlan(.calm)
        let rush = DemoPlan(.rush)
        func servers(_ plan: DemoPlan, _ seconds: Double) -> Int {
            ShopService.allCases.reduce(0) { $0 + plan.count(of: $1, at: seconds) }
        }
        #expect((0..<120).allSatisfy { (8...18).contains(servers(calm, Double($0))) })
        #expect(servers(rush, 0) == 8 && servers(rush, 60) == 80)
    }
}
