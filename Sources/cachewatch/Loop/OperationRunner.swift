internal import CacheWatch
internal import CacheModel
internal import CommandLineModel
internal import Dashboard
internal import Synchronization

/// Does to the server what the dashboard has confirmed, and looks at its keys, beside polls and keyboard.
final class OperationRunner: Sendable {
    /// What takes its time, one after the other.
    private struct Long {
        var number = 0
        var control: SweepControl?
        var task: Task<Void, Never>?
        /// False for what nobody waits for any more.
        var isWanted = false
    }

    /// What is told after the screen was given back.
    private struct Told {
        var book = ReceiptBook()
        /// True once nobody looks at the screen any more.
        var isAfterwards = false
    }

    private let operations: CacheOperations
    private let browser: KeyBrowser
    private let mailbox: Mailbox
    private let files: OperationFiles
    private let invocation: Invocation
    private let long = Mutex(Long())
    private let strained = Mutex(false)
    private let told = Mutex(Told())
    /// What takes a few round trips, by number.
    private let short = Mutex<(next: Int, tasks: [Int: Task<Void, Never>])>((0, [:]))

    init(
        operations: CacheOperations, browser: KeyBrowser, mailbox: Mailbox, files: OperationFiles,
        invocation: Invocation = Invocation()
    ) {
        self.operations = operations
        self.browser = browser
        self.mailbox = mailbox
        self.files = files
        self.invocation = invocation
    }

    /// Effects that are somebody else's are passed over.
    func perform(_ effect: Effect) {
        switch effect {
        case .browse(let scope, let cursor, let wanted, let ticket): browse(scope, cursor, wanted, ticket)
        case .inspect(let key, let cursor): inspect(key, cursor)
        case .findAccess: findAccess()
        case .planFlush(let name, let pace):
            run(.flush, .look) { [operations] control, tell throws(CacheError) in
                .flushPlanned(
                    try await operations.plan(flush: name, acts: true, pace: pace, control: control, tell: tell))
            }
        case .flush(let plan, let confirmation, let journals, let pace):
            let path = journals ? files.journal(for: "flush", scope: plan.namespace, at: .now) : nil
            run(.flush, Undertaking(.flush, plan.namespace, journal: journal(path))) {
                [operations] control, tell throws(CacheError) in
                .flushed(
                    try await operations.flush(
                        plan, confirmation, journal: path.map { .file($0) } ?? .none, pace: pace, control: control,
                        tell: tell))
            }
        case .planRepair(let name, let pace):
            run(.repair, .look) { [operations] control, tell throws(CacheError) in
                .repairPlanned(
                    try await operations.plan(repair: name, acts: true, pace: pace, control: control, tell: tell))
            }
        case .repair(let plan, let confirmation, let pace):
            let path = files.journal(for: "repair", scope: plan.namespace, at: .now)
            run(.repair, Undertaking(.repair, plan.namespace, journal: journal(path))) {
                [operations] control, tell throws(CacheError) in
                .repaired(
                    try await operations.repair(
                        plan, confirmation, journal: .file(path), pace: pace, control: control, tell: tell))
            }
        case .undo(let typed, let isDryRun, let pace):
            // No shell has seen it.
            let path = (try? Environment.path(typed)) ?? typed
            run(.undo, isDryRun ? .look : Undertaking(.undo, Printable.escape(path))) {
                [operations] control, tell throws(CacheError) in
                // The dialog says where from and where to, and is answered after that.
                let choices = UndoChoices(isDryRun: isDryRun, isTargetNamed: true)
                return .undone(
                    try await operations.undo(path, choices, pace: pace, control: control, tell: tell),
                    isDryRun: isDryRun)
            }
        case .listRevoked: listRevoked("")
        case .searchRevoked(let text): listRevoked(text)
        case .cancelOperation: long.withLock { $0.control }?.cancel()
        case .hurryOperation: long.withLock { $0.control }?.hurry()
        case .dropOperation: drop()
        case .findLayout, .revoke, .cutOff, .unrevoke, .unrevokeUser, .rewriteLost, .setLifetime, .deleteKey:
            performAtOnce(effect)
        default: break
        }
    }

    private static let mostListed = 10_000

    private func listRevoked(_ search: String) {
        run(.list, .look) { [operations] control, tell throws(CacheError) in
            .listed(
                try await operations.revoked(
                    RevokedList.Search(search), limit: Self.mostListed, pace: .gentle, control: control, tell: tell))
        }
    }

    private func journal(_ path: String?) -> Undertaking.Journal {
        path.map { .file($0, undo: invocation.undo($0)) } ?? .none
    }

