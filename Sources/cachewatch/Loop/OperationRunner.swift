internal import CacheWatch
internal import CacheModel
internal import Dashboard
internal import Synchronization

/// Does to the server what the dashboard has confirmed, and looks at its keys, beside polls and keyboard.
final class OperationRunner: Sendable {
    /// What takes its time, one after the other.
    private struct Long {
        var number = 0
        var control: SweepControl?
        var task: Task<Void, Never>?
        /// False for what nobody wants to know any more.
        var isWanted = false
    }

    private let operations: CacheOperations
    private let browser: KeyBrowser
    private let mailbox: Mailbox
    private let long = Mutex(Long())
    private let strained = Mutex(false)
    /// What ended after the screen was given back.
    private let lastWords = Mutex<[String]>([])
    /// What takes a few round trips, by number.
    private let short = Mutex<(next: Int, tasks: [Int: Task<Void, Never>])>((0, [:]))

    init(operations: CacheOperations, browser: KeyBrowser, mailbox: Mailbox) {
        self.operations = operations
        self.browser = browser
        self.mailbox = mailbox
    }

    /// Effects that are somebody else's are passed over.
    func perform(_ effect: Effect) {
        switch effect {
        case .browse(let scope, let cursor, let wanted, let ticket): browse(scope, cursor, wanted, ticket)
        case .inspect(let key, let cursor): inspect(key, cursor)
        case .findAccess: findAccess()
        case .planFlush(let name, let pace):
            run(.flush) { [operations] control, tell throws(CacheError) in
                .flushPlanned(
                    try await operations.plan(flush: name, acts: true, pace: pace, control: control, tell: tell))
            }
        case .flush(let plan, let confirmation, let journals, let pace):
            run(.flush) { [operations] control, tell throws(CacheError) in
                .flushed(
                    try await operations.flush(
                        plan, confirmation, journal: journals ? .automatic : .none, pace: pace, control: control,
                        tell: tell))
            }
        case .planRepair(let name, let pace):
            run(.repair) { [operations] control, tell throws(CacheError) in
                .repairPlanned(
                    try await operations.plan(repair: name, acts: true, pace: pace, control: control, tell: tell))
            }
        case .repair(let plan, let confirmation, let pace):
            run(.repair) { [operations] control, tell throws(CacheError) in
                .repaired(
                    try await operations.repair(plan, confirmation, pace: pace, control: control, tell: tell))
            }
        case .undo(let path, let isDryRun, let pace):
            run(.undo) { [operations] control, tell throws(CacheError) in
                // The dialog says where from and where to, and is answered after that.
                let choices = UndoChoices(isDryRun: isDryRun, isTargetNamed: true)
                return .undone(
                    try await operations.undo(path, choices, pace: pace, control: control, tell: tell),
                    isDryRun: isDryRun)
            }
        case .listRevoked:
            run(.list) { [operations] control, tell throws(CacheError) in
                let (tokens, isWhole) = try await operations.revoked(
                    limit: Self.mostListed, pace: .gentle, control: control, tell: tell)
                return .listed(tokens, isWhole: isWhole)
            }
        case .cancelOperation: long.withLock { $0.control }?.cancel()
        case .hurryOperation: long.withLock { $0.control }?.hurry()
        case .dropOperation: drop()
        case .findLayout, .revoke, .unrevoke, .rewriteLost, .setLifetime, .deleteKey: performAtOnce(effect)
        default: break
        }
    }

    private static let mostListed = 10_000

    /// What takes a few round trips.
    private func performAtOnce(_ effect: Effect) {
        switch effect {
        case .findLayout:
            soon(.layout) { [operations] () throws(CacheError) in
                .layout(try await operations.blacklistLayout().words)
            }
        case .revoke(let request):
            soon(.revoke) { [operations] () throws(CacheError) in .revoked(try await operations.revoke(request)) }
        case .unrevoke(let id, let typed):
            soon(.unrevoke) { [operations] () throws(CacheError) in
                .unrevoked(id, try await operations.unrevoke(id, typed: typed))
            }
        case .rewriteLost:
            soon(.rewrite) { [operations] () throws(CacheError) in .revoked(try await operations.rewriteLost()) }
        case .setLifetime(let key, let lifetime):
            soon(.key) { [operations] () throws(CacheError) in
                let isDone = try await operations.setLifetime(of: key, to: lifetime)
                let name = Printable.escape(key, limit: 60)
                let words = lifetime.map { "\(name) expires in \(Format.duration($0))" } ?? "\(name) never expires"
                return .keyChanged(key, isDone ? words : "\(name) is not there any more")
            }
        case .deleteKey(let key):
            soon(.key) { [operations] () throws(CacheError) in
                .keyDeleted(key, journal: try await operations.delete(key))
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
    /// - Returns: the receipt of what changed something, for whoever has just left the dashboard.
    func finish() async -> [String] {
        let task = long.withLock { long in
            long.control?.cancel()
            return long.task
        }
        await task?.value
        for task in short.withLock({ Array($0.tasks.values) }) { await task.value }
        return lastWords.withLock { $0 }
    }

    // MARK: how they run

    private func run(
        _ kind: OperationKind,
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
                var event: OperationEvent
                do throws(CacheError) {
                    event = try await body(control) { [self] progress in
                        if isWanted(number) { mailbox.post(.operation(.progress(progress))) }
                    }
                } catch { event = .failed(kind, error.description) }
                guard isWanted(number) else { return }
                keep(event)
                mailbox.post(.operation(event))
            }
        }
    }

    private func soon(
        _ kind: OperationKind, _ body: @escaping @Sendable () async throws(CacheError) -> OperationEvent
    ) {
        short.withLock { short in
            let number = short.next
            short.next += 1
            short.tasks[number] = Task { [self] in
                var event: OperationEvent
                do throws(CacheError) { event = try await body() } catch { event = .failed(kind, error.description) }
                mailbox.post(.operation(event))
                self.short.withLock { $0.tasks[number] = nil }
            }
        }
    }

    private func isWanted(_ number: Int) -> Bool { long.withLock { $0.number == number && $0.isWanted } }

    private func drop() {
        long.withLock { long in
            long.control?.cancel()
            long.isWanted = false
        }
    }

    private func keep(_ event: OperationEvent) {
        let words: [String] =
            switch event {
            case .flushed(let receipt): OperationWords.receipt(receipt)
            case .repaired(let receipt): OperationWords.receipt(receipt)
            case .undone(let receipt, isDryRun: false): OperationWords.receipt(receipt, isDryRun: false)
            default: []
            }
        lastWords.withLock { $0 = words }
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
