import CacheModel
import Testing

@testable import CacheWatch

@Suite struct RevocationClockTests {
    /// Seconds by which the servers' clocks are ahead of ours, and how much longer a key is kept.
    @Test(
        arguments: [
            ([0], 0), ([2], 0), ([-3600], 0), ([3600], 3600), ([3600, 0, -50], 3600), ([nil], 0), ([nil, 60], 60),
            ([], 0),
        ] as [([Int64?], Int64)])
    func revocationLastsByTheClockOfWhoForgetsIt(ahead: [Int64?], longer: Int64) {
        let now = WallTime(seconds: 1_795_357_927)
        var revocation = TokenRevocation(keyPrefix: [])
        revocation.regard(clocks: ahead.map { $0.map { WallTime(seconds: now.seconds + $0) } }, at: now)
        let until = WallTime(seconds: now.seconds + 1800)
        #expect(revocation.expiry(until: until) == until.milliseconds + longer * 1000)
    }

    @Test func absurdClocksDoNotTrap() {
        var revocation = TokenRevocation(keyPrefix: [])
        revocation.regard(
            clocks: [WallTime(milliseconds: .max), WallTime(milliseconds: .min)], at: WallTime(seconds: 1))
        #expect(revocation.expiry(until: WallTime(milliseconds: .max)) == .max)
    }
}
