internal import CacheWatch
internal import CommandLineModel
internal import Dashboard
internal import Logging

/// A deployment that is watched, looked at and acted on.
struct WatchedSource: DashboardSource {
    let watcher: Watcher
    let logger: Logger
    let mailbox: Mailbox
    let keyspace: KeyspaceRunner
    let clients: ClientRunner
    let operations: OperationRunner

    init(watcher: Watcher, logger: Logger, mailbox: Mailbox, settings: Settings, files: OperationFiles) {
        self.watcher = watcher
        self.logger = logger
        self.mailbox = mailbox
        keyspace = KeyspaceRunner(surveyor: watcher.surveyor, sample: settings.estimateSample, mailbox: mailbox)
        clients = ClientRunner(surveyor: watcher.clients, mailbox: mailbox)
        operations = OperationRunner(
            operations: watcher.operations, browser: watcher.browser, mailbox: mailbox, files: files,
            invocation: settings.invocation)
    }

    var elapsed: Duration { watcher.elapsed }

    func run() async {
        async let forwarding: Void = forward()
        await watcher.run()
        await forwarding
    }

    private func forward() async {
        for await event in watcher.events {
            switch event {
            case .connecting: mailbox.post(.connecting)
            case .snapshot(let snapshot): mailbox.post(.snapshotArrived(snapshot))
            case .retry(let delay, let attempt): mailbox.post(.retryScheduled(in: delay, attempt: attempt))
            }
        }
    }

    func perform(_ effect: Effect) async {
        switch effect {
        case .setInterval(let interval): await watcher.setInterval(interval)
        case .reconnect:
            // It may wait for a poll under way; keys must not.
            Task { await watcher.reconnect() }
        case .estimate: keyspace.estimate()
        case .sweep(let full): keyspace.sweep(full: full)
        case .cancelSweep: keyspace.cancel()
        case .lookAtClients: clients.look()
        case .strain(let isStrained):
            keyspace.strain(isStrained)
            operations.strain(isStrained)
        case .log(let change): logger.write(LogLine(change))
        default: operations.perform(effect)
        }
    }

    func finish(unread: Set<Ticket>) async -> ReceiptBook {
        keyspace.cancel()
        return await operations.finish(unread: unread)
    }
}
