internal import CTerminalGuard
internal import Glibc

/// A terminal description with 24-bit colour, for a terminal that has it and says so only in `COLORTERM`.
///
/// ncurses sends 24-bit colours for descriptions with the flag `RGB`. Debian's base system has none of those, so one
/// is derived from the terminal's own by `tic`, once, into the user's cache.
enum DirectColour {
    /// - Returns: the description's name, to be found under `directory`; nil where it could not be made.
    static func description(basedOn term: String, in directory: String) -> String? {
        guard !term.isEmpty, term.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-+._".contains($0)) })
        else {
            return nil
        }
        let name = "cachewatch-\(term)"
        let compiled = "\(directory)/c/\(name)"
        if access(compiled, R_OK) == 0 { return name }
        guard makeDirectories(directory), compile(source(name, term), into: directory), access(compiled, R_OK) == 0
        else {
            return nil
        }
        return name
    }

    private static func source(_ name: String, _ term: String) -> String {
        func colour(_ palette: String, _ code: Int) -> String {
            "%?%p1%{8}%<%t\\E[\(palette)%p1%dm%e\\E[\(code);2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%dm%;"
        }
        return """
            \(name)|\(term) with 24-bit colour,
            \tRGB, ccc@, initc@, colors#0x1000000, pairs#0x7FFF,
            \tsetaf=\(colour("3", 38)),
            \tsetab=\(colour("4", 48)),
            \tuse=\(term),

            """
    }

    private static func makeDirectories(_ path: String) -> Bool {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/\(part)"
            if mkdir(made, 0o700) != 0 && errno != EEXIST { return false }
        }
        return true
    }

    /// From memory: this process may end at any moment, and leaves no file behind.
    private static func compile(_ source: String, into directory: String) -> Bool {
        let file = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        let bytes = Array(source.utf8)
        guard terminal_canvas(file) != 0, write(file, bytes, bytes.count) == bytes.count,
            lseek(file, 0, SEEK_SET) == 0
        else { return false }
        return run(["tic", "-x", "-o", directory, "-"], input: file)
    }

    /// Runs a program without output; true when it succeeded.
    private static func run(_ words: [String], input: Int32) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        for descriptor: Int32 in 1...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        guard posix_spawnp(&pid, words[0], &actions, nil, &arguments, environ) == 0 else { return false }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 { if errno != EINTR { return false } }
        return status == 0
    }
}
