import Foundation

/// A redis-server for trying things out: on a Unix socket in a temporary folder, gone with ``end()`` and with any death
/// of this process.
///
/// A shell holds the other end of a pipe: when ours is closed, by whatever, it kills the server and removes the folder.
struct PrivateRedis {
    private let guardian = Process()
    private let pipe = Pipe()
    private let folder: URL

    var url: String { "unix://\(folder.path)/redis.sock" }

    /// A session of its own, so that a terminal's Ctrl-C ends the shop first.
    private static let script = """
        trap '' HUP INT TERM
        folder=$1
        shift
        setsid redis-server "$@" >/dev/null &
        server=$!
        read -r _
        kill -9 "$server"
        wait "$server" 2>/dev/null
        rm -rf -- "$folder"
        """

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("shop-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Ours alone: where the shell held it as well, it would never end.
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        guardian.executableURL = URL(fileURLWithPath: "/bin/sh")
        guardian.standardInput = pipe
        guardian.arguments = [
            "-c", Self.script, "shop-redis", folder.path, "--port", "0", "--unixsocket", "\(folder.path)/redis.sock",
            "--dir", folder.path, "--save", "", "--maxmemory", "64mb", "--logfile", "\(folder.path)/redis.log",
        ]
        try guardian.run()
    }

    func end() {
        try? pipe.fileHandleForWriting.close()
        guardian.waitUntilExit()
    }
}
