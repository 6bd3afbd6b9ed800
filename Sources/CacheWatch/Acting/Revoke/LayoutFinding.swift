public import CacheModel

/// In which layouts tokens are to be revoked, and why.
public struct LayoutFinding: Equatable, Sendable {
    /// Keys of tokens that stand in this layout alone, among those that were looked at.
    public var documented = 0
    public var deployed = 0
    /// Keys of tokens that stand in both: whoever wrote them did not know, either.
    public var twins = 0
    public var examined = 0
    /// What the settings say; then nothing was looked at.
    private let setting: RevocationLayout?

    init(set: RevocationLayout? = nil) { setting = set }

    /// Both where none is seen to be in use alone: no server is left out then.
    public var layout: RevocationLayout {
        if let setting { return setting }
        return switch (documented, deployed) {
        case (1..., 0): .documented
        case (0, 1...): .deployed
        default: .both
        }
    }

    public var isSet: Bool { setting != nil }
    var tokens: Int { documented + deployed + twins }

    /// What two nodes show together.
    static func + (one: LayoutFinding, other: LayoutFinding) -> LayoutFinding {
        var sum = one
        sum.documented += other.documented
        sum.deployed += other.deployed
        sum.twins += other.twins
        sum.examined +|= other.examined
        return sum
    }

    /// One line for whoever has to trust it.
    public var words: String {
        if isSet { return "\(layout.words), as revocation_layout says" }
        let looked = "\(Format.count(examined, "key")) looked at"
        return switch (documented, deployed, twins) {
        case (0, 0, 0): "\(layout.words): no revoked token among \(looked)"
        case (0, 0, _): "\(layout.words), as the revoked tokens that were seen have it (\(looked))"
        case (0, 1, 0), (1, 0, 0): "\(layout.words), as the one revoked token that was seen has it (\(looked))"
        case (0, _, _), (_, 0, _): "\(layout.words), as \(documented + deployed) revoked tokens have it (\(looked))"
        default:
            "\(layout.words): \(documented) keys are token:blacklist:…, \(deployed) blacklist:token:…; both are in use"
        }
    }
}
