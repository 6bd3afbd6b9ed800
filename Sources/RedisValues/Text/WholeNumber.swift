extension Double {
    /// Rounded; the nearest that an `Int` can hold, and 0 for what is not a number.
    public var whole: Int {
        guard self == self else { return 0 }
        return Int(Swift.max(-9e18, Swift.min(9e18, rounded())))
    }
}
