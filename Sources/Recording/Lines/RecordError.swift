/// Why something cannot be recorded, or a recording not be read: where, and what to do.
public enum RecordError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Somebody else records there.
    case taken(path: String)
    /// It holds no recording.
    case foreign(path: String, String)
    /// The system refuses it.
    case file(path: String, String)

    public var description: String {
        switch self {
        case .taken(let path):
            "\(path): another recorder writes there; end it, or record into another folder"
        case .foreign(let path, let words), .file(let path, let words): "\(path): \(words)"
        }
    }
}
