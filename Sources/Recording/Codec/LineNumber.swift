/// A number as it stands in a line.
struct LineNumber {
    private var isNegative = false
    /// In front of the point and behind it; nil where they have more digits than fit.
    private var whole: UInt64? = 0
    private var fraction: UInt64? = 0
    private var places = 0
    /// `e5`.
    private var hasExponent = false

    private static let scales: [UInt64] = (0...18).map { places in
        (0..<places).reduce(1) { scale, _ in scale * 10 }
    }

    /// - Returns: nil for what is no number of JSON.
    init?(_ text: [UInt8], _ range: Range<Int>) {
        var index = range.lowerBound
        let end = range.upperBound
        if index < end, text[index] == UInt8(ascii: "-") {
            isNegative = true
            index += 1
        }
        let start = index
        while index < end, let digit = Self.digit(text[index]) {
            whole = whole.flatMap { $0 < 1_000_000_000_000_000_000 ? $0 * 10 + digit : nil }
            index += 1
        }
        guard index > start else { return nil }
        if index < end, text[index] == UInt8(ascii: ".") {
            index += 1
            let point = index
            while index < end, let digit = Self.digit(text[index]) {
                fraction = index - point < 18 ? fraction.map { $0 * 10 + digit } : nil
                index += 1
            }
            places = index - point
            guard places > 0 else { return nil }
        }
        guard index < end else { return }
        guard text[index] == UInt8(ascii: "e") || text[index] == UInt8(ascii: "E") else { return nil }
        hasExponent = true
    }

    private static func digit(_ byte: UInt8) -> UInt64? { (0x30...0x39).contains(byte) ? UInt64(byte - 0x30) : nil }

    var integer: Int64? {
        guard !hasExponent, places == 0, let whole else { return nil }
        if isNegative, whole == Int64.min.magnitude { return .min }
        return Int64(exactly: whole).map { isNegative ? -$0 : $0 }
    }

    /// Where both parts of it are exact, so that the division rounds once; the usual case.
    ///
    /// Source: Clinger, "How to Read Floating Point Numbers Accurately", 1990.
    var double: Double? {
        guard !hasExponent, let whole, let fraction, places <= 18 else { return nil }
        let (product, isLarge) = whole.multipliedReportingOverflow(by: Self.scales[places])
        guard !isLarge, product < 1 << 53, product + fraction < 1 << 53 else { return nil }
        return Double(product + fraction) / Double(Self.scales[places]) * (isNegative ? -1 : 1)
    }

    /// Of seconds.
    var duration: Duration? {
        guard !hasExponent, let whole, let fraction, let seconds = Int64(exactly: whole) else { return nil }
        let attoseconds = Int64(fraction * Self.scales[18 - places])
        let sign: Int64 = isNegative ? -1 : 1
        return Duration(secondsComponent: seconds * sign, attosecondsComponent: attoseconds * sign)
    }
}
