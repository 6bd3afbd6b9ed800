/// What was typed to confirm something.
public enum TypedWord {
    /// Whether it is the word that is due, byte by byte.
    ///
    /// Strings are equal that are drawn alike, and keys are not: `é` in one scalar names another one than `é` in two.
    public static func isSame(_ typed: some StringProtocol, _ due: some StringProtocol) -> Bool {
        typed.utf8.elementsEqual(due.utf8)
    }
}
