import RedisValues
import Testing

@testable import CacheModel

/// The window of the hit ratio is as long as it was set, also where that is short.
@Suite struct LookupWindowTests {
    @Test(arguments: [(2, 2...3), (30, 30...32), (300, 300...311)])
    func itReachesBackAsFarAsItIsLong(seconds: Int, reach: ClosedRange<Int>) throws {
        var window = LookupWindow()
        for second in 0...1000 {
            var stats = ServerInfo.Stats()
            // One hit a second, and no miss.
            (stats.keyspaceHits, stats.keyspaceMisses) = (second, 0)
            window.note(stats, own: nil, at: .seconds(second), window: .seconds(seconds))
            if second < seconds { #expect(window.full == nil) }
        }
        let full = try #require(window.full)
        #expect(reach.contains(Int(full.all)) && full.hits == full.all, "\(full)")
    }
}
