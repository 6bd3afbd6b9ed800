import RedisValues
import Testing

@testable import CacheCore
@testable import CacheWatch

/// What a server's words say of whether something may be done.
@Suite struct WriteDemandTests {
    private func objection(_ words: String, to probe: Probe) -> String? {
        WriteDemand.lastingObjection(in: .error(Array(words.utf8)), to: probe)
    }

    /// As Redis and Valkey say it to whoever may restore, and sends no payload.
    @Test(arguments: ["ERR DUMP payload version or checksum are wrong", "ERR Bad data format"])
    func payloadThatMakesNoSenseWasRead(words: String) {
        let key = ProbeKey(in: [])
        #expect(objection(words, to: .restore(key)) == nil)
        #expect(WriteDemand.objection(in: .error(Array(words.utf8)), to: .restore(key)) == nil)
        // A real one makes sense wherever it can be read.
        #expect(objection(words, to: .restore(key, [1])) == String(words.dropFirst("ERR ".count)))
        #expect(objection(words, to: Probe("UNLINK", key)) != nil)
    }

    /// Servers and proxies refuse in words of their own.
    @Test(arguments: [
        ("NOPERM this user has no permissions to run the 'restore' command", "this user has no permissions"),
        ("ERR unknown command 'RESTORE', with args beginning with:", "unknown command"),
        ("ERR command not allowed", "command not allowed"), ("ERR unsupported command", "unsupported command"),
        ("DENIED by policy", "DENIED by policy"), ("-ERR forbidden", "-ERR forbidden"),
        (
            "ERR The user executing the script can't run this command or subcommand script: 1, on @user_script:1.",
            "can't run"
        ),
    ])
    func everyOtherWordIsAnObjection(words: String, due: String) {
        let key = ProbeKey(in: [])
        for probe in [
            Probe.restore(key), Probe.restore(key, [1]), Probe("SET", key), Probe(key) { CutOffScript.probe($0) },
        ] {
            #expect(objection(words, to: probe)?.contains(due) == true)
            guard case .denied = WriteDemand.objection(in: .error(Array(words.utf8)), to: probe) else {
                Issue.record("\(words) is taken for leave")
                continue
            }
        }
    }

    @Test(arguments: [
        "OOM command not allowed when used memory > 'maxmemory'.", "LOADING Redis is loading the dataset in memory",
        "BUSY Redis is busy running a script.", "READONLY You can't write against a read only replica.",
        "NOREPLICAS Not enough good replicas to write.", "MISCONF Redis is configured to save RDB snapshots",
        "CLUSTERDOWN The cluster is down", "TRYAGAIN Multiple keys request during rehashing of slot",
        "MASTERDOWN Link with MASTER is down", "BUSYKEY Target key name already exists.",
        "MOVED 3999 127.0.0.1:6381", "ASK 3999 127.0.0.1:6381",
    ])
    func whatPassesIsNone(words: String) {
        #expect(objection(words, to: .restore(ProbeKey(in: []))) == nil)
    }

    @Test func whatIsAnsweredIsAllowed() {
        let key = ProbeKey(in: [])
        for reply in [RESPValue.integer(0), .null, .status(Array("OK".utf8))] {
            #expect(WriteDemand.objection(in: reply, to: .restore(key, [1])) == nil)
        }
        let full = RESPValue.error(Array("OOM command not allowed".utf8))
        guard case .failed = WriteDemand.objection(in: full, to: Probe("SET", key)) else {
            Issue.record("a server that is full cannot do it now")
            return
        }
    }
}
