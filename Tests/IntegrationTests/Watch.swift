import Logging
import Support

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// One collection of a server, as `--once` makes it.
///
/// - Parameter timeout: short only where it is to run out: a busy machine lets a healthy server wait, too.
func collect(_ url: String, timeout: Duration = .seconds(10), _ change: (inout Settings) -> Void = { _ in })
    async throws -> NodeSnapshot
{
    let settings = try settings(url, timeout: timeout, change)
    let collector = SnapshotCollector(settings: settings)
    let snapshot = await collector.collect()
    await collector.close()
    return snapshot.nodes[0]
}

func settings(_ url: String, timeout: Duration = .seconds(10), _ change: (inout Settings) -> Void = { _ in })
    throws -> Settings
{
    var settings = Settings()
    settings.endpoint = try Endpoint(url: url)
    settings.timeout = timeout
    settings.interval = .milliseconds(200)
    change(&settings)
    return settings
}
