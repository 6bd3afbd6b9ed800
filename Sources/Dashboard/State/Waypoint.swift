internal import CacheModel

/// What a screen showed before Enter led away from it.
struct Waypoint {
    let screen: Screen
    let cursor: Cursor?
    let namespace: KeyScope?
    let clients: ClientBoard
    /// The group that was opened by the way.
    var ledInto: ClientGroup.ID?
}
