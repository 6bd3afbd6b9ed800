internal import RedisValues

/// The natural logarithm and its inverse, which the standard library alone does not have.
enum Logarithms {
    private static let ln2 = 0.693_147_180_559_945_3

    /// Of a positive number; error below 10^-12.
    static func log(_ x: Double) -> Double {
        guard x > 0, x.isFinite else { return x > 0 ? .infinity : -.infinity }
        var exponent = Double(x.exponent)
        var significand = x.significand
        if significand > 1.414_213_562_373_095 {
            significand /= 2
            exponent += 1
        }
        // 2 atanh((s - 1) / (s + 1)), |argument| < 0.172
        let z = (significand - 1) / (significand + 1)
        let square = z * z
        var sum = 0.0
        for odd in stride(from: 17.0, through: 1.0, by: -2.0) { sum = sum * square + 1 / odd }
        return exponent * ln2 + 2 * z * sum
    }

    static func exp(_ x: Double) -> Double {
        guard x > -700 else { return 0 }
        guard x < 700 else { return .infinity }
        let whole = (x / ln2).rounded()
        let rest = x - whole * ln2
        var sum = 1.0
        for divisor in stride(from: 14.0, through: 1.0, by: -1.0) { sum = 1 + sum * rest / divisor }
        return Double(sign: .plus, exponent: Int(whole), significand: 1) * sum
    }

    static func power(_ base: Double, _ exponent: Double) -> Double { exp(exponent * log(base)) }
}
