internal import CacheCore
internal import CacheWatch

/// A connection a call, as the platform's own code has it: what a pool is there to avoid.
struct EachCallDials: CacheCalls {
    private let dialler: Dialler
    private let endpoint: Endpoint
    /// Says who it is and how it is called in one command, as clients do that speak RESP3.
    private let greeting: Command

    init(settings: Settings, name: String) {
        dialler = Dialler(ofStrangers: settings)
        var endpoint = settings.endpoint
        let login = endpoint.password.map { ["AUTH", endpoint.username ?? "default", $0.reveal()] } ?? []
        (endpoint.username, endpoint.password) = (nil, nil)
        self.endpoint = endpoint
        greeting = Command((["HELLO", "2"] + login + ["SETNAME", name]).map { Array($0.utf8) })
    }

    func send(_ call: CacheCall) async throws(CacheError) -> RESPValue { try await pipeline([call])[0] }

    func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] {
        let line = Line(endpoint: endpoint, dialler: dialler, purpose: .serve, allowsWrites: true)
        do throws(CacheError) {
            let replies = try await line.pipeline([greeting] + calls.map(\.command), deadline: .seconds(1))
            // Until the request that it was opened for is over.
            Task {
                try? await Task.sleep(for: .milliseconds(.random(in: 50...150)))
                await line.close()
            }
            return Array(replies.dropFirst())
        } catch {
            await line.close()
            throw error
        }
    }
}
