extension Double {
    /// Rounded; the nearest that an `Int` can hold, and 0 for what is not a number.
    public var whole: Int {
        guard self == self else { return 0 }
        return Int(Swift.max(-9e18, Swift.min(9e18, rounded())))
    }
}

extension Duration {
    /// Rounded; the nearest that an `Int64` can hold.
    public var wholeMilliseconds: Int64 { Int64((self / .milliseconds(1)).whole) }
    /// Rounded; the nearest that an `Int` can hold.
    public var wholeSeconds: Int { (self / .seconds(1)).whole }
}
