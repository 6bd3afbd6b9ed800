internal import CacheWatch
internal import Dashboard
internal import NIOConcurrencyHelpers

/// Looks at the clients for the dashboard, beside polls and keys: ten thousand of them are compared here, and not where
/// keys are waited for.
final class ClientRunner: Sendable {
    private let surveyor: ClientSurveyor
    private let mailbox: Mailbox
    private let seen = NIOLockedValueBox((memory: ClientMemory(), study: ClientStudy()))

    init(surveyor: ClientSurveyor, mailbox: Mailbox) {
        self.surveyor = surveyor
        self.mailbox = mailbox
    }

    /// One at a time, as the dashboard asks.
    func look() {
        Task {
            let look = await surveyor.look()
            let seen = seen.withLockedValue { seen in
                seen.memory.note(look)
                seen.study.note(look)
                return seen
            }
            mailbox.post(.clientsSeen(seen.memory, seen.study))
        }
    }
}
