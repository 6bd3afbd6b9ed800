import Foundation
import Glibc
import Support
import Testing

/// Servers that refuse, go or fall silent: told on the first screen by name and with the remedy, over when the cause is.
@Suite(.serialized) struct DrillNodeTests {
    /// Nothing to press: the first screen says why, and what to do; it connects once it may.
    @Test(arguments: ["password", "wrong password", "no room"]) func whoIsRefusedIsToldWhyAndConnectsOnceItMay(
        _ cause: String
    ) throws {
        let server = try RedisServer()
        let squatter = try Child(["redis-cli", "-s", server.socket, "SUBSCRIBE", "x"])
        defer { squatter.end() }
        try eventually("somebody has a place") { try server.cli("PUBSUB", "CHANNELS").contains("x") }
        let (user, begin, end, words, remedy): (String, [String], [String], String, String) =
            switch cause {
            case "password":
                (
                    "", ["CONFIG", "SET", "requirepass", "new"],
                    ["-a", "new", "CONFIG", "SET", "requirepass", ""], "✖ password required (NOAUTH)", "Give a password"
                )
            case "wrong password":
                (
                    ":mine@", ["CONFIG", "SET", "requirepass", "new"],
                    ["-a", "new", "CONFIG", "SET", "requirepass", "mine"], "✖ wrong user or password (WRONGPASS)",
                    "Check user and password"
                )
            default:
                (
                    "", ["CONFIG", "SET", "maxclients", "1"], ["CONFIG", "SET", "maxclients", "100"],
                    "✖ max number of clients reached", "Raise maxclients or close idle clients"
                )
            }
        try server.cli(begin)
        let session = try Drill.open(server, "--url redis://\(user)127.0.0.1:\(server.port)")
        session.waitFor(words)
        session.waitFor(remedy)
        session.waitFor("No connection")
        squatter.end()
        // The dashboard may have taken the only place.
        if cause != "no room" { try server.cli(end) }
        session.waitForVerdict()
        try Drill.leave(session)
    }

    /// What only another URL mends is said in that URL's terms.
    @Test(arguments: ["tls", "plain", "untrusted", "nobody", "nowhere"]) func aWrongURLIsToldWithTheRightOne(
        _ cause: String
    ) throws {
        let certificates = ["plain", "untrusted"].contains(cause) ? try Certificates() : nil
        let server = try RedisServer(tls: certificates)
        if cause == "nobody" { server.stop() }
        let (url, words, remedy): (String, String, String) =
            switch cause {
            case "tls":
                ("rediss://127.0.0.1:\(server.port)", "this port does not speak TLS", "Use redis:// for this port")
            case "plain": (server.url, "TLS", "Use rediss://")
            case "untrusted": ("rediss://127.0.0.1:\(server.port)", "certificate", "tls_ca_file")
            case "nobody": (server.url, "connection refused", "Check Redis is running and URL is correct.")
            default: ("redis://no-such-host.invalid:6379", "no-such-host.invalid", "Check")
            }
        let session = try Drill.open(server, "--url \(url)")
        session.waitFor(words)
        session.waitFor(remedy)
        session.waitFor("No connection")
        try Drill.leave(session)
    }

    /// Its row is gone at once; the alert says which one it was.
    @Test func aReplicaThatIsLostIsToldByItsName() throws {
        let primary = try RedisServer(["--repl-diskless-sync-delay", "0"])
        let replica = try RedisServer(["--replicaof", "127.0.0.1", String(primary.port)])
        try eventually("it follows") { try primary.cli("INFO", "replication").contains("state=online") }
        let session = try Drill.open(primary)
        session.waitFor("● healthy")
        replica.stop()
        session.waitFor("▲ Replicas lost: 1 (127.0.0.1:\(replica.port))")
        session.waitFor("Check that the replica runs")
        try replica.restart()
        session.waitFor("● healthy")
        try Drill.leave(session)
    }

    /// Seen from the replica: which primary it does not reach, and that it may be the password.
    @Test func aBrokenLinkIsToldWithItsPrimary() throws {
        let primary = try RedisServer(["--requirepass", "s3cret", "--repl-diskless-sync-delay", "0"])
        let replica = try RedisServer(["--replicaof", "127.0.0.1", String(primary.port), "--masterauth", "old"])
        let session = try Drill.open(replica)
        session.waitFor("✖ Replication link to 127.0.0.1:\(primary.port) is down")
        session.waitFor("`masterauth`")
        try replica.cli("CONFIG", "SET", "masterauth", "s3cret")
        session.waitFor("● healthy")
        try Drill.leave(session)
    }

    /// Nothing to press: the sentinels' choice is followed, and said with both names; Enter shows who is who now.
    @Test func aFailOverIsFollowedAndSaid() throws {
        let farm = try SentinelFarm(replicas: 1)
        let session = try Drill.open(
            "--url redis://\(farm.addresses[0]) --sentinel mymaster", in: farm.folder)
        session.waitFor("mymaster → 127.0.0.1:\(farm.servers[0].port)")
        session.waitForVerdict()
        try farm.expectsFailOver()
        farm.servers[0].stop()
        session.waitFor("Fail-over: 127.0.0.1:\(farm.servers[1].port) is primary in the place")
        session.waitFor("mymaster → 127.0.0.1:\(farm.servers[1].port)")
        try farm.servers[0].restart()
        // That it was restarted is told as well, where sentinels let it in before it was seen to be away for long.
        eventually("the old one is back:\n\(session.screen)") {
            let screen = session.screen
            return !screen.contains("Unreachable") && screen.contains("Fail-over: ")
        }
        try Drill.leave(session)
    }

    /// The header says how much is out of reach, the alert who is silent; Enter shows its slots.
    @Test func aClusterWithoutAPrimaryAndItsReplicaIsCritical() throws {
        let farm = try ClusterFarm(replicas: 1)
        try farm.fill((0..<300).map { "SET session:\($0) x EX 5000" })
        let session = try Drill.open("--url redis://\(farm.addresses[0]) --cluster", in: farm.servers[0].folder)
        session.waitFor("● healthy")
        try farm.expectsFailure()
        let down = [farm.servers[1], farm.servers[4]]
        for server in down { server.signal(SIGSTOP) }
        defer { for server in down { server.signal(SIGCONT) } }
        session.waitFor("✖ critical: 2 of 3 primaries, ")
        session.waitFor("keys out of reach")
        session.waitFor("Cluster down in part: cluster_state is fail")
        session.waitFor("127.0.0.1:\(farm.servers[1].port) does not")
        // Of the cluster, or of the primary that is silent, whichever was noticed first.
        eventually("Enter leads to the nodes:\n\(session.screen)") {
            session.screen.contains("Enter to 7 Nodes")
                || session.screen.contains("Enter 127.0.0.1:\(farm.servers[1].port) on 7")
        }
        try session.press("Enter")
        session.waitFor("✖ 10,923 of 16,384 slots")
        try session.press("Escape")
        down[0].signal(SIGCONT)
        try eventually("the cluster is up") {
            try farm.servers[2].cli("CLUSTER", "INFO").contains("cluster_state:ok")
        }
        down[1].signal(SIGCONT)
        session.waitFor("● healthy")
        try Drill.leave(session)
    }
}
