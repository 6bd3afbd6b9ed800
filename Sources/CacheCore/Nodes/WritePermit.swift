internal import NIOConcurrencyHelpers

/// Leave to send commands that may change something: without it a node is sent none of them.
///
/// It counts what was sent under it, so that afterwards nobody has to guess what has become of it.
package final class WritePermit: Sendable {
    /// What has become of the requests that hold such commands.
    package struct Account: Equatable, Sendable {
        /// Sent and not answered: they may have been executed.
        package var unanswered = 0
        /// Answered, and not with errors alone.
        package var done = 0

        package init(unanswered: Int = 0, done: Int = 0) {
            self.unanswered = unanswered
            self.done = done
        }

        /// True where the server is as it was, as far as it depends on what was sent.
        package var isUnused: Bool { unanswered + done == 0 }
    }

    private let state = NIOLockedValueBox(Account())

    package init() {}

    package var account: Account { state.withLockedValue { $0 } }

    func sends() { state.withLockedValue { $0.unanswered += 1 } }

    /// - Parameter isDone: whether the server has executed any of it.
    func isAnswered(isDone: Bool) {
        state.withLockedValue {
            $0.unanswered -= 1
            if isDone { $0.done += 1 }
        }
    }
}
