import RedisValues
import Testing

@Suite struct WebSocketRecordTests {
    private let now = WallTime(seconds: 1_700_000_000)

    private func text(_ record: WebSocketRecord) -> String { String(decoding: record.bytes, as: UTF8.self) }

    @Test func aRecordIsReadAsItWasWritten() throws {
        let session = WebSocketSession(
            connectionID: "c", userID: "u", clientIP: "::1", connectedAt: now, isAuthenticated: true,
            subscriptions: ["a\"b", "\u{1}"], metadata: ["z": "1", "a": "2"])
        let record = WebSocketRecord(session, now: now)
        #expect(try #require(WebSocketRecord(record.bytes, id: "c")).session == session)
    }

    /// What is not changed stands there as whoever has written it did, but for what fails the platform's readers.
    @Test(
        arguments: [
            (#"{"version":1,"x":null,"user_id":null}"#, #""x": null"#),
            (#"{"metadata":{"b":[1,{"c":1e5}],"a":"x"}}"#, #""metadata": {"b": [1, {"c": 1e5}], "a": "x"}"#),
            (#"{"subscriptions":["a",null]}"#, #""subscriptions": ["a", null]"#),
            (#"{"subscriptions":null,"metadata":null}"#, #""subscriptions": [], "metadata": {}"#),
            (#"{"client_ip":null,"is_authenticated":null}"#, #""client_ip": "unknown", "is_authenticated": false"#),
            (#"{"connected_at":"2023-11-14T22:13:20Z"}"#, #""connected_at": "2023-11-14T22:13:20Z""#),
            (#"{"version":9223372036854775807}"#, #""version": 9223372036854775807"#),
        ])
    func whatIsNotKnownStays(_ value: String, due: String) throws {
        var record = try #require(WebSocketRecord(Array(value.utf8), id: "c"))
        record.change(at: now) { $0.lastActivity = now }
        #expect(text(record).contains(due), "\(text(record))")
        #expect(text(record).contains(#""last_activity": 1700000000"#))
        for name in ["connection_id", "user_id", "client_ip", "connected_at", "subscriptions", "metadata"] {
            #expect(text(record).split(separator: "\"\(name)\":", omittingEmptySubsequences: false).count == 2)
        }
    }

    @Test func whatIsChangedIsWritten() throws {
        let value = #"{"metadata":{"n":7,"s":"x","gone":"y"},"subscriptions":["a",5]}"#
        var record = try #require(WebSocketRecord(Array(value.utf8), id: "c"))
        record.change(at: now) {
            $0.metadata["gone"] = nil
            $0.metadata["new"] = "7"
            $0.subscriptions = ["b"]
        }
        #expect(text(record).contains(#""metadata": {"n": 7, "new": "7", "s": "x"}, "subscriptions": ["b"]"#))
    }

    @Test(arguments: ["", "[]", "7", "null", "{", #"{"a":1} x"#])
    func whatIsNoObjectIsNoRecord(_ value: String) {
        #expect(WebSocketRecord(Array(value.utf8), id: "c") == nil)
    }

    @Test func keysAreThoseOfTheLayouts() {
        let (keys, uuid) = (WebSocketKeys(keyPrefix: "p:"), "F47AC10B-58CC-4372-A567-0E02B2C3D479")
        func text(_ key: [UInt8]?) -> String? { key.map { String(decoding: $0, as: UTF8.self) } }
        #expect(text(keys.key("c", in: .guide)) == "p:ws:session:c")
        #expect(text(keys.key(uuid, in: .deployed)) == "p:ws:session/\(uuid.lowercased())")
        #expect(keys.key("c", in: .deployed) == nil)
        #expect(text(keys.set(ofUser: uuid)) == "p:ws:session/user:\(uuid.lowercased())/sessions")
        #expect(text(keys.set(fromIP: "::1")) == "p:ws:session/ip:::1/sessions")
    }
}
