internal import CacheWatch
internal import Glibc

/// Who acts, and where that is written down.
enum Operator {
    /// - Throws: an exit with 78 where no home is known.
    static func files() throws -> OperationFiles {
        guard let directory = Directories.state else {
            throw Exit.configuration(
                "there is no place for journals and audit: set XDG_STATE_HOME or HOME to a folder that can be written")
        }
        return OperationFiles(directory: directory)
    }

    /// A place where nothing can be written, where there is none: then nothing is done either.
    static var filesOrNone: OperationFiles { OperationFiles(directory: Directories.state ?? "/dev/null") }

    static var actor: AuditLog.Actor {
        let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
        let address = Environment["SSH_CLIENT"]?.split(separator: " ").first.map(String.init)
        return AuditLog.Actor(user: name, address: address)
    }
}
