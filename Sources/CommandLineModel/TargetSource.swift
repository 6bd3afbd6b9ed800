/// Where it was said which server is meant.
public enum TargetSource: Equatable, Sendable {
    /// `--url`.
    case url
    /// `REDIS_URL`.
    case environment
    /// The file that `--config` names; what it leaves out is its platform's default.
    case namedFile
    /// The file of the user's configuration folder, or nothing at all.
    case defaults

    /// The first of them in the order of precedence of the settings.
    public init(url: String?, configuration: String?, environmentURL: String?) {
        if url != nil {
            self = .url
        } else if environmentURL?.isEmpty == false {
            self = .environment
        } else {
            self = configuration != nil ? .namedFile : .defaults
        }
    }

    /// True where an option of the command line says which server is meant, and nothing of higher rank another one.
    public var isNamed: Bool { self == .url || self == .namedFile }
}
