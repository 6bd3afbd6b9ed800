import CacheCore

/// Products and lists of them: what comes from the cache where it is there, and from the database where it is not.
extension Shop {
    func product(_ id: String) async throws -> Response {
        let product = try await values.value(id, in: .shopProduct) { try await database.product(id) }
        guard let product else { throw Failure.notFound }
        return try Response(product)
    }

    func search(_ request: Request) async throws -> Response {
        let words = request.query("q") ?? ""
        let asked = ResponseRequest("GET", request.target)
        return Response(
            try await responses.response(to: asked) {
                let found = try await database.search(words)
                return CachedResponse(contentType: "application/json", body: try JSON.bytes(found))
            })
    }
}

extension CacheSpace {
    /// As products are kept, and that there is no such product for half a minute.
    static let shopProduct = CacheSpace(
        "product", fresh: .seconds(55 * 60), stale: .seconds(5 * 60), negative: CacheSpace.negativeLife)
}
