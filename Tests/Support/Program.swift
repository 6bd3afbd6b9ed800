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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.environment = cleanEnvironment.merging(environment) { $1 }
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let collected = Collected()
        let reader = Thread { collected.set(errors.fileHandleForReading.readDataToEndOfFile()) }
        reader.start()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: collected.wait(), as: UTF8.self))
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

    private final class Collected: @unchecked Sendable {
        private let done = DispatchSemaphore(value: 0)
        private var data = Data()
        func set(_ data: Data) {
            self.data = data
            done.signal()
        }
        func wait() -> Data {
            done.wait()
            return data
        }
    }
}
