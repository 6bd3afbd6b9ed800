import Foundation

/// Runs programs to their end.
public enum Program {
    public struct Result: Sendable {
        public var status: Int32
        public var output: String
        public var errors: String
    }

    /// The built `cachewatch`, beside the test bundle.
    public static var cachewatch: String {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("cachewatch").path
    }

    /// - Parameter environment: added to this process' own, from which REDIS_URL and REDIS_PASSWORD are taken out.
    public static func run(_ words: [String], environment: [String: String] = [:]) throws -> Result {
        let folder = try TemporaryFolder()
        let (output, errors) = (folder.path + "/output", folder.path + "/errors")
        let child = try Child(
            words, output: output, errors: errors,
            environment: cleanEnvironment.merging(["XDG_STATE_HOME": folder.path + "/state"]) { $1 }.merging(
                environment
            ) { $1 })
        let status = child.wait()
        return Result(status: status, output: try text(of: output), errors: try text(of: errors))
    }

    private static func text(of path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    /// Runs `cachewatch`.
    public static func cachewatch(_ words: String..., environment: [String: String] = [:]) throws -> Result {
        try run([cachewatch] + words, environment: environment)
    }

    static var cleanEnvironment: [String: String] {
        ProcessInfo.processInfo.environment.filter {
            !["REDIS_URL", "REDIS_PASSWORD", "XDG_CONFIG_HOME"].contains($0.key)
        }
    }
}
