internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import Glibc
public import Logging
internal import Synchronization

/// Writes each message as a line of its own, as it stands: to stderr, or with its time to a file.
public struct PlainLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.info
    private let sink: Sink
    private let stampsTime: Bool

    private init(sink: Sink, stampsTime: Bool) {
        self.sink = sink
        self.stampsTime = stampsTime
    }

    public static var standardError: PlainLogHandler { PlainLogHandler(sink: Sink(descriptor: 2), stampsTime: false) }

    /// Appends to a file of mode 0600; nil where it cannot be opened.
    public static func file(_ path: String) -> PlainLogHandler? {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        return descriptor < 0 ? nil : PlainLogHandler(sink: Sink(descriptor: descriptor), stampsTime: true)
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let stamp = stampsTime ? "\(WallTime.now.iso8601) " : ""
        sink.write("\(stamp)\(event.message)\n")
    }

    private final class Sink: Sendable {
        private let descriptor: Mutex<Int32>
        init(descriptor: Int32) { self.descriptor = Mutex(descriptor) }
        func write(_ line: String) {
            descriptor.withLock { descriptor in
                let bytes = Array(line.utf8)
                _ = Glibc.write(descriptor, bytes, bytes.count)
            }
        }
    }
}
