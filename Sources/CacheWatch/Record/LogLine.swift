internal import CacheCore
internal import CacheWire
public import CacheModel
public import Logging

/// A line of the log, in the words of the platform's guide where it has them.
public enum LogLine: Equatable, Sendable, CustomStringConvertible {
    case connecting(url: String)
    case connected
    /// There never was a connection, or none since the last attempt.
    case failed(Refusal)
    /// A connection that worked is gone.
    case lost(Refusal)
    case memoryHigh
    case warning(String)
    case notice(String)

    public var description: String {
        switch self {
        case .connecting(let url): "INFO Connecting to Redis at \(url)..."
        case .connected: "INFO Redis connected successfully"
        case .failed(let refusal): "WARN Failed to connect to Redis: \(refusal.logReason). Continuing without cache."
        case .lost(let refusal): "ERROR: Redis connection error: \(refusal.logReason)"
        case .memoryHigh: "WARNING: Redis memory usage high"
        case .warning(let words): "WARN \(words)"
        case .notice(let words): "INFO \(words)"
        }
    }

    public var level: Logger.Level {
        switch self {
        case .connecting, .connected, .notice: .info
        case .failed, .memoryHigh, .warning: .warning
        case .lost: .error
        }
    }
}

extension LogLine {
    /// The line for a change of an alert; high memory has the guide's own.
    public init(_ change: AlertChange) {
        switch change {
        case .raised(let alert) where alert.id == .memoryHigh: self = .memoryHigh
        case .raised(let alert): self = .warning("\(alert.id.rawValue) \(alert.level.rawValue): \(alert.message)")
        case .changed(let alert): self = .warning("\(alert.id.rawValue) now \(alert.level.rawValue): \(alert.message)")
        case .cleared(let alert): self = .notice("\(alert.id.rawValue) cleared")
        case .withdrawn(let alert): self = .notice("\(alert.id.rawValue) withdrawn: not known any more")
        }
    }
}

extension Logger {
    public func write(_ line: LogLine) { log(level: line.level, "\(line.description)") }
}

/// Turns successive snapshots into the log lines that they deserve: one a change, not one a poll.
public struct ConnectionLog: Sendable {
    private enum State: Equatable { case unknown, connected, failed(Refusal.Kind) }
    private var states: [String: State] = [:]
    private var warned: Set<String> = []
    private let target: String

    public init(target: String) { self.target = target }

    /// Before the first attempt.
    public func start() -> [LogLine] { [.connecting(url: target)] }

    public mutating func lines(for snapshot: Snapshot) -> [LogLine] {
        var lines: [LogLine] = []
        for node in snapshot.nodes {
            let before = states[node.address] ?? .unknown
            if let refusal = node.refusal {
                let state = State.failed(refusal.kind)
                if before != state { lines.append(before == .connected ? .lost(refusal) : .failed(refusal)) }
                states[node.address] = state
            } else {
                if before != .connected { lines.append(.connected) }
                states[node.address] = .connected
            }
            lines += node.warnings.filter { warned.insert($0).inserted }.map(LogLine.warning)
        }
        return lines
    }
}
