import Foundation
import Glibc
public import Testing

/// Waits until a condition holds.
///
/// - Returns: false, with an issue recorded, when it did not hold within `patience` seconds.
@discardableResult
public func eventually(
    _ what: @autoclosure () -> String, patience: Double = 180, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) rethrows -> Bool {
    let deadline = Date().addingTimeInterval(patience)
    while Date() < deadline {
        if try condition() { return true }
        poll(nil, 0, 10)
    }
    Issue.record("did not happen within \(patience) s: \(what())", sourceLocation: sourceLocation)
    return false
}

/// Waits until a condition that has to be awaited holds.
@discardableResult
public func eventually(
    _ what: @autoclosure () -> String, patience: Double = 180, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: @Sendable () async -> Bool
) async -> Bool {
    let deadline = Date().addingTimeInterval(patience)
    while Date() < deadline {
        if await condition() { return true }
        // Whoever asks without a pause takes the processor from what is waited for.
        try? await Task.sleep(for: .milliseconds(2))
    }
    Issue.record("did not happen within \(patience) s: \(what())", sourceLocation: sourceLocation)
    return false
}
