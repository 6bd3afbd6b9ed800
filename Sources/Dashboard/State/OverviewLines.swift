/// The lines of the Overview that a cursor can stand on: those of its panels that are shown, one panel after the other.
struct OverviewLines: Sendable {
    var subjects: [Subject] = []
    /// Which of them are namespaces, and which slow queries; alerts come first.
    var namespaces = 0..<0
    var slowQueries = 0..<0
}
