/// Counts with their noun, so that nobody reads `1 keys`.
extension Format {
    /// `1 key`, `18,204 keys`, `– keys`.
    ///
    /// - Parameter noun: of one; English makes the others of it.
    public static func count(_ count: Int?, _ noun: String) -> String {
        "\(self.count(count)) \(count == 1 ? noun : plural(noun))"
    }

    /// `1 key`, `1.91 M keys`.
    public static func shortCount(_ count: Int?, _ noun: String) -> String {
        "\(shortCount(count)) \(count == 1 ? noun : plural(noun))"
    }

    /// `keys`, `entries`, `addresses`.
    private static func plural(_ noun: String) -> String {
        if noun.hasSuffix("s") { return noun + "es" }
        guard noun.hasSuffix("y"), let before = noun.dropLast().last, !"aeiou".contains(before) else {
            return noun + "s"
        }
        return noun.dropLast() + "ies"
    }
}
