/// What the program ends with.
public struct ProgramStatus: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let done = ProgramStatus(rawValue: 0)
    /// What was asked for was not done.
    public static let notDone = ProgramStatus(rawValue: 1)
    /// A snapshot that says nothing, in the convention of monitoring plug-ins.
    public static let unknown = ProgramStatus(rawValue: 3)
    /// Refused for safety.
    public static let refused = ProgramStatus(rawValue: 4)
    /// Part of it was done, or not everything, or nobody knows how much.
    public static let halfWay = ProgramStatus(rawValue: 5)
    /// `EX_USAGE`.
    public static let usage = ProgramStatus(rawValue: 64)
    /// `EX_CONFIG`.
    public static let configuration = ProgramStatus(rawValue: 78)
}
