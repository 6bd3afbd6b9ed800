internal import CacheWatch
internal import CacheModel
internal import CommandLineModel
internal import Dashboard
internal import NIOConcurrencyHelpers

/// Does to the server what the dashboard has confirmed, and looks at its keys, beside polls and keyboard.
final class OperationRunner: Sendable {
    /// What is told after the screen was given back.
    private struct Told {
        var book = ReceiptBook()
        /// True once nobody looks at the screen any more.
        var isAfterwards = false
    }

    private struct Looked {
        var journal: UInt64
        var place: UndoPlace?
    }

    private let operations: CacheOperations
    private let browser: KeyBrowser
    private let mailbox: Mailbox
    private let files: OperationFiles
    private let outcomes: ActOutcomes
    private let long = LongRuns()
    /// The journal that an undo was last shown of, and where it was looked at, by its path.
    private let looked = NIOLockedValueBox<[String: Looked]>([:])
    private let told = NIOLockedValueBox(Told())
    /// What takes a few round trips.
    private let short = NIOLockedValueBox<[Ticket: Task<Void, Never>]>([:])

    init(
        operations: CacheOperations, browser: KeyBrowser, mailbox: Mailbox, files: OperationFiles,
        invocation: Invocation = Invocation()
    ) {
        self.operations = operations
        self.browser = browser
        self.mailbox = mailbox
        self.files = files
        outcomes = ActOutcomes(invocation: invocation)
    }

    /// Effects that are somebody else's are passed over.
    func perform(_ effect: Effect) {
        switch effect {
        case .browse(let scope, let narrowing, let cursor, let wanted, let ticket):
            browse(scope, narrowing, cursor, wanted, ticket)
        case .inspect(let key, let cursor, let ticket): inspect(key, cursor, ticket)
        case .act(let act, let ticket, let place): perform(act, ticket, shownOn: place)
        case .stop(let ticket): long.control(of: ticket)?.cancel()
        case .hurry(let ticket): long.control(of: ticket)?.hurry()
        case .drop(let ticket): long.drop(ticket)
        default: break
        }
    }

    private func perform(_ act: Act, _ ticket: Ticket, shownOn place: Place?) {
        switch act {
        case .planFlush(let scope, let pace):
            run(ticket, .flush, .look) { [operations] control, tell throws(CacheError) in
                .flushPlanned(
                    try await operations.plan(flush: scope, acts: true, pace: pace, control: control, tell: tell))
            }
        case .flush(let plan, let confirmation, let journals, let pace):
            let path = journals ? files.journal(for: "flush", scope: plan.scope.name, at: .now) : nil
            run(ticket, .flush, Undertaking(.flush, plan.scope.words, journal: journal(path))) {
                [operations] control, tell throws(CacheError) in
                .flushed(
                    try await operations.flush(
                        plan, confirmation, journal: path.map { .file($0) } ?? .none, pace: pace, control: control,
                        tell: tell))
            }
        case .planRepair(let scope, let ttl, let pace):
            run(ticket, .repair, .look) { [operations] control, tell throws(CacheError) in
                .repairPlanned(
                    try await operations.plan(
                        repair: scope, ttl: ttl, acts: true, pace: pace, control: control, tell: tell))
            }
        case .repair(let plan, let confirmation, let pace):
            let path = files.journal(for: "repair", scope: plan.scope.name, at: .now)
            run(ticket, .repair, Undertaking(.repair, plan.scope.words, journal: journal(path))) {
                [operations] control, tell throws(CacheError) in
                .repaired(
                    try await operations.repair(
                        plan, confirmation, journal: .file(path), pace: pace, control: control, tell: tell))
            }
        case .undo(let typed, let isDryRun, let pace):
            // No shell has seen it.
            let path = (try? Environment.path(typed)) ?? typed
            // What was looked at last when it was confirmed, and not by the time that it begins.
            let confirmed = isDryRun ? nil : looked.withLockedValue { $0[path] }
            run(ticket, .undo, isDryRun ? .look : Undertaking(.undo, Printable.escape(path))) {
                [self] control, tell throws(CacheError) in
                // The dialog says where from and where to, and is answered after that.
                var choices = UndoChoices(isDryRun: isDryRun, isTargetNamed: true, isAnotherMeant: true)
                (choices.journal, choices.place) = (confirmed?.journal, confirmed?.place)
                let receipt = try await operations.undo(path, choices, pace: pace, control: control, tell: tell)
                if isDryRun {
                    looked.withLockedValue { $0 = [path: Looked(journal: receipt.header.id, place: receipt.place)] }
                }
                return .undone(receipt, isDryRun: isDryRun)
            }
        case .listRevoked: listRevoked("", ticket)
        case .listJournals:
            soon(ticket, .list, .look) { [files] () throws(CacheError) in .journals(try files.listedJournals()) }
        case .searchRevoked(let text): listRevoked(text, ticket)
        case .findAccess, .findLayout, .revoke, .cutOff, .unrevoke, .unrevokeUser, .rewriteLost, .setLifetime,
            .deleteKey, .planKill, .kill:
            performAtOnce(act, ticket, shownOn: place)
        }
    }

