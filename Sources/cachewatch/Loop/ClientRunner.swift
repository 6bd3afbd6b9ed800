internal import CacheWatch
internal import Dashboard
internal import NIOConcurrencyHelpers

/// Looks at the clients for the dashboard, beside polls and keys: ten thousand of them are compared here, and not where
/// keys are waited for.
final class ClientRunner: Sendable {
    private let surveyor: ClientSurveyor
    private let mailbox: Mailbox
    private let memory = NIOLockedValueBox(ClientMemory())

    init(surveyor: ClientSurveyor, mailbox: Mailbox) {
        self.surveyor = surveyor
        self.mailbox = mailbox
    }

    /// One at a time, as the dashboard asks.
    func look() {
        Task {
            let look = await surveyor.look()
            let seen = memory.withLockedValue { memory in
                memory.note(look)
                return memory
            }
            mailbox.post(.clientsSeen(seen))
        }
    }
}