    /// What takes a few round trips.
    private func performAtOnce(_ effect: Effect) {
        switch effect {
        case .findLayout:
            soon(.layout, .look) { [operations] () throws(CacheError) in
                .layout(try await operations.blacklistLayout().words)
            }
        case .revoke(let request):
            let ids = request.tokens.map { Printable.escape($0.id, limit: 80) }.joined(separator: ", ")
            soon(.revoke, Undertaking(.revoke, ids)) { [operations] () throws(CacheError) in
                .revoked(try await operations.revoke(request))
            }
        case .unrevoke(let id, let typed):
            soon(.unrevoke, Undertaking(.unrevoke, Printable.escape(id, limit: 80))) {
                [operations] () throws(CacheError) in
                .unrevoked(id, try await operations.unrevoke(id, typed: typed))
            }
        case .cutOff(let request, let typed):
            let name = "user \(Printable.escape(request.user, limit: 80))"
            soon(.cutOff, Undertaking(.cutOff, name)) { [operations] () throws(CacheError) in
                .cutOff(try await operations.cutOff(request, typed: typed))
            }
        case .unrevokeUser(let user, let typed):
            let name = "user \(Printable.escape(user, limit: 80))"
            soon(.unrevoke, Undertaking(.unrevoke, name)) { [operations] () throws(CacheError) in
                .unrevokedUser(user, try await operations.unrevoke(user: user, typed: typed))
            }
        case .rewriteLost:
            soon(.rewrite, Undertaking(.revoke, "what was lost")) { [operations, mailbox] () throws(CacheError) in
                let results = try await operations.rewriteLost()
                do throws(CacheError) {
                    return .revoked(results, cutOffs: try await operations.rewriteLostCutOffs())
                } catch {
                    if results.isEmpty { throw error }
                    mailbox.post(.operation(.failed(.rewrite, error.description)))
                    return .revoked(results)
                }
            }
        case .setLifetime(let key, let lifetime, let readmits):
            let name = Printable.escape(key, limit: 60)
            soon(.key, Undertaking(.setLifetime, name)) { [operations] () throws(CacheError) in
                let isDone = try await operations.setLifetime(of: key, to: lifetime, readmits: readmits)
                let words = lifetime.map { "\(name) expires in \(Format.duration($0))" } ?? "\(name) never expires"
                return .keyChanged(key, isDone ? words : "\(name) is not there any more")
            }
        case .deleteKey(let key, let readmits):
            let name = Printable.escape(key, limit: 60)
            soon(.key, Undertaking(.delete, name, journal: .folder(files.journals))) {
                [operations] () throws(CacheError) in
                .keyDeleted(key, journal: try await operations.delete(key, readmits: readmits))
            }
        default: break
        }
    }

    func strain(_ isStrained: Bool) {
        strained.withLock { $0 = isStrained }
        long.withLock { $0.control }?.strain(isStrained)
    }

    /// Stops what runs at its next batch, and waits for it.
    ///
    /// - Parameter unread: what was told to a screen that nobody looks at any more.
    /// - Returns: what whoever has just left the dashboard is to know.
    func finish(unread: [Action] = []) async -> ReceiptBook {
        told.withLock { $0.isAfterwards = true }
        let task = long.withLock { long in
            long.control?.cancel()
            return long.task
        }
        await task?.value
        for task in short.withLock({ Array($0.tasks.values) }) { await task.value }
        for case .operation(let event) in unread + mailbox.takeAll() {
            if let outcome = outcome(of: event) { told.withLock { $0.book.note(outcome, .afterwards) } }
        }
        return told.withLock { $0.book }
    }

    // MARK: how they run

    private func run(
        _ kind: OperationKind, _ undertaking: Undertaking,
        _ body:
            @escaping @Sendable (
                SweepControl, @escaping @Sendable (OperationProgress) -> Void
            ) async throws(CacheError) -> OperationEvent
    ) {
        let control = SweepControl()
        control.strain(strained.withLock { $0 })
        long.withLock { long in
            long.control?.cancel()
            let before = long.task
            long.number += 1
            let number = long.number
            (long.control, long.isWanted) = (control, true)
            long.task = Task { [self] in
                await before?.value
                let underWay = Departure.shared.begin(undertaking)
                defer { underWay.end() }
                let event: OperationEvent
                var outcome: Outcome?
                do throws(CacheError) {
                    event = try await body(control) { [self] progress in
                        underWay.note(done: progress.done)
                        if isWanted(number) { mailbox.post(.operation(.progress(progress))) }
                    }
                    outcome = self.outcome(of: event)
                } catch {
                    event = .failed(kind, error.description)
                    outcome = failure(undertaking, error)
                }
                tell(event, outcome, isWatched: isWanted(number))
            }
        }
    }

