/// Under which keys stores keep what they keep.
public enum StoreLayout: String, CaseIterable, Sendable {
    /// That of the operator's guide.
    case guide
    /// That of the platform's own code.
    case deployed
}
