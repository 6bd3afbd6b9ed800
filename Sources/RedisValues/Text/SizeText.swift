/// Numbers of bytes as people type them: `500M`, `2G`, `1.5GiB`, `1048576`; units are powers of 1024.
public enum SizeText {
    private static let units = "KMGTP"

    /// - Returns: nil for what is no size, is negative, or exceeds a pebibyte.
    public static func parse(_ text: String) -> ByteCount? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var suffix = text.dropFirst(digits.count).uppercased()
        for end in ["IB", "B"] where suffix.hasSuffix(end) {
            suffix.removeLast(end.utf8.count)
            break
        }
        guard let number = Double(digits), number.isFinite, suffix.count <= 1 else { return nil }
        var factor = 1.0
        if let unit = suffix.first {
            guard let place = units.firstIndex(of: unit) else { return nil }
            for _ in 0...units.distance(from: units.startIndex, to: place) { factor *= 1024 }
        }
        let bytes = number * factor
        return bytes <= 1_125_899_906_842_624 ? ByteCount(bytes.rounded().whole) : nil
    }
}
