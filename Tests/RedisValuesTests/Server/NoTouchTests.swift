import CacheModel
import Testing

@Suite struct NoTouchTests {
    @Test(arguments: [
        (ServerInfo.Software.redis, "6.2.5", true), (.redis, "7.0.15", true), (.redis, "7.4.3", true),
        (.redis, "8.0.0", false), (.redis, "8.0.2", false), (.redis, "8.2.3", false), (.redis, "8.4.0", true),
        (.redis, "9.0.0", true), (.redis, "255.255.255", true),
        (.valkey, "7.2.10", true), (.valkey, "8.0.6", true), (.valkey, "8.1.0", false), (.valkey, "8.1.3", false),
        (.valkey, "8.1.4", true), (.valkey, "9.0.1", true),
        (.redis, "", false), (.redis, "8", false), (.redis, "7.x.1", false), (.redis, "-7.0.1", false),
        (.redis, "99999999999999999999.1.1", false), (.other, "7.2.0", false),
    ])
    func serversThatCrashAreLeftAlone(software: ServerInfo.Software, version: String, bears: Bool) {
        var server = ServerInfo.Server()
        #expect(!server.bearsNoTouch, "nothing is known")
        (server.software, server.version) = (software, version)
        #expect(server.bearsNoTouch == bears)
    }
}
