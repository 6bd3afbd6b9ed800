import RedisValues
import Testing

@testable import CacheModel

@Suite struct ClientGroupingTests {
    @Test(arguments: [
        ("checkout-worker-3", "checkout-worker-*"), ("checkout", "checkout"), ("api-7d9f8b6c5d-x2x9k", "api-*"),
        ("worker12", "worker*"), ("1234", "1234"), ("shop_9f8e7d6c", "shop_*"), ("cart-service", "cart-service"),
        ("a-b2", "a-b*"), ("cache-1:6379", "cache-*"), ("-", "-"), ("", ""), ("web-face", "web-face"),
    ])
    func instancesOfANameAreOneFamily(name: String, family: String) {
        #expect(ClientGrouping.family(name) == family)
    }

    @Test func whatIsNotToldHasASign() {
        let client = ClientEntry(id: 1, address: "10.0.0.7:4000")
        let labels = ClientGrouping.allCases.map { $0.label(of: client) }
        #expect(labels == ["10.0.0.7", "10.0.0.7", "–", "–", "–", "–"])
    }
}
