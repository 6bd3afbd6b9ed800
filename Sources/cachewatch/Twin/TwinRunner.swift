internal import CacheModel
internal import CacheWatch
internal import CommandLineModel
internal import Dashboard
internal import Logging
internal import NIOConcurrencyHelpers
internal import Recording

/// Brings what the dashboard is compared with: a recording, or another server.
actor TwinRunner {
    private let mailbox: Mailbox
    private let clock: CivilClock
    /// What is shown, without secrets.
    private let target: String
    /// The recording that is played: another time of it can stand beside it. nil for a server.
    private let played: String?
    private var twin: TwinReader?
    private var watching: Task<Void, Never>?
    private let orders: AsyncStream<TwinOrder>
    private let queue: AsyncStream<TwinOrder>.Continuation
    /// What is to be shown next: one that is played fast does not wait for each of its instants.
    private let wanted = NIOLockedValueBox<(now: WallTime, elapsed: Duration, jumps: Bool)?>(nil)

    init(mailbox: Mailbox, target: String, played: String? = nil, clock: CivilClock) {
        (self.mailbox, self.target, self.played, self.clock) = (mailbox, target, played, clock)
        (orders, queue) = AsyncStream.makeStream()
    }

    /// Until its task is cancelled.
    ///
    /// - Parameter server: to compare with from the beginning; nil for nothing before somebody asks.
    func run(_ server: Settings?) async {
        if let server { watch(server) }
        for await order in orders { perform(order) }
        watching?.cancel()
    }

    /// Keys do not wait for a disk.
    nonisolated func take(_ order: TwinOrder) {
        if case .show(let now, let elapsed, let jumps) = order {
            wanted.withLockedValue { $0 = (now, elapsed, jumps || $0?.jumps == true) }
        }
        queue.yield(order)
    }

    /// Looks whether a wish names a recording, before anything is shown.
    ///
    /// - Throws: ``RecordError`` for what is not there, or is no recording.
    static func check(_ wish: String) throws(RecordError) {
        _ = try RecordArchive.open(named(wish, LocalTime.clock).path)
    }

    /// A file that is there is meant, whatever its name has in it.
    private static func named(_ wish: String, _ clock: CivilClock) -> (path: String, time: String?) {
        if InputFile.isThere(path(wish)) { return (path(wish), nil) }
        let split = TwinAlignment.split(wish) { isTime($0, clock) }
        return (path(split.path), split.time)
    }

    private static func path(_ typed: String) -> String { (try? Environment.path(typed)) ?? typed }

    private func perform(_ order: TwinOrder) {
        do throws(RecordError) {
            switch order {
            case .wish(let text, let now, let elapsed): try take(text, now, elapsed)
            case .show:
                guard
                    let next = wanted.withLockedValue({ wanted in
                        defer { wanted = nil }
                        return wanted
                    })
                else { return }
                do throws(RecordError) {
                    if let event = try twin?.show(next.now, next.elapsed, jumps: next.jumps, clock) { post(event) }
                } catch { post(.missing(Printable.escape("\(error)"))) }
            case .end:
                watching?.cancel()
                (twin, watching) = (nil, nil)
            }
        } catch { post(.failed("Twin: \(Printable.escape("\(error)"))")) }
    }

    private func post(_ event: TwinEvent) { mailbox.post(.twin(event)) }

    /// A time of what is compared with, or something else to compare with.
    private func take(_ text: String, _ now: WallTime, _ elapsed: Duration) throws(RecordError) {
        if Self.isTime(text, clock) {
            guard watching == nil else { return post(.failed("What is compared is a server: it has no other time")) }
            if twin == nil {
                guard let played else {
                    return post(.failed("Nothing is compared yet: :twin PATH@\(Printable.escape(text))"))
                }
                return try open(played, time: text, now, elapsed)
            }
            if let words = try twin?.align(text, at: now, clock) { return post(.failed("Twin: \(words)")) }
            if let event = try twin?.show(now, elapsed, jumps: true, clock) { post(event) }
            return
        }
        let (path, time) = Self.named(text, clock)
        try open(path, time: time, now, elapsed)
    }

    private static func isTime(_ text: String, _ clock: CivilClock) -> Bool {
        TimeWish.parse(text, from: .now, clock) != nil
    }

    private func open(_ path: String, time: String?, _ now: WallTime, _ elapsed: Duration) throws(RecordError) {
        var found = TwinReader(try RecordArchive.open(path), path: path)
        let other = try found.target()
        let obstacle = try found.align(time, at: now, clock)
        watching?.cancel()
        (twin, watching) = (found, nil)
        post(.began(name: Printable.escape(path), isServer: false))
        if let other, other != target {
            post(.failed("Twin: of another deployment, \(Printable.escape(other))"))
        }
        if let obstacle {
            // It is there, and a time of it can be named.
            post(.missing(TwinReader.noTime))
            post(.failed("Twin: \(obstacle)"))
        }
    }

    private func watch(_ settings: Settings) {
        let name = settings.target
        post(.began(name: Printable.escape(name), isServer: true))
        let watcher = Watcher(
            settings: settings, logger: Logger(label: "twin") { _ in SwiftLogNoOpLogHandler() },
            files: Operator.filesOrNone, actor: Operator.actor, isInStep: true)
        watching = Task { [mailbox] in
            async let forwarding: Void = {
                for await event in watcher.events {
                    if case .snapshot(let snapshot) = event { mailbox.post(.twin(.came(snapshot, elapsed: nil))) }
                }
            }()
            await watcher.run()
            await forwarding
        }
    }
}
