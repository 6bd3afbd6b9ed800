package import Glibc

/// Programs that this one starts: with all signals, whatever is blocked or ignored here, and with three descriptors.
package enum ChildProgram {
    package enum Start: Equatable, Sendable {
        case started(pid_t)
        /// The system's number for why not.
        case refused(Int32)
    }

    /// `POSIX_SPAWN_SETSID` of `<spawn.h>`, which Swift sees only with GNU extensions.
    private static let newSession: Int16 = 0x80

    /// - Parameters:
    ///   - words: its path, or a name that is looked for in `PATH`, and what it is called with.
    ///   - input: nil for nothing to read, as ``output`` and ``errors`` are for nobody who reads.
    ///   - isAlone: whether it has a session and a process group of its own: what the terminal sends to this program
    ///     does not reach it, and all that it starts can be ended with it.
    ///   - environment: of `NAME=value`; nil for this program's own.
    package static func start(
        _ words: [String], input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil, isAlone: Bool = false,
        environment: [String]? = nil
    ) -> Start {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in [input, output, errors].enumerated() {
            // One that has the same number there loses the mark that would close it.
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
            } else {
                posix_spawn_file_actions_addopen(
                    &actions, Int32(number), "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, flags | (isAlone ? newSession : 0))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        var variables: [UnsafeMutablePointer<CChar>?] = (environment ?? []).map { strdup($0) }
        variables.append(nil)
        defer { for pointer in arguments + variables { free(pointer) } }
        var child: pid_t = 0
        let code =
            environment == nil
            ? posix_spawnp(&child, words[0], &actions, &attributes, &arguments, environ)
            : posix_spawnp(&child, words[0], &actions, &attributes, &arguments, &variables)
        return code == 0 ? .started(child) : .refused(code)
    }
}
