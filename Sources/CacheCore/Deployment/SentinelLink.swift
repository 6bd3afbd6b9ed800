package import CacheWire
internal import RedisValues
internal import Synchronization

/// The way to one sentinel: asked in polls, and listened to in between.
package final class SentinelLink: Sendable {
    package let name: String
    package let link: NodeLink
    private let dialler: Dialler
    private let endpoint: Endpoint
    private let service: String
    private let listening = Mutex<Task<Void, Never>?>(nil)

    private static let channel = "+switch-master"
    private static let longestRest = Duration.seconds(5)

    package init(name: String, endpoint: Endpoint, service: String, dialler: Dialler) {
        self.name = name
        self.service = service
        self.endpoint = endpoint
        self.dialler = dialler
        link = NodeLink(endpoint: endpoint, dialler: dialler, purpose: .sentinel)
    }

    /// What it says about the service.
    package func ask(timeout: Duration) async -> SentinelAnswer {
        let service = Array(service.utf8)
        let words = ["MASTER", "REPLICAS", "SENTINELS", "CKQUORUM", "GET-MASTER-ADDR-BY-NAME"]
        do throws(CacheError) {
            try await link.connect()
            let replies = try await link.pipeline(
                words.map { Command([Array("SENTINEL".utf8), Array($0.utf8), service]) }, deadline: timeout)
            if case .error(let words) = replies[0] {
                let text = Printable.escape(words, limit: 200)
                if text.contains("No such master") {
                    return SentinelAnswer(refusal: Refusal(.noSuchService, detail: Printable.escape(service)))
                }
                return SentinelAnswer(refusal: Refusal(reply: words) ?? Refusal(.commandFailed, detail: text))
            }
            do throws(RESPShapeError) { return SentinelAnswer(view: try SentinelView(replies)) } catch {
                return SentinelAnswer(refusal: Refusal(.notRedis, detail: error.description))
            }
        } catch { return SentinelAnswer(refusal: error.refusal) }
    }

    /// Hears of fail-overs for as long as it is there; polls see them, too, only later.
    ///
    /// - Parameter hear: gets each message.
    package func listen(_ hear: @escaping @Sendable (String) -> Void) {
        listening.withLock { task in
            guard task == nil else { return }
            task = Task { [dialler, endpoint] in
                var backoff = Backoff(maximum: Self.longestRest)
                var generator = SystemRandomNumberGenerator()
                while !Task.isCancelled {
                    let began = ContinuousClock.now
                    await Self.subscribe(dialler, endpoint, hear)
                    if ContinuousClock.now - began > Self.longestRest { backoff.reset() }
                    try? await Task.sleep(for: backoff.next(using: &generator))
                }
            }
        }
    }

    private static func subscribe(
        _ dialler: Dialler, _ endpoint: Endpoint, _ hear: @escaping @Sendable (String) -> Void
    ) async {
        let push: @Sendable (RESPValue) -> Void = { value in
            guard let words = try? value.array, words.count == 3, (try? words[0].text) == "message",
                (try? words[1].text) == channel, let message = try? words[2].text
            else { return }
            hear(message)
        }
        guard let dialled = try? await dialler.dial(endpoint, traffic: TrafficCounter(), onPush: push) else { return }
        let connection = dialled.connection
        defer { connection.close() }
        guard (try? await connection.pipeline([Command("SUBSCRIBE", channel)], deadline: dialler.timeout)) != nil else {
            return
        }
        await connection.closed()
    }

    package func close() async {
        listening.withLock { task in
            task?.cancel()
            task = nil
        }
        await link.close()
    }
}
