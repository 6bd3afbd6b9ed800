import Foundation
import Support
import Testing

/// Keys that break what the platform relies on: named on the first screen, mended with a few keys.
@Suite(.serialized) struct DrillKeyTests {
    /// Keys of a namespace that must expire do not: `m` on the alert, the name, Enter.
    @Test func keysWithoutATTLAreMendedFromTheirAlert() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "10000000"])
        try Drill.fill(server, "for i=1,60 do redis.call('SET', 'rate:limit:'..i, '1') end")
        let session = try Drill.open(server)
        session.waitFor("where one is due: rate:limit")
        session.waitFor("m mend rate:limit")
        try session.press("m")
        session.waitFor("Type its name to go on")
        try session.type("rate:limit")
        session.waitFor("Enter mends 60 keys")
        #expect(try server.cli("TTL", "rate:limit:7").hasPrefix("-1"), "typing alone changes nothing")
        try session.press("Enter")
        session.waitFor("u undo")
        #expect(try !server.cli("TTL", "rate:limit:7").hasPrefix("-1"))
        try session.press("Escape")
        session.waitFor("● healthy")
        try Drill.leave(session)
    }

    /// Somebody removes a namespace that is read all the time: who misses is named, and it recovers once it is filled.
    @Test func whoMissesIsNamedWhereTheHitRatioFalls() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "10000000"])
        let products = "for i=1,6000 do redis.call('SET', 'product:'..i, 'y', 'EX', 3600) end"
        try Drill.fill(server, products)
        // Nine of ten lookups are of products.
        let script = """
            for i=1,90 do redis.call('GET', 'product:'..i) end
            for i=1,10 do redis.call('GET', 'session:'..i) end
            """
        let reader = try Child(["redis-cli", "-s", server.socket, "-r", "-1", "-i", "0.05", "EVAL", script, "0"])
        defer { reader.end() }
        let session = try Drill.open(
            server, alerts: "hit_ratio_window = 2\nhit_ratio_lookups = 100")
        session.waitFor("of 10,000 keys")
        session.waitFor("● healthy")
        try server.cli("EVAL", "for i=1,6000 do redis.call('DEL', 'product:'..i) end", "0")
        session.waitFor("▲ Hit ratio")
        session.waitFor("Namespace vanished: product")
        try server.cli("EVAL", products, "0")
        session.waitFor("● healthy")
        try Drill.leave(session)
    }
}
