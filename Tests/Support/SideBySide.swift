public import Testing

/// Tries the cases of one test side by side, two at a time, and all of them whatever becomes of one.
///
/// For cases that wait or compute for long and share nothing. What a case blocks for must come from another process or
/// thread: a task that was to bring it might find no thread.
public func sideBySide<Cases: Sequence>(
    _ cases: Cases, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @escaping @Sendable (Cases.Element) async throws -> Void
) async where Cases.Element: Sendable {
    await withTaskGroup(of: Void.self) { group in
        var rest = Array(cases)[...]
        func begin() {
            guard let one = rest.popFirst() else { return }
            group.addTask {
                do { try await body(one) } catch { Issue.record(error, "\(one)", sourceLocation: sourceLocation) }
            }
        }
        begin()
        begin()
        while await group.next() != nil { begin() }
    }
}
