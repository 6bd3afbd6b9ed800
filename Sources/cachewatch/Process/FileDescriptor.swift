internal import Glibc

enum FileDescriptor {
    /// Writes everything, or as much as goes.
    ///
    /// - Returns: 0, or the system's number for what went wrong.
    @discardableResult
    static func write(_ descriptor: Int32, _ text: String) -> Int32 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return errno }
            rest = rest.dropFirst(written)
        }
        return 0
    }
}
