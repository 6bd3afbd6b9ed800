import Foundation
import Support
import Testing

/// The shop's server (`Tests/ShopServer`), which links `CacheCore` as servers do: under load, while its Redis goes and comes.
@Suite(.serialized) struct ShopTests {
    private static let program = URL(fileURLWithPath: Program.cachewatch).deletingLastPathComponent()
        .appendingPathComponent("shop").path
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private struct Report: Decodable {
        struct Phase: Decodable {
            let phase: String
            let requests, not200, orders, refused, odd, connecting, connected, failed: Int
        }
        let phases: [Phase]
        let status: Int32?
        let log: [String]
    }

    @Test func noRequestFailsWhileItsRedisIsKilledStopsAndComesBack() throws {
        let result = try Program.run(["python3", Self.root + "/scripts/bench_shop.py", Self.program, "0.5", "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        #expect(report.phases.map(\.phase) == ["calm", "killed", "back", "stopped", "goes on"])
        #expect(report.phases.allSatisfy { $0.requests > 0 && $0.not200 == 0 && $0.odd == 0 }, "\(report.phases)")
        // What costs money is refused in both outages, and served before and after them; a call that a busy machine holds
        // up for 250 ms is refused as well.
        #expect([1, 3].allSatisfy { report.phases[$0].refused > 0 }, "\(report.phases)")
        #expect([0, 2, 4].allSatisfy { report.phases[$0].orders > 0 }, "\(report.phases)")
        // A line for each change of state, of which a busy machine may make more than these two outages.
        #expect(report.log.count { $0.contains("Connecting to Redis at") } == 1)
        let outages = report.log.count { $0.contains(" warning ") }
        #expect(outages >= 2, "\(report.log)")
        #expect(report.log.count { $0.contains("Redis connected successfully") } == outages + 1, "\(report.log)")
        #expect(report.status == 0, "it leaves in order")
    }

    @Test func newcomersNeedNoRedisOfTheirOwn() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let own = ["PORT": "0", "TMPDIR": folder.path, "TOKEN_SECRET": Self.secret]
        var environment = ProcessInfo.processInfo.environment.merging(own) { $1 }
        environment["REDIS_URL"] = nil
        let log = folder.path + "/log"
        let shop = try Child([Self.program], output: log, environment: environment)
        defer { shop.end() }
        func text() -> String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
        eventually("it listens") { text().contains("Listening at http://") }
        let address = try #require(text().firstMatch(of: /http:\/\/127[.]0[.]0[.]1:[0-9]+/)).output
        func ask(_ words: String...) throws -> String {
            try Program.run(["/bin/sh", "-c", "exec python3 - \"$@\" <<'E'\n\(Self.client)\nE", "sh"] + words).output
        }
        try eventually("its Redis answers") {
            _ = try ask("GET", address + "/products/7")
            return text().contains("Redis connected successfully")
        }
        #expect(try ask("GET", address + "/products/7") == #"200 {"cents":699,"id":"7","name":"lamp 7"}"#)
        #expect(try ask("GET", address + "/products/1001").hasPrefix("404 "))
        #expect(try ask("GET", address + "/account").hasPrefix("401 "))
        let login = try ask("POST", address + "/login", #"{"user":"42"}"#)
        let token = try #require(login.firstMatch(of: /"token":"([^"]+)"/)).output.1
        #expect(try ask("POST", address + "/orders", "", String(token)) == #"200 {"user":"42"}"#)
        #expect(try ask("POST", address + "/orders", "", token.dropLast(4) + "AAAA").hasPrefix("401 "))
        if let python = Fetched.python {
            // Another library reads and signs the same tokens.
            let read = try Program.run([python, "-c", Self.reading, String(token), Self.secret])
            #expect(read.output == "42 access 86400", "\(read.errors)")
            let signed = try Program.run([python, "-c", Self.signing, Self.secret]).output
            #expect(try ask("POST", address + "/orders", "", signed) == #"200 {"user":"43"}"#)
            let other = try Program.run([python, "-c", Self.signing, String(Self.secret.reversed())]).output
            #expect(try ask("POST", address + "/orders", "", other).hasPrefix("401 "))
        }
        #expect(try ask("POST", address + "/logout", "", String(token)).hasPrefix("200 "))
        #expect(try ask("POST", address + "/orders", "", String(token)).hasPrefix("401 "), "it is revoked")
        shop.signal(SIGTERM)
        #expect(shop.wait() == 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("shop-") }.isEmpty)
    }

    /// Longer than a block of SHA-256, which HMAC then takes by its hash.
    private static let secret = String(repeating: "shop's secret, ", count: 5)
    private static let reading = """
        import jwt, sys
        claims = jwt.decode(sys.argv[1], sys.argv[2], algorithms=["HS256"])
        print(claims["sub"], claims["token_type"], claims["exp"] - claims["iat"], end="")
        """
    private static let signing = """
        import jwt, sys, time
        now = int(time.time())
        claims = {"sub": "43", "token_type": "access", "iat": now, "exp": now + 600}
        print(jwt.encode(claims, sys.argv[1], algorithm="HS256"), end="")
        """

    /// Also where nobody has time for a farewell.
    @Test func redisOfItsOwnDiesWithTheShop() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        var environment = ProcessInfo.processInfo.environment.merging(["PORT": "0", "TMPDIR": folder.path]) { $1 }
        environment["REDIS_URL"] = nil
        let shop = try Child([Self.program], output: folder.path + "/log", environment: environment)
        defer { shop.end() }
        func servers() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").count { name in
                guard Int(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                    return false
                }
                return line.range(of: Data("redis-server".utf8)) != nil && line.range(of: Data(folder.path.utf8)) != nil
            }
        }
        func folders() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: folder.path).count { $0.hasPrefix("shop-") }
        }
        try eventually("it is there") { try servers() > 0 && folders() == 1 }
        shop.signal(SIGKILL)
        try eventually("it is gone, and its folder") { try servers() == 0 && folders() == 0 }
    }

    /// A request, and its status and body.
    private static let client = """
        import sys, urllib.error, urllib.request
        words = sys.argv[1:] + ["", ""]
        request = urllib.request.Request(words[1], words[2].encode() or None, method=words[0])
        if words[3]: request.add_header("Authorization", "Bearer " + words[3])
        try: answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error: answer = error
        print(answer.status, answer.read().decode(), end="")
        """

    /// Neither the terminal nor TOML nor the argument parser comes along with what servers link.
    @Test func serversLinkWhatTheyNeedAlone() throws {
        let libraries = try Program.run(["ldd", Self.program]).output
        #expect(libraries.contains("libc.so") && !libraries.contains("ncurses") && !libraries.contains("libtinfo"))
        let program = try Data(contentsOf: URL(fileURLWithPath: Self.program), options: .alwaysMapped)
        #expect(program.range(of: Data("CacheCore".utf8)) != nil)
        for name in ["TOMLKit", "ArgumentParser", "NcursesTerminal", "CacheWatch"] {
            // As mangled names have it.
            #expect(program.range(of: Data("\(name.utf8.count)\(name)".utf8)) == nil, "\(name)")
        }
    }
}
