import CacheCore
import Foundation

/// Tokens as the platform signs them (JWT, HS256, no `jti`). A library for JWTs stands here in a server of yours; this
/// one is small, so that the shop needs no other package.
struct PlatformTokens: Sendable {
    let secret: [UInt8]
    static let lifetime = 86_400

    private struct Claims: Codable {
        let sub: String
        let token_type: String
        let iat, exp: Int
    }

    func issue(to user: String) throws -> String {
        let now = Int(Date().timeIntervalSince1970)
        let claims = Claims(sub: user, token_type: "access", iat: now, exp: now + Self.lifetime)
        let signed = [Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8), try JSON.bytes(claims)].map(Self.text)
            .joined(separator: ".")
        return "\(signed).\(Self.text(HMAC.sha256(of: Array(signed.utf8), key: secret)))"
    }

    /// - Parameter header: `Bearer` and the token.
    /// - Returns: nil for what is not signed by us, and for what has expired.
    func verified(_ header: String) -> BearerToken? {
        guard let text = header.split(separator: " ").last, let dot = text.lastIndex(of: "."),
            let token = try? BearerToken(parsing: header)
        else { return nil }
        // All that we sign is signed alike; the header's own word on it is not asked.
        let ours = Self.text(HMAC.sha256(of: Array(text[..<dot].utf8), key: secret)).utf8
        let theirs = text[text.index(after: dot)...].utf8
        guard ours.count == theirs.count, zip(ours, theirs).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0,
            let end = token.expiresAt, end > SystemClock().now
        else { return nil }
        return token
    }

    private static func text(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
}

/// Of RFC 2104 and FIPS 180-4.
enum HMAC {
    static func sha256(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        let key = (key.count > 64 ? sha256(key) : key)
        let padded = key + [UInt8](repeating: 0, count: 64 - key.count)
        return sha256(padded.map { $0 ^ 0x5c } + sha256(padded.map { $0 ^ 0x36 } + message))
    }

    private static let primes: [Int] = {
        var primes: [Int] = []
        for number in 2...311 where !primes.contains(where: { number % $0 == 0 }) { primes.append(number) }
        return primes
    }()
    /// The first 32 bits of the fractions of the roots of the first primes.
    private static let constants = primes.prefix(64).map { fraction(cbrt(Double($0))) }
    private static let start = primes.prefix(8).map { fraction(Double($0).squareRoot()) }

    private static func fraction(_ number: Double) -> UInt32 {
        UInt32((number - number.rounded(.down)) * 4_294_967_296)
    }

    private static func sha256(_ message: [UInt8]) -> [UInt8] {
        func turn(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }
        var bytes = message + [0x80]
        bytes += [UInt8](repeating: 0, count: (120 - bytes.count % 64) % 64)
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: (message.count * 8) >> (56 - 8 * $0)) }
        var hash = start
        for block in stride(from: 0, to: bytes.count, by: 64) {
            var words = (0..<16).map { word in
                bytes[(block + word * 4)...].prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            for index in 16..<64 {
                let (first, last) = (words[index - 15], words[index - 2])
                let low = turn(first, 7) ^ turn(first, 18) ^ first >> 3
                let high = turn(last, 17) ^ turn(last, 19) ^ last >> 10
                words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
            }
            var part = hash
            for index in 0..<64 {
                let high = turn(part[4], 6) ^ turn(part[4], 11) ^ turn(part[4], 25)
                let choice = part[4] & part[5] ^ ~part[4] & part[6]
                let first = part[7] &+ high &+ choice &+ constants[index] &+ words[index]
                let low = turn(part[0], 2) ^ turn(part[0], 13) ^ turn(part[0], 22)
                let majority = part[0] & part[1] ^ part[0] & part[2] ^ part[1] & part[2]
                part = [
                    first &+ low &+ majority, part[0], part[1], part[2], part[3] &+ first, part[4], part[5], part[6],
                ]
            }
            hash = zip(hash, part).map { $0 &+ $1 }
        }
        return hash.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) } }
    }
}
