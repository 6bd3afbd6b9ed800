extension ServerInfo.Server {
    /// Whether a connection may set `CLIENT NO-TOUCH ON` here; false where the version is not known.
    ///
    /// Redis 8.0 to 8.2 and Valkey 8.1.0 to 8.1.3 crash when such a connection looks at a key whose slot is on its way
    /// to another node, or writes a key that another client waits for, as an undo does.
    /// Source: https://github.com/redis/redis/pull/14415 and https://github.com/valkey-io/valkey/pull/2347
    public var bearsNoTouch: Bool {
        let numbers = (version ?? "").split(separator: ".", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard numbers.count >= 3, numbers.allSatisfy({ $0 >= 0 }) else { return false }
        let found = (numbers[0], numbers[1], numbers[2])
        return switch software {
        case .redis: found < (8, 0, 0) || found >= (8, 4, 0)
        case .valkey: found < (8, 1, 0) || found >= (8, 1, 4)
        case .other, nil: false
        }
    }
}
