/// What of a screen is another when time has passed, and nothing else has happened.
public struct ClockFace: Equatable, Sendable {
    var second: Int64
    var message: String?
}
