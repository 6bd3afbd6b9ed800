import CacheCore
import Foundation
import NIOHTTP1

/// What a session holds.
struct Login: Codable, Sendable {
    let user: String
    var visits = 0
}

/// Who has logged in: a signed token says who, the blacklist whether it still holds, a session what the shop remembers.
extension Shop {
    func login(_ request: Request) async throws -> Response {
        struct Asked: Decodable { let user: String }
        struct Given: Encodable { let token: String }
        // A shop asks for a password here.
        let user = try request.decoded(as: Asked.self).user
        let id = UUID().uuidString.lowercased()
        _ = try await sessions.create(Login(user: user), as: id)
        if let guest = request.cookie("cart") {
            _ = try await carts.merge(guest: guest, into: user) { $1?.adding($0) ?? $0 }
        }
        var response = try Response(Given(token: tokens.issue(to: user)))
        response.headers.add(name: "Set-Cookie", value: "session=\(id); Path=/; HttpOnly; SameSite=Lax")
        return response
    }

    /// The token is refused from now on, until it would have expired.
    func logout(_ request: Request) async throws -> Response {
        let token = try await caller(of: request, inOutage: .closed)
        _ = try await revocations.revoke(token, reason: "logged out")
        if let id = request.cookie("session") { _ = try await sessions.delete(id) }
        return try Response(["done": true])
    }

    /// Harmless: whoever has a good token is let in while nobody can say whether it was revoked.
    func account(_ request: Request) async throws -> Response {
        struct Account: Encodable {
            let user: String
            /// null where nobody knows.
            let visits: Int?
        }
        let user = try await caller(of: request, inOutage: .open).user ?? ""
        var visits: Int?
        if let id = request.cookie("session"), let login = try? await sessions.read(id) {
            var changed = login.value
            changed.visits += 1
            visits = changed.visits
            // Of two requests at once one is not counted, and none revives a session that has ended.
            _ = try? await sessions.save(changed, over: login.version, as: id)
        }
        return try Response(Account(user: user, visits: visits))
    }

    /// Costs money: nobody is let in while it cannot be said whether the token was revoked.
    func order(_ request: Request) async throws -> Response {
        let token = try await caller(of: request, inOutage: .closed)
        return try Response(["user": token.user ?? ""])
    }

    /// Whose token came with a request: one of ours, not expired, not revoked.
    func caller(of request: Request, inOutage choice: OutageChoice) async throws -> BearerToken {
        guard let text = request.headers["Authorization"].first, let token = tokens.verified(text) else {
            throw Failure.unauthorized
        }
        switch try await revocations.check(token, inOutage: choice) {
        case .allowed, .open: return token
        case .revoked: throw Failure.unauthorized
        case .closed: throw Failure.unavailable
        }
    }
}
