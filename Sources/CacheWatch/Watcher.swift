internal import CacheCore
internal import CacheWire
public import CacheModel
public import Logging

/// What watching a deployment brings.
public enum WatchEvent: Equatable, Sendable {
    case connecting
    case snapshot(Snapshot)
    /// The next attempt, counted from 1 since the last success.
    case retry(in: Duration, attempt: Int)
}

/// Polls a deployment for as long as its task lives: at most one poll is in flight, so that a slow server is asked
/// less often and never gets a queue. After a failure it tries again with backoff and jitter.
public actor Watcher {
    public nonisolated let events: AsyncStream<WatchEvent>
    private nonisolated let continuation: AsyncStream<WatchEvent>.Continuation
    private nonisolated let collector: SnapshotCollector
    private nonisolated let deployment: any Deployment
    /// Acts on what is watched.
    public nonisolated let operations: CacheOperations
    /// Lists and shows the keys of what is watched.
    public nonisolated let browser: KeyBrowser
    private let logger: Logger
    private var log: ConnectionLog
    private let isInStep: Bool
    private var interval: Duration
    private var rest: Task<Void, any Error>?
    /// A poll is wished for since the last one has begun.
    private var isDue = false

    /// - Parameters:
    ///   - files: where journals, audit and ledger lie.
    ///   - actor: who acts.
    ///   - isInStep: whether polls that come with the seconds begin at their turn, for a screen with a clock.
    public init(
        settings: Settings, logger: Logger, files: OperationFiles, actor: AuditLog.Actor, isInStep: Bool = false
    ) {
        self.isInStep = isInStep
        let deployment = settings.deployment
        self.deployment = deployment
        operations = CacheOperations(deployment: deployment, settings: settings, files: files, actor: actor)
        browser = KeyBrowser(deployment: deployment, classifier: settings.classifier, timeout: settings.timeout)
        collector = SnapshotCollector(
            deployment: deployment, timeout: settings.timeout, deadline: settings.flightDeadline,
            classifier: settings.classifier,
            ledger: operations.ledger)
        interval = settings.interval
        self.logger = logger
        log = ConnectionLog(target: settings.target)
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    /// Looks at the keyspace of what is watched.
    public nonisolated var surveyor: KeyspaceSurveyor { collector.surveyor }

    /// Looks at the clients of what is watched.
    public nonisolated var clients: ClientSurveyor { collector.clients }

    /// Monotonic time since the collector began, the one in its snapshots.
    public nonisolated var elapsed: Duration { collector.elapsed }

    /// Returns when its task is cancelled.
    public func run() async {
        log.start().forEach(logger.write)
        var backoff = Backoff()
        var attempt = 0
        let listening = Task { [changes = deployment.changes] in for await _ in changes { self.wish() } }
        defer { listening.cancel() }
        while !Task.isCancelled {
            if attempt == 0 || backoff.attempts > 0 { continuation.yield(.connecting) }
            let start = ContinuousClock.now
            isDue = false
            let snapshot = await collector.collect()
            guard !Task.isCancelled else { break }
            log.lines(for: snapshot).forEach(logger.write)
            continuation.yield(.snapshot(snapshot))
            attempt += 1
            if snapshot.nodes.contains(where: \.reachable) {
                backoff.reset()
                await pause(until: next(after: start))
            } else {
                let delay = backoff.next(jitter: .random(in: 0...1))
                continuation.yield(.retry(in: delay, attempt: backoff.attempts))
                await pause(until: .now + delay)
            }
        }
        await operations.close()
        await browser.close()
        await collector.close()
        continuation.finish()
    }

    private func next(after start: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let due = start + interval
        guard isInStep else { return due }
        let wall = WallTime.now.adding(due - .now)
        return due + PollPhase.correction(at: wall, every: interval)
    }

    /// Takes effect at once.
    public func setInterval(_ interval: Duration) {
        self.interval = interval
        wish()
    }

    /// Drops the connections and polls at once.
    public func reconnect() async {
        await operations.close()
        await browser.close()
        await collector.reconnect()
        wish()
    }

    /// A poll now, or as soon as the one under way is over.
    private func wish() {
        isDue = true
        rest?.cancel()
    }

    /// Ends early when somebody cancels the rest.
    private func pause(until instant: ContinuousClock.Instant) async {
        guard !isDue else { return }
        let task = Task { try await Task.sleep(until: instant, clock: .continuous) }
        rest = task
        await withTaskCancellationHandler {
            _ = try? await task.value
        } onCancel: {
            task.cancel()
        }
        rest = nil
    }
}
