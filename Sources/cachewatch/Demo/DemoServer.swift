internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc

/// A private redis-server on a Unix socket in a temporary folder.
///
/// A shell stands between it and us: it holds one end of a pipe, and when ours is closed, by ``stop()`` or by any death
/// of this process, it kills the server and removes the folder.
final class DemoServer: Sendable {
    let socket: String
    private let pipe: Int32
    private let guardian: pid_t

    /// `POSIX_SPAWN_SETSID` of `<spawn.h>`, which Swift sees only with GNU extensions.
    private static let newSession: Int16 = 0x80

    private static let script = """
        trap '' HUP INT QUIT TERM TSTP
        "$1" "$2/redis.conf" >"$2/redis.log" 2>&1 </dev/null &
        server=$!
        cat >/dev/null
        kill -9 "$server" 2>/dev/null
        wait "$server" 2>/dev/null
        rm -rf -- "$2"
        """

    /// - Throws: an exit with 64 and what to install where there is no redis-server.
    static func start() throws -> DemoServer {
        guard let program = Self.program else {
            throw Exit.usage("the demo needs a redis-server in PATH; install it: apt-get install redis-server")
        }
        let folder = try makeFolder()
        let socket = folder + "/redis.sock"
        let configuration = """
            port 0
            unixsocket \(socket)
            unixsocketperm 700
            dir \(folder)
            save ""
            appendonly no
            daemonize no
            maxmemory 64mb
            maxmemory-policy volatile-lru
            slowlog-log-slower-than 3000
            slowlog-max-len 64
            maxclients 200
            """
        guard FileManager.default.createFile(atPath: folder + "/redis.conf", contents: Data(configuration.utf8)) else {
            throw Exit.usage("the demo cannot write to \(folder)")
        }
        return try DemoServer(program: program, folder: folder, socket: socket)
    }

    private init(program: String, folder: String, socket: String) throws {
        self.socket = socket
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw Exit.usage("the demo cannot make a pipe")
        }
        pipe = ends[1]
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own, with all signals: what the terminal sends to us does not reach it, and what this
        // thread blocks it does not.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK))
        let words: [String] = ["sh", "-c", Self.script, "cachewatch-demo", program, folder]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, environ) == 0 else {
            close(pipe)
            throw Exit.usage("the demo cannot start /bin/sh")
        }
        guardian = pid
    }

    /// Returns when server and folder are gone.
    func stop() {
        close(pipe)
        var status: Int32 = 0
        while waitpid(guardian, &status, 0) < 0 && errno == EINTR {}
    }

    private static var program: String? {
        let folders = (Environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.map { "\($0)/redis-server" }.first { access($0, X_OK) == 0 }
    }

    private static func makeFolder() throws -> String {
        var template = Array("\(Environment["TMPDIR"] ?? "/tmp")/cachewatch-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Exit.usage("the demo cannot make a temporary folder") }
        return String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
