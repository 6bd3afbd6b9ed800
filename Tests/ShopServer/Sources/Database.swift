import NIOConcurrencyHelpers

struct Product: Codable, Sendable {
    let id: String
    let name: String
    let cents: Int
}

/// Instead of PostgreSQL: a thousand products, each query takes a while and is counted.
struct Database: Sendable {
    static let delay = Duration.milliseconds(5)
    private let count = NIOLockedValueBox(0)

    var queries: Int { count.withLockedValue { $0 } }

    func product(_ id: String) async throws -> Product? {
        try await ask()
        return Int(id).flatMap { (1...1000).contains($0) ? Self.product($0) : nil }
    }

    func search(_ words: String) async throws -> [Product] {
        try await ask()
        return (1...1000).lazy.map(Self.product).filter { words.isEmpty || $0.name.contains(words) }.prefix(20)
            .map { $0 }
    }

    private static func product(_ number: Int) -> Product {
        let kinds = ["shirt", "shoe", "lamp", "chair", "book"]
        return Product(id: String(number), name: "\(kinds[number % kinds.count]) \(number)", cents: number * 100 - 1)
    }

    private func ask() async throws {
        count.withLockedValue { $0 += 1 }
        try await Task.sleep(for: Self.delay)
    }
}
