import CacheCore
import Foundation
import NIOHTTP1

/// How many of which product.
struct Cart: Codable, Sendable {
    var lines: [String: Int] = [:]

    func adding(_ other: Cart) -> Cart {
        Cart(lines: lines.merging(other.lines) { min($0 &+ $1, 99) })
    }
}

extension Shop {
    private struct Shown: Encodable {
        let lines: [String: Int]
        /// False where the cart is somewhere, and cannot be had now.
        var isKnown = true
    }

    /// A page with an empty basket is better than none.
    func cart(_ request: Request) async throws -> Response {
        guard let owner = try await owner(of: request) else { return try Response(Shown(lines: [:])) }
        let cart: Versioned<Cart>?
        do throws(CacheError) { cart = try await carts.read(owner) } catch {
            if case .input = error { throw error }
            return try Response(Shown(lines: [:], isKnown: false))
        }
        return try Response(Shown(lines: cart?.value.lines ?? [:]))
    }

    /// Sets a line: over the version that was read, and once more where another tab was faster.
    func put(_ product: String, _ request: Request) async throws -> Response {
        struct Asked: Decodable { let quantity: Int }
        let quantity = try request.decoded(as: Asked.self).quantity
        guard (0...99).contains(quantity) else { throw Failure.badRequest }
        let known = try await owner(of: request)
        let token = UUID().uuidString.lowercased()
        let owner = known ?? .guest(token)
        func changed(_ cart: Cart) -> Cart {
            var cart = cart
            cart.lines[product] = quantity == 0 ? nil : quantity
            return cart
        }
        for _ in 0..<3 {
            let outcome: SaveOutcome<Cart>
            if let cart = try await carts.read(owner) {
                outcome = try await carts.save(changed(cart.value), over: cart.version, of: owner)
            } else {
                outcome = try await carts.create(changed(Cart()), of: owner)
            }
            guard case .saved(let cart) = outcome else { continue }
            var response = try Response(Shown(lines: cart.value.lines))
            if known == nil { response.headers.add(name: "Set-Cookie", value: "cart=\(token); Path=/; HttpOnly") }
            return response
        }
        throw Failure.conflict
    }

    /// nil for who has neither logged in nor put anything into a cart yet.
    private func owner(of request: Request) async throws -> CartOwner? {
        if request.headers.contains(name: "Authorization") {
            return .user(try await caller(of: request, inOutage: .open).user ?? "")
        }
        return request.cookie("cart").map { .guest($0) }
    }
}
