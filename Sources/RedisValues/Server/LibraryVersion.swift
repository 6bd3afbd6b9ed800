/// The version of this package: of the program, and of the library that a server links.
public enum LibraryVersion {
    /// By semantic versioning.
    public static let text = "0.1.0"
}
