import Foundation

/// Replies of real servers, as they came off the wire.
enum Fixture {
    static func info(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try [UInt8](Data(contentsOf: folder.appendingPathComponent("Fixtures/info/\(name).txt")))
    }
}
