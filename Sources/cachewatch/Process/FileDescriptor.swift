internal import CommandLineModel
internal import Glibc

enum FileDescriptor {
    /// What becomes of a text that is written whole.
    static func deliver(_ descriptor: Int32, _ text: String) -> Delivery { deliver(descriptor, Array(text.utf8)) }

    static func deliver(_ descriptor: Int32, _ bytes: [UInt8]) -> Delivery {
        switch write(descriptor, bytes) {
        case 0: .written
        case EPIPE: .readerGone
        case let code: .lost(String(cString: strerror(code)))
        }
    }

    /// Writes everything, or as much as goes.
    ///
    /// - Returns: 0, or the system's number for what went wrong.
    @discardableResult
    static func write(_ descriptor: Int32, _ text: String) -> Int32 { write(descriptor, Array(text.utf8)) }

    @discardableResult
    static func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            // Whoever shares it may have made it one that does not wait.
            if written < 0 && errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if poll(&waiting, 1, -1) >= 0 || errno == EINTR { continue }
            }
            guard written > 0 else { return written == 0 ? EIO : errno }
            rest = rest.dropFirst(written)
        }
        return 0
    }
}
