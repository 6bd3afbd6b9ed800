internal import CacheWatch
internal import Dashboard
internal import NIOConcurrencyHelpers

/// Looks at the keyspace for the dashboard, beside polls and keys.
final class KeyspaceRunner: Sendable {
    private let surveyor: KeyspaceSurveyor
    private let sample: Int
    private let mailbox: Mailbox
    private let control = NIOLockedValueBox<SweepControl?>(nil)
    private let strained = NIOLockedValueBox(false)

    init(surveyor: KeyspaceSurveyor, sample: Int, mailbox: Mailbox) {
        self.surveyor = surveyor
        self.sample = sample
        self.mailbox = mailbox
    }

    func estimate() {
        Task { mailbox.post(.namespaces(.estimated(await surveyor.estimate(sample: sample)))) }
    }

    func sweep(full: Bool) {
        let control = SweepControl()
        control.strain(strained.withLockedValue { $0 })
        self.control.withLockedValue { $0 = control }
        Task {
            let report = await surveyor.sweep(SweepOptions(full: full), control: control) { [mailbox] progress in
                mailbox.post(.namespaces(.sweeping(progress)))
            }
            mailbox.post(.namespaces(.swept(report)))
        }
    }

    func strain(_ isStrained: Bool) {
        strained.withLockedValue { $0 = isStrained }
        control.withLockedValue { $0 }?.strain(isStrained)
    }

    func cancel() { control.withLockedValue { $0 }?.cancel() }
}
