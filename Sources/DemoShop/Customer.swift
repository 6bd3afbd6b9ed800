internal import RedisValues

/// Somebody who shops, by number.
package struct Customer: Equatable, Sendable {
    package let number: Int

    package init(_ number: Int) { self.number = number }

    package static let count = 2500

    private var random: ShopRandom { ShopRandom(number, 2) }

    /// A UUID.
    package var id: String {
        var random = random
        return random.uuid()
    }

    package var email: String {
        var random = ShopRandom(number, 3)
        let (first, last) = (random.pick(Self.first), random.pick(Self.last))
        return "\(first).\(last)\(number)@example.com"
    }

    /// Nobody guesses it.
    package var session: String {
        var random = ShopRandom(number, 4)
        return ShopRandom.hexadecimal(random.next(), 16) + ShopRandom.hexadecimal(random.next(), 16)
    }

    package var address: String { "10.\(number / 200 % 256).\(number % 200).7" }

    private static let first = ["ada", "noor", "jonas", "mei", "lucia", "tom", "ines", "karim", "sofia", "elif"]
    private static let last = ["berg", "okafor", "lind", "costa", "weber", "sato", "nowak", "rossi", "meyer", "khan"]
}

/// What a server knows of somebody who has logged in.
package struct ShopSession: Codable, Equatable, Sendable {
    package var user_id: String
    package var email: String
    var locale: String
    var csrf_token: String
    var user_agent: String
    package var viewed: [String]
    var created_at: Int64

    package init(_ customer: Customer, at now: Int64) {
        var random = ShopRandom(customer.number, 5)
        user_id = customer.id
        email = customer.email
        locale = random.pick(["de-DE", "en-GB", "fr-FR", "da-DK", "it-IT"])
        csrf_token = ShopRandom.hexadecimal(random.next(), 16)
        user_agent = random.pick([
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_2 like Mac OS X) AppleWebKit/605.1.15",
            "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
        ])
        viewed = (0..<random.number(1...8)).map { _ in Product.id(random.number(0...Product.count - 1)) }
        created_at = now
    }
}

/// 1 to 12 lines.
package struct ShopCart: Codable, Equatable, Sendable {
    package struct Line: Codable, Equatable, Sendable {
        package var product_id: String
        var sku: String
        var name: String
        package var quantity: Int
        var price: String
    }

    package private(set) var lines: [Line]
    var currency = "EUR"
    var updated_at: Int64

    package static let most = 12

    package init(_ customer: Customer, at now: Int64) {
        var random = ShopRandom(customer.number, 6)
        (lines, updated_at) = ([], now)
        for _ in 0..<random.number(1...Self.most) {
            add(random.number(0...Product.count - 1), random.number(1...3), at: now)
        }
    }

    /// A cart that is full takes no further product.
    package mutating func add(_ product: Int, _ quantity: Int, at now: Int64) {
        let product = Product(product)
        updated_at = now
        if let index = lines.firstIndex(where: { $0.product_id == product.id }) {
            lines[index].quantity = min(99, lines[index].quantity + quantity)
        } else if lines.count < Self.most {
            lines.append(
                Line(
                    product_id: product.id, sku: product.sku, name: product.name, quantity: quantity,
                    price: product.price))
        }
    }
}

/// A token as the platform signs it: HS256, without a `jti`.
package enum PlatformToken {
    package enum Kind: String, CaseIterable, Sendable {
        case access, refresh

        /// Seconds.
        var life: Int64 { self == .access ? 86_400 : 7 * 86_400 }
    }

    /// - Parameter now: Unix seconds.
    package static func text(of customer: Customer, _ kind: Kind, at now: Int64, secret: String = "demo") -> String {
        let claims = JSONValue.object([
            ("sub", .string(customer.id)), ("email", .string(customer.email)), ("token_type", .string(kind.rawValue)),
            ("permissions", JSONValue(["cart:write", "order:read"])), ("exp", .integer(Int(now + kind.life))),
            ("iat", .integer(Int(now))), ("iss", .string("rcommerce")), ("aud", .string("rcommerce-api")),
        ])
        let signed = encode(Array(#"{"typ":"JWT","alg":"HS256"}"#.utf8)) + "." + encode(Array(claims.line.utf8))
        return signed + "." + encode(hmac(Array(signed.utf8), Array(secret.utf8)))
    }

    /// HMAC-SHA-256 (RFC 2104).
    ///
    /// - Parameter key: 64 bytes at most.
    package static func hmac(_ message: [UInt8], _ key: [UInt8]) -> [UInt8] {
        let key = key + [UInt8](repeating: 0, count: max(0, 64 - key.count))
        let inner = SHA256.digest(of: key.map { $0 ^ 0x36 } + message)
        return SHA256.digest(of: key.map { $0 ^ 0x5c } + inner)
    }

    /// base64url without padding (RFC 4648, section 5).
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let word = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
            for index in 0...part.count { text.append(alphabet[Int(word >> UInt32(18 - 6 * index) & 63)]) }
        }
        return text
    }
}
