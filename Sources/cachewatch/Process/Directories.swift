internal import CacheWatch

/// Where files of ours belong, made when asked for (XDG base directories).
enum Directories {
    static var state: String? { directory("XDG_STATE_HOME", fallback: ".local/state") }
    static var cache: String? { directory("XDG_CACHE_HOME", fallback: ".cache") }

    /// Why what somebody has named as the place for our files is none; nil where it is one, or nobody has named any.
    ///
    /// - Parameter isSnapshot: what logs to standard error and changes nothing.
    static func complaint(isSnapshot: Bool) -> String? {
        guard let named = Environment["XDG_STATE_HOME"], state == nil else { return nil }
        let consequence =
            isSnapshot
            ? "revocations that were made from here are not looked for"
            : "nothing is logged, revocations that were made from here are not looked for, and nothing can be changed"
        return "XDG_STATE_HOME: \(Printable.escape(named)) is no folder that can be made or written: \(consequence)"
    }

    private static func directory(_ variable: String, fallback: String) -> String? {
        guard let written = Environment[variable] ?? Environment["HOME"].map({ "\($0)/\(fallback)" }),
            // What a service's unit or a container says has been through no shell.
            let base = try? HomePath.expand(written, home: Environment["HOME"])
        else { return nil }
        // Where files of ours lie is repeated to be typed again, from wherever.
        let path = OperationFiles.absolute(base) + "/cachewatch"
        do throws(CacheError) {
            try OperationFiles.makePrivateFolder(path)
            return path
        } catch { return nil }
    }
}
