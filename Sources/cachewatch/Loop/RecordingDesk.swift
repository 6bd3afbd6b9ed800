internal import CacheModel
internal import CacheWatch
internal import Dashboard
internal import Recording

/// Records what the dashboard shows, where somebody has asked for it.
struct RecordingDesk {
    let settings: Settings
    let mailbox: Mailbox
    /// What is done by them is recorded, too.
    let operations: CacheOperations
    private var recorder: Recorder?

    init(
        settings: Settings, mailbox: Mailbox, operations: CacheOperations, _ recorder: Recorder? = nil,
        path: String? = nil
    ) {
        (self.settings, self.mailbox, self.operations) = (settings, mailbox, operations)
        if let recorder, let path { begin(recorder, path) }
    }

    private mutating func begin(_ recorder: Recorder, _ path: String) {
        self.recorder = recorder
        operations.tellActs(to: { recorder.note($0) })
        mailbox.post(.recording(.began(path: path)))
        Task { [mailbox] in
            for await event in recorder.events {
                switch event {
                case .paused(let words): mailbox.post(.recording(.paused(Printable.escape(words))))
                case .resumed: mailbox.post(.recording(.resumed))
                }
            }
        }
    }

    /// - Parameters:
    ///   - snapshot: with the latest looks at keys and clients.
    ///   - changes: of the alerts, that it has made.
    func note(_ snapshot: Snapshot, _ changes: [AlertChange], raised: [Alert]) {
        guard let recorder else { return }
        recorder.note(snapshot, changes, raised: raised)
    }

    mutating func perform(_ order: RecordingOrder) async {
        switch order {
        case .mark(let words): recorder?.mark(words)
        case .end:
            await close()
            operations.tellActs(to: nil)
            recorder = nil
            mailbox.post(.recording(.ended))
        case .begin(let path):
            do throws(RecordError) {
                let path = (try? Environment.path(path)) ?? path
                let before = recorder
                begin(try Recorder.open(RecordOrder(path: path, settings, operations.files)), path)
                // The one before goes on where this one cannot.
                await before?.close()
            } catch { mailbox.post(.recording(.failed(Printable.escape("\(error)")))) }
        }
    }

    func close() async { await recorder?.close() }
}
