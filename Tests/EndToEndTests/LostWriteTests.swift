import Foundation
import Support
import Testing

/// The server has got it, and its answer was lost: neither command nor dashboard says that it was not done.
@Suite struct LostWriteTests {
    struct Case: CustomStringConvertible {
        var words: [String]
        /// What is sent to change something, and not before.
        var request: String
        var description: String { words.joined(separator: " ") }
    }

    @Test(
        arguments: [
            Case(words: ["unrevoke", "gone", "--yes"], request: "UNLINK\r\n$20\r\ntoken:blacklist:gone"),
            Case(words: ["unrevoke", "--user", "17", "--yes"], request: "UNLINK\r\n$18\r\nblacklist:since:17"),
            Case(words: ["revoke", "--user", "18", "--since", "now"], request: "redis.call('SET', KEYS[1], ARGV[1])"),
            Case(words: ["repair", "rate:limit", "--yes"], request: "PEXPIREAT\r\n$12\r\nrate:limit:a"),
            Case(words: ["undo", "JOURNAL"], request: "RESTORE\r\n$9\r\nsession:1"),
        ], [FaultProxy.Fault.reset, .cut])
    func commandSaysThatItIsNotKnown(_ which: Case, _ fault: FaultProxy.Fault) throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        try server.cli("SET", "rate:limit:a", "x")
        try server.cli("SET", "token:blacklist:gone", "{}", "EX", "5000")
        try server.cli("SET", "blacklist:since:17", "1000", "EX", "5000")
        let journal = server.folder.path + "/journal"
        let environment = ["XDG_STATE_HOME": server.folder.path + "/state"]
        if which.words[0] == "undo" {
            let flushed = try Program.run(
                [
                    Program.cachewatch, "flush", "session", "--yes", "--journal", journal, "--url", server.socketURL,
                ], environment: environment)
            #expect(flushed.status == 0)
        }
        let proxy = try FaultProxy(to: server.socket)
        proxy.begin(fault, from: which.request)
        let result = try Program.run(
            [Program.cachewatch] + which.words.map { $0 == "JOURNAL" ? journal : $0 } + ["--url", proxy.url],
            environment: environment)
        #expect(proxy.hasCaught)
        #expect(result.status == 5, "\(which): \(result.status) \(result.errors)")
        #expect(!result.errors.contains("not done"), "\(result.errors)")
        #expect(result.errors.contains("nobody knows") || result.errors.contains("never answered"), "\(result.errors)")
    }

    /// The dashboard says so on the screen, and to whoever leaves before that was shown.
    @Test(arguments: [false, true]) func dashboardSaysThatItIsNotKnown(isLeftAtOnce: Bool) throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x", "EX", "5000")
        let proxy = try FaultProxy(to: server.socket)
        let terminal = try TerminalChild([Program.cachewatch, "--url", proxy.url])
        func shows(_ words: String) {
            eventually("\(words): \(terminal.output.suffix(600))") {
                terminal.type("\u{c}")
                return terminal.output.contains(words)
            }
        }
        shows("● healthy")
        terminal.type(":keys")
        shows("keys")
        terminal.pressEnter()
        shows("key, all")
        shows("session:1")
        terminal.type("t")
        shows("Esc closes")
        terminal.type("10m")
        shows("Enter sets it")
        proxy.begin(.reset, from: "PEXPIRE\r\n$9\r\nsession:1")
        terminal.pressEnter()
        if isLeftAtOnce {
            terminal.type("\u{3}")
            #expect(terminal.end()?.status == 5)
            #expect(terminal.output.contains("not known"), "\(terminal.output.suffix(400))")
        } else {
            shows("it may have been done")
            terminal.type("\u{3}")
            _ = terminal.end()
        }
        #expect(!terminal.output.contains("not done"), "\(terminal.output.suffix(400))")
        // Whoever leaves at once may leave before it is sent, and nobody knows that either.
        #expect(isLeftAtOnce || proxy.hasCaught)
        guard proxy.hasCaught else { return }
        try eventually("the server had it") { try Int(server.cli("TTL", "session:1").filter(\.isNumber)) ?? 601 <= 600 }
    }
}
