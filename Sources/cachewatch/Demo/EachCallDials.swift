internal import CacheCore
internal import CacheWatch

/// A connection a call, as the platform's own code has it: what a pool is there to avoid.
struct EachCallDials: CacheCalls {
    let settings: Settings
    let name: String

    func send(_ call: CacheCall) async throws(CacheError) -> RESPValue { try await pipeline([call])[0] }

    func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] {
        let line = Line(
            endpoint: settings.endpoint, dialler: Dialler(settings: settings, clientName: name), purpose: .serve,
            allowsWrites: true)
        do throws(CacheError) {
            let replies = try await line.pipeline(calls.map(\.command), deadline: .seconds(1))
            // Until the request that it was opened for is over.
            Task {
                try? await Task.sleep(for: .milliseconds(.random(in: 50...150)))
                await line.close()
            }
            return replies
        } catch {
            await line.close()
            throw error
        }
    }
}
