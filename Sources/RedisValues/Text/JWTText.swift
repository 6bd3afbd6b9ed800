/// How the text of a JWT begins: with a JSON object in base64.
package enum JWTText {
    /// `{"`, and with what people put behind the brace: a blank, a tab, the end of a line.
    private static let beginnings = ["eyJ", "eyA", "eyB", "ewk", "ewl", "ewo", "ewp", "ew0"]

    package static func begins(_ text: some StringProtocol) -> Bool {
        text.utf8.first == UInt8(ascii: "e") && beginnings.contains { text.hasPrefix($0) }
    }

    /// Not in the middle of a word, but behind `%20` and the like.
    package static func mayBegin(after before: some StringProtocol) -> Bool {
        guard let last = before.last, last.isLetter || last.isNumber else { return true }
        let escape = before.suffix(3)
        return escape.count == 3 && escape.first == "%" && escape.dropFirst().allSatisfy(\.isHexDigit)
    }
}
