import Support
import Testing

@testable import CacheCore

/// What makes no sense is refused, and said so.
func expectInput(
    sourceLocation: SourceLocation = #_sourceLocation, _ call: () async throws -> Void
) async {
    let error = await #expect(throws: CacheError.self, sourceLocation: sourceLocation) { try await call() }
    guard case .input = error else {
        Issue.record("\(error.map(String.init(describing:)) ?? "nothing")", sourceLocation: sourceLocation)
        return
    }
}

func expectRefusal(
    _ kind: Refusal.Kind, sourceLocation: SourceLocation = #_sourceLocation, _ call: () async throws -> Void
) async {
    let error = await #expect(throws: CacheError.self, sourceLocation: sourceLocation) { try await call() }
    #expect(error?.refusal.kind == kind, sourceLocation: sourceLocation)
}
