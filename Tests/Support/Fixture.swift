internal import Foundation

/// Replies of real servers, as they came off the wire.
public enum Fixture {
    public static func info(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try [UInt8](Data(contentsOf: folder.appendingPathComponent("Fixtures/info/\(name).txt")))
    }
}