    private static let mostListed = 10_000

    private func listRevoked(_ search: String, _ ticket: Ticket) {
        run(ticket, .list, .look) { [operations] control, tell throws(CacheError) in
            .listed(
                try await operations.revoked(
                    RevokedList.Search(search), limit: Self.mostListed, pace: .gentle, control: control, tell: tell))
        }
    }

    private func journal(_ path: String?) -> Undertaking.Journal {
        path.map { .file($0, undo: outcomes.invocation.undo($0)) } ?? .none
    }

    /// What takes a few round trips.
    private func performAtOnce(_ act: Act, _ ticket: Ticket, shownOn place: Place?) {
        switch act {
        case .findAccess: findAccess(ticket)
        case .findLayout:
            soon(ticket, .layout, .look) { [operations] () throws(CacheError) in
                .layout(try await operations.blacklistLayout().words)
            }
        case .revoke(let request):
            let ids = request.tokens.map { Printable.escape($0.id, limit: 400) }.joined(separator: ", ")
            soon(ticket, .revoke, Undertaking(.revoke, ids)) { [operations] () throws(CacheError) in
                .revoked(try await operations.revoke(request))
            }
        case .unrevoke(let id, let typed, let claims):
            soon(ticket, .unrevoke, Undertaking(.unrevoke, Printable.escape(id, limit: 400))) {
                [operations] () throws(CacheError) in
                let done = try await operations.unrevoke(id, typed: typed, claims: claims)
                return .unrevoked(id, done.keys, done.barrier)
            }
        case .cutOff(let request, let typed):
            let name = "user \(Printable.escape(request.user, limit: 400))"
            soon(ticket, .cutOff, Undertaking(.cutOff, name)) { [operations] () throws(CacheError) in
                .cutOff(try await operations.cutOff(request, typed: typed))
            }
        case .unrevokeUser(let user, let typed):
            let name = "user \(Printable.escape(user, limit: 400))"
            soon(ticket, .unrevoke, Undertaking(.unrevoke, name)) { [operations] () throws(CacheError) in
                .unrevokedUser(user, try await operations.unrevoke(user: user, typed: typed))
            }
        case .rewriteLost:
            let undertaking = Undertaking(.revoke, "what was lost")
            soon(ticket, .rewrite, undertaking) { [self] () throws(CacheError) in
                let results = try await operations.rewriteLost()
                do throws(CacheError) {
                    return .revoked(results, cutOffs: try await operations.rewriteLostCutOffs())
                } catch {
                    if results.isEmpty { throw error }
                    tell(
                        .failed(.rewrite, error.advice, doubt: outcomes.doubt(undertaking, error)), ticket,
                        outcomes.failure(undertaking, error), isWatched: true)
                    return .revoked(results)
                }
            }
        case .setLifetime(let key, let lifetime, let readmits):
            let name = Printable.escape(key, limit: 60)
            soon(ticket, .key, Undertaking(.setLifetime, name)) { [operations] () throws(CacheError) in
                let isDone = try await operations.setLifetime(
                    of: key, to: lifetime, readmits: readmits, shownOn: Self.runIDs(place))
                let words = lifetime.map { "\(name) expires in \(Format.duration($0))" } ?? "\(name) never expires"
                return isDone ? .keyChanged(key, words) : .keyMissing(key)
            }
        case .deleteKey(let key, let readmits, let forGood):
            let name = Printable.escape(key, limit: 60)
            let journal: Undertaking.Journal = forGood ? .none : .folder(files.journals)
            soon(ticket, .key, Undertaking(.delete, name, journal: journal)) {
                [operations] () throws(CacheError) in
                let removal = try await operations.remove(
                    key, readmits: readmits, forGood: forGood, shownOn: Self.runIDs(place))
                return switch removal {
                case nil: .keyDeleted(key, journal: nil)
                case .journalled(let path, let objection):
                    .keyDeleted(key, journal: path, undoObjection: objection)
                case .gone(let bytes): .keyGone(key, bytes: bytes)
                case .stays(let bytes): .keyTooLarge(key, bytes: bytes)
                }
            }
        case .planKill(let selection):
            soon(ticket, .kill, .look) { [operations] () throws(CacheError) in
                .killPlanned(try await operations.plan(kill: selection))
            }
        case .kill(let plan, let typed):
            let name = Printable.escape(plan.selection.name, limit: 400)
            soon(ticket, .kill, Undertaking(.kill, name)) { [operations] () throws(CacheError) in
                .killed(try await operations.kill(plan, typed: typed))
            }
        case .planFlush, .flush, .planRepair, .repair, .undo, .listRevoked, .searchRevoked, .listJournals: break
        }
    }

    private static func runIDs(_ place: Place?) -> Set<String>? { place.map { Set($0.runIDs.values) } }

    func strain(_ isStrained: Bool) { long.strain(isStrained) }

