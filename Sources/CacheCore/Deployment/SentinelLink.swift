internal import CacheModel
internal import Synchronization

/// The way to one sentinel: asked in polls, and listened to in between.
final class SentinelLink: Sendable {
    let name: String
    let link: NodeLink
    private let connector: Connector
    private let endpoint: Endpoint
    private let service: String
    private let listening = Mutex<Task<Void, Never>?>(nil)

    private static let channel = "+switch-master"
    private static let longestRest = Duration.seconds(5)

    init(name: String, endpoint: Endpoint, service: String, connector: Connector) {
        self.name = name
        self.service = service
        self.endpoint = endpoint
        self.connector = connector
        link = NodeLink(endpoint: endpoint, connector: connector, purpose: .sentinel)
    }

    /// What it says about the service.
    func ask(timeout: Duration) async -> SentinelAnswer {
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
    func listen(_ hear: @escaping @Sendable (String) -> Void) {
        listening.withLock { task in
            guard task == nil else { return }
            task = Task { [connector, endpoint] in
                var backoff = Backoff(maximum: Self.longestRest)
                var generator = SystemRandomNumberGenerator()
                while !Task.isCancelled {
                    let began = ContinuousClock.now
                    await Self.subscribe(connector, endpoint, hear)
                    if ContinuousClock.now - began > Self.longestRest { backoff.reset() }
                    try? await Task.sleep(for: backoff.next(using: &generator))
                }
            }
        }
    }

    private static func subscribe(
        _ connector: Connector, _ endpoint: Endpoint, _ hear: @escaping @Sendable (String) -> Void
    ) async {
        let push: @Sendable (RESPValue) -> Void = { value in
            guard let words = try? value.array, words.count == 3, (try? words[0].text) == "message",
                (try? words[1].text) == channel, let message = try? words[2].text
            else { return }
            hear(message)
        }
        guard let connection = try? await connector.open(endpoint, traffic: TrafficCounter(), onPush: push) else {
            return
        }
        defer { connection.close() }
        let handshake = Handshake(endpoint: endpoint)
        var denied = DeniedCommands()
        guard
            let replies = try? await connection.pipeline(
                handshake.commands(without: denied), deadline: connector.timeout),
            handshake.digest(replies, denied: &denied).refusal == nil,
            (try? await connection.pipeline([Command("SUBSCRIBE", channel)], deadline: connector.timeout)) != nil
        else { return }
        await connection.closed()
    }

    func close() async {
        listening.withLock { task in
            task?.cancel()
            task = nil
        }
        await link.close()
    }
}
