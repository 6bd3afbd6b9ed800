package import CacheWire
internal import RedisValues
internal import NIOConcurrencyHelpers

/// Hears what a node publishes on a channel, for as long as it is there: over a connection of its own, opened again
/// whenever it has ended.
package final class Subscription: Sendable {
    private let listening = NIOLockedValueBox<Task<Void, Never>?>(nil)

    /// Connections that last longer begin the rests anew.
    private static let longestRest = Duration.seconds(5)

    /// - Parameter hear: gets each message, escaped, one after the other.
    package init(
        to channel: String, at endpoint: Endpoint, dialler: Dialler, hear: @escaping @Sendable (String) async -> Void
    ) {
        let task = Task {
            var backoff = Backoff(maximum: Self.longestRest)
            while !Task.isCancelled {
                let began = ContinuousClock.now
                await Self.listen(to: channel, at: endpoint, dialler, hear)
                if ContinuousClock.now - began > Self.longestRest { backoff.reset() }
                try? await Task.sleep(for: backoff.next(jitter: .random(in: 0...1)))
            }
        }
        listening.withLockedValue { $0 = task }
    }

    deinit { close() }

    package func close() {
        listening.withLockedValue { task in
            task?.cancel()
            task = nil
        }
    }

    private static func listen(
        to channel: String, at endpoint: Endpoint, _ dialler: Dialler,
        _ hear: @escaping @Sendable (String) async -> Void
    ) async {
        let (messages, heard) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(16))
        let push: @Sendable (RESPValue) -> Void = { value in
            guard let words = try? value.array, words.count == 3, (try? words[0].text) == "message",
                (try? words[1].text) == channel, let message = try? words[2].text
            else { return }
            heard.yield(message)
        }
        do throws(CacheError) {
            let connection = try await dialler.dial(
                endpoint, traffic: TrafficCounter(), limits: .figures, onPush: push
            ).connection
            defer { connection.close() }
            connection.whenClosed { heard.finish() }
            _ = try await connection.pipeline([Command("SUBSCRIBE", channel)], deadline: dialler.timeout)
            for await message in messages { await hear(message) }
        } catch {
            // Polls see what is missed here, only later.
        }
    }
}