    /// Stops what runs at its next batch, and waits for it.
    ///
    /// - Parameter unread: acts whose results were told to the screen after it was drawn for the last time.
    /// - Returns: what whoever has just left the dashboard is to know.
    func finish(unread: Set<Ticket> = []) async -> ReceiptBook {
        told.withLockedValue { $0.isAfterwards = true }
        // Whatever hangs from here on, this is said.
        Departure.shared.settleSoFar(noteUnread(unread))
        await long.finish()
        for task in short.withLockedValue({ Array($0.values) }) { await task.value }
        return told.withLockedValue { $0.book }
    }

    /// What was told to the screen and is not on it: all of it is in the mailbox, for nothing more is told there.
    private func noteUnread(_ unread: Set<Ticket>) -> ReceiptBook {
        let late = mailbox.takeAll().compactMap(\.ticket)
        return told.withLockedValue { told in
            told.book.noteUnread(unread.union(late).map(\.number))
            return told.book
        }
    }

    // MARK: how they run

    private func run(
        _ ticket: Ticket, _ kind: OperationKind, _ undertaking: Undertaking,
        _ body:
            @escaping @Sendable (
                SweepControl, @escaping @Sendable (OperationProgress) -> Void
            ) async throws(CacheError) -> OperationEvent
    ) {
        // What was confirmed is under way from now on, also while it waits for what runs before it.
        let underWay = Departure.shared.begin(undertaking)
        long.begin(ticket, isAct: undertaking.kind != .look) { [self] control in
            defer { end(underWay) }
            do throws(CacheError) {
                let event = try await body(control) { [self] progress in
                    underWay.note(done: progress.done)
                    if long.isWanted(ticket) { mailbox.post(.operation(.progress(progress), ticket)) }
                }
                tell(event, ticket, outcomes.outcome(of: event), isWatched: long.isWanted(ticket))
            } catch {
                tell(
                    outcomes.failed(kind, undertaking, error), ticket, outcomes.failure(undertaking, error),
                    isWatched: long.isWanted(ticket))
            }
        }
    }

    private func soon(
        _ ticket: Ticket, _ kind: OperationKind, _ undertaking: Undertaking,
        _ body: @escaping @Sendable () async throws(CacheError) -> OperationEvent
    ) {
        let underWay = Departure.shared.begin(undertaking)
        short.withLockedValue { short in
            short[ticket] = Task { [self] in
                defer {
                    end(underWay)
                    self.short.withLockedValue { $0[ticket] = nil }
                }
                do throws(CacheError) {
                    let event = try await body()
                    tell(event, ticket, outcomes.outcome(of: event), isWatched: true)
                } catch {
                    tell(
                        outcomes.failed(kind, undertaking, error), ticket, outcomes.failure(undertaking, error),
                        isWatched: true)
                }
            }
        }
    }

    // MARK: what is told of them

    /// Tells the screen, where there is one; what was to change something also where nobody waits for it any more.
    private func tell(_ event: OperationEvent, _ ticket: Ticket, _ outcome: Outcome?, isWatched: Bool) {
        let lapse = operations.takeAuditLapse()
        let outcome = outcome?.noting(lapse)
        if let lapse { mailbox.post(.noticed(lapse)) }
        told.withLockedValue { told in
            if told.isAfterwards {
                if let outcome { told.book.note(outcome, .afterwards) }
                return
            }
            if let outcome {
                // What passes by on the screen is read again when it is gone.
                let place: ReceiptBook.Place? = !isWatched ? .hidden : event.isReceipt ? .watched : nil
                told.book.post(outcome, number: ticket.number, place)
            }
            // In the same breath: whoever leaves finds it in the mailbox, or in the book.
            if isWatched || outcome != nil { mailbox.post(.operation(event, ticket)) }
        }
    }

    /// Where somebody is leaving, what it has come to is said from now on, and not that it is under way.
    private func end(_ underWay: Departure.UnderWay) {
        let book = told.withLockedValue { $0.isAfterwards ? $0.book : nil }
        if let book { underWay.end(telling: book) } else { underWay.end() }
    }

    // MARK: looking at keys

    private func browse(_ scope: KeyScope, _ narrowing: Glob?, _ cursor: [UInt8]?, _ wanted: Int, _ ticket: Int) {
        Task { [browser, mailbox] in
            let page = await browser.page(of: scope, matching: narrowing, from: cursor, wanted: wanted) { names in
                mailbox.post(.keys(.names(names, ticket: ticket)))
            }
            mailbox.post(.keys(.page(page, ticket: ticket)))
        }
    }

    private func inspect(_ key: [UInt8], _ cursor: KeyCursor, _ ticket: Int) {
        Task { [browser, mailbox] in
            do throws(CacheError) {
                mailbox.post(.keys(.inspected(try await browser.inspect(key, from: cursor), ticket: ticket)))
            } catch { mailbox.post(.keys(.notInspected(key, error.description, ticket: ticket))) }
        }
    }

    private func findAccess(_ ticket: Ticket) {
        Task { [operations, mailbox] in
            do throws(CacheError) {
                let access = try await operations.access()
                mailbox.post(.operation(.access(access.isAllowed ? nil : access.words), ticket))
            } catch {
                // Whoever acts meanwhile is told why it fails.
                mailbox.post(.operation(.accessUnknown, ticket))
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
