import Logging
import NIOConcurrencyHelpers

/// What stores log, of all tests of this process: each looks for keys of its own.
enum StoreLog {
    private static let said = NIOLockedValueBox<[String]>([])
    private static let isHeard: Bool = {
        LoggingSystem.bootstrap { label in
            if label == "cachecore.stores" { return Listener() as any LogHandler }
            return StreamLogHandler.standardOutput(label: label)
        }
        return true
    }()

    /// Stores that are made from now on are heard.
    static func listen() { _ = isHeard }

    static func lines(with words: String) -> [String] {
        said.withLockedValue { $0.filter { $0.contains(words) } }
    }

    private struct Listener: LogHandler {
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { said.withLockedValue { $0.append("\(event.level) \(event.message)") } }
    }
}
