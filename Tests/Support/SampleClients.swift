public import CacheModel

/// Connections of a shop's services.
extension Sample {
    public static func client(
        _ id: Int, _ name: String = "", host: String = "10.0.3.7", idle: Int? = 0, age: Int? = 3_600,
        _ change: (inout ClientEntry) -> Void = { _ in }
    ) -> ClientEntry {
        var client = ClientEntry(id: id, address: "\(host):\(40_000 + id % 20_000)")
        (client.name, client.idle, client.age) = (name, idle, age)
        (client.user, client.library, client.libraryVersion) = ("shop", "jedis", "5.1")
        (client.database, client.command, client.flags) = (0, "get", "N")
        (client.subscriptions, client.outputBuffer, client.memory) = (0, 0, 22_298)
        change(&client)
        return client
    }

    /// - Parameter seconds: since ``elapsed``.
    public static func look(
        _ clients: [ClientEntry], at seconds: Int = 0, node: String = "cache-1:6379"
    ) -> ClientLook {
        ClientLook(
            takenAt: WallTime(milliseconds: takenAt.milliseconds + Int64(seconds) * 1000),
            elapsed: elapsed + .seconds(seconds), entries: [node: clients])
    }

    /// Looks five seconds apart at a worker that leaks, a pool that is too large, and ourselves.
    public static var looks: [ClientLook] {
        (0..<6).map { step in
            let own = [client(1, "cachewatch", host: "10.0.9.9") { $0.command = "info" }]
            let leak = (0..<40 + step * 2).map { number in
                client(100 + number, "checkout-worker-3", host: "10.0.3.9", idle: 55 + step * 5, age: 60 + step * 5) {
                    $0.command = "ping"
                }
            }
            let pool = (0..<60).map { number in
                client(
                    1000 + number, "cart-\(number % 4)", host: "10.0.4.\(number % 4)", idle: number < 4 ? 0 : 4_000,
                    age: 90_000)
            }
            let nameless = (0..<3).map { client(2000 + $0, host: "10.0.5.1", idle: 2) }
            return look(own + leak + pool + nameless, at: step * 5)
        }
    }

    /// Two looks at a server that counts what each connection does.
    public static var countedLooks: [ClientLook] {
        (0..<2).map { step in
            look(
                (0..<3).map { number in
                    client(10 + number, "web-\(number)") {
                        ($0.totalCommands, $0.totalIn, $0.totalOut) = (900 + step * 50, 9_000, 90_000 + step * 5_000)
                        $0.other = ["laddr": "10.0.0.5:6379"]
                    }
                }, at: step * 10)
        }
    }

    /// The leak and the pool, as they were seen one after the other.
    public static var seenClients: ClientMemory { seen(looks) }

    public static func seen(_ looks: [ClientLook]) -> ClientMemory {
        var memory = ClientMemory()
        for look in looks { memory.note(look) }
        return memory
    }
}
