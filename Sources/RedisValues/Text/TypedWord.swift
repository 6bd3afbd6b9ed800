/// What was typed to confirm something.
public enum TypedWord {
    /// Whether it is the word that is due, byte by byte.
    ///
    /// Strings are equal that are drawn alike, and keys are not: `é` in one scalar names another one than `é` in two.
    public static func isSame(_ typed: some StringProtocol, _ due: some StringProtocol) -> Bool {
        typed.utf8.elementsEqual(due.utf8)
    }

    /// Whether it names this: with escapes, as it is shown, or byte by byte as it is, which a paste may be.
    ///
    /// What may be read as escapes is: as it is, it would be what another name is shown as.
    public static func names(_ typed: String, _ name: some Collection<UInt8>) -> Bool {
        (Printable.unescape(typed) ?? Array(typed.utf8)).elementsEqual(name)
    }
}
