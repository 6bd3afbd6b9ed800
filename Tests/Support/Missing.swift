import Foundation
import Testing

/// What a test needs and this machine lacks.
enum Missing {
    /// Ends the test as skipped, with what is missing; before Swift 6.3 it fails with these words.
    static func skip(_ words: String) throws -> Never {
        #if compiler(>=6.3)
            // What Swift Testing says of a test it does not say of one case among several.
            if let test = Test.current, test.isParameterized {
                print("➜ Test \(test.name) skipped a case: \"\(words)\"")
            }
            try Test.cancel(Comment(rawValue: words))
        #else
            throw CocoaError(.executableLoad, userInfo: [NSLocalizedDescriptionKey: words])
        #endif
    }
}

/// What `scripts/test` has fetched.
public enum Fetched {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../.build/servers").standardizedFileURL.path

    /// A Python that has PyJWT and redis-py.
    public static let python = program("bin/python").flatMap { python in
        (try? Program.run([python, "-c", "import jwt, redis"]))?.status == 0 ? python : nil
    }

    /// - Parameter path: within the folder of what was fetched.
    /// - Returns: nil where it could not be fetched, or nobody has tried.
    public static func program(_ path: String) -> String? {
        let program = folder + "/" + path
        return FileManager.default.isExecutableFile(atPath: program) ? program : nil
    }
}