    private func soon(
        _ kind: OperationKind, _ undertaking: Undertaking,
        _ body: @escaping @Sendable () async throws(CacheError) -> OperationEvent
    ) {
        let underWay = Departure.shared.begin(undertaking)
        short.withLock { short in
            let number = short.next
            short.next += 1
            short.tasks[number] = Task { [self] in
                defer {
                    underWay.end()
                    self.short.withLock { $0.tasks[number] = nil }
                }
                do throws(CacheError) {
                    let event = try await body()
                    tell(event, outcome(of: event), isWatched: true)
                } catch { tell(.failed(kind, error.description), failure(undertaking, error), isWatched: true) }
            }
        }
    }

    // MARK: what is told of them

    /// Tells the screen, where there is one; what has changed something also where nobody waits for it any more.
    private func tell(_ event: OperationEvent, _ outcome: Outcome?, isWatched: Bool) {
        let isShown = told.withLock { told in
            if told.isAfterwards {
                if let outcome { told.book.note(outcome, .afterwards) }
                return false
            }
            guard let outcome else { return isWatched }
            // What passes by on the screen is read again when it is gone.
            if !isWatched {
                told.book.note(outcome, .hidden)
            } else if event.isReceipt {
                told.book.note(outcome, .watched)
            }
            return isWatched || outcome.hasChanged
        }
        if isShown { mailbox.post(.operation(event)) }
    }

    /// nil for what has changed nothing by its nature.
    private func outcome(of event: OperationEvent) -> Outcome? {
        switch event {
        case .flushed(let receipt): Outcome(receipt)
        case .repaired(let receipt): Outcome(receipt)
        case .undone(let receipt, isDryRun: false): Outcome(receipt, isDryRun: false)
        case .revoked(let results, let cutOffs): Outcome(results, cutOffs, invocation)
        case .cutOff(let result): Outcome(result)
        case .unrevokedUser(let user, let key): Outcome(unrevokedUser: user, key: key)
        case .unrevoked(let id, let keys): Outcome(unrevoked: id, keys: keys)
        case .keyChanged(_, let words): Outcome(lines: [words], status: .done, hasChanged: true)
        case .keyDeleted(let key, let journal):
            Outcome(deleted: Printable.escape(key, limit: 60), undo: journal.map(invocation.undo))
        case .undone, .access, .progress, .flushPlanned, .repairPlanned, .layout, .listed, .failed: nil
        }
    }

    private func failure(_ undertaking: Undertaking, _ error: CacheError) -> Outcome? {
        guard undertaking.kind != .look else { return nil }
        let isKnown =
            switch error {
            case .timedOut, .closed: false
            default: true
            }
        return Outcome(failure: undertaking.name, words: error.description, isKnown: isKnown)
    }

    private func isWanted(_ number: Int) -> Bool { long.withLock { $0.number == number && $0.isWanted } }

    private func drop() {
        long.withLock { long in
            long.control?.cancel()
            long.isWanted = false
        }
    }

    // MARK: looking at keys

    private func browse(_ scope: KeyScope, _ cursor: [UInt8]?, _ wanted: Int, _ ticket: Int) {
        Task { [browser, mailbox] in
            let page = await browser.page(of: scope, from: cursor, wanted: wanted) { names in
                mailbox.post(.keys(.names(names, ticket: ticket)))
            }
            mailbox.post(.keys(.page(page, ticket: ticket)))
        }
    }

    private func inspect(_ key: [UInt8], _ cursor: KeyCursor) {
        Task { [browser, mailbox] in
            do throws(CacheError) {
                mailbox.post(.keys(.inspected(try await browser.inspect(key, from: cursor))))
            } catch { mailbox.post(.keys(.notInspected(key, error.description))) }
        }
    }

    private func findAccess() {
        Task { [operations, mailbox] in
            do throws(CacheError) {
                let access = try await operations.access()
                mailbox.post(.operation(.access(access.isAllowed ? nil : access.words)))
            } catch {
                // Whoever acts is told why it fails.
            }
        }
    }
}

extension OperationEvent {
    /// True for what is worth a few lines when the screen is gone, also where it was read there.
    fileprivate var isReceipt: Bool {
        switch self {
        case .flushed, .repaired, .undone(_, isDryRun: false): true
        default: false
        }
    }
}
