import Foundation

/// A redis-server for trying things out: on a Unix socket in a temporary folder, gone with ``end()``.
struct PrivateRedis {
    private let process = Process()
    private let folder: URL

    var url: String { "unix://\(folder.path)/redis.sock" }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("shop-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "redis-server", "--port", "0", "--unixsocket", "\(folder.path)/redis.sock", "--dir", folder.path,
            "--save", "", "--maxmemory", "64mb", "--logfile", "\(folder.path)/redis.log",
        ]
        try process.run()
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
