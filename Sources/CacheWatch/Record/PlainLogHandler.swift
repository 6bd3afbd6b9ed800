internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import Glibc
public import Logging
internal import NIOConcurrencyHelpers

/// Writes each message as a line of its own, without secrets: to stderr, or with its time to a file.
public struct PlainLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.info
    private let sink: Sink
    private let stampsTime: Bool
    private let filter: SecretFilter

    private init(sink: Sink, stampsTime: Bool, filter: SecretFilter) {
        self.sink = sink
        self.stampsTime = stampsTime
        self.filter = filter
    }

    public static func standardError(_ filter: SecretFilter = SecretFilter()) -> PlainLogHandler {
        PlainLogHandler(sink: Sink(writing: StandardErrorLines()), stampsTime: false, filter: filter)
    }

    /// Appends to a file of mode 0600; links are not followed.
    ///
    /// - Parameter lost: told once, of the first line that the file does not take.
    /// - Throws: ``CacheError/file(path:_:)``.
    public static func file(
        _ path: String, _ filter: SecretFilter = SecretFilter(),
        lost: @escaping @Sendable (CacheError) -> Void = { _ in }
    ) throws(CacheError) -> PlainLogHandler {
        let file = try OutputFile(path: path, exclusive: false, isPrivate: true)
        return PlainLogHandler(sink: Sink(writing: file, lost: lost), stampsTime: true, filter: filter)
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let stamp = stampsTime ? "\(WallTime.now.iso8601) " : ""
        sink.write("\(stamp)\(filter.redact("\(event.message)"))\n")
    }

    private final class Sink: Sendable {
        private let lines: NIOLockedValueBox<any LineWriter>
        private let lost: @Sendable (CacheError) -> Void
        private let isComplained = NIOLockedValueBox(false)

        init(writing lines: any LineWriter, lost: @escaping @Sendable (CacheError) -> Void = { _ in }) {
            self.lines = NIOLockedValueBox(lines)
            self.lost = lost
        }

        /// What cannot be logged stops nothing.
        func write(_ line: String) {
            let written = lines.withLockedValue { lines in
                Result { () throws(CacheError) in try lines.write(Array(line.utf8)) }
            }
            do throws(CacheError) { try written.get() } catch {
                let isFirst = isComplained.withLockedValue { isComplained in
                    defer { isComplained = true }
                    return !isComplained
                }
                if isFirst { lost(error) }
            }
        }
    }
}

private protocol LineWriter: Sendable {
    func write(_ bytes: [UInt8]) throws(CacheError)
}

extension OutputFile: LineWriter {}

private struct StandardErrorLines: LineWriter {
    func write(_ bytes: [UInt8]) { _ = Glibc.write(2, bytes, bytes.count) }
}
