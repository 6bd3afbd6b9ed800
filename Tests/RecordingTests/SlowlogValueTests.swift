import RedisValues
import Support
import Testing

/// What stands in a recording of a slow command: the command, its keys and its options, and nothing that is stored.
@Suite struct SlowlogValueTests {
    @Test(arguments: [
        ("SET session:1 {pin} EX 60", "SET session:1 (value) EX 60"), ("set k v", "set k (value)"),
        ("SETEX blacklist:x 100 JWT", "SETEX blacklist:x 100 (value)"), ("GETSET k NX", "GETSET k (value)"),
        ("MSET a 1 b 2", "MSET a (value) b (value)"), ("HSET cart:5 email bob", "HSET cart:5 (value) (value)"),
        ("ZADD z NX 5 bob", "ZADD z NX (value) (value)"), ("LPUSH l 4111", "LPUSH l (value)"),
        ("SISMEMBER s bob", "SISMEMBER s (value)"), ("HSET o status full", "HSET o (value) (value)"),
        ("SADD roles list", "SADD roles (value)"),
        ("ZADD z 5 left", "ZADD z (value) (value)"), ("SETEX k 9 id", "SETEX k 9 (value)"),
        ("HSETEX h EX 60 FIELDS 1 f v", "HSETEX h EX (value) (value) (value) (value) (value)"),
        ("SCRIPT LOAD return", "SCRIPT LOAD (value)"), ("LINSERT l BEFORE p v", "LINSERT l BEFORE (value) (value)"),
        ("PUBLISH news hello", "PUBLISH news (value)"), ("RESTORE k 0 bytes REPLACE", "RESTORE k 0 (value) REPLACE"),
        ("EVAL return{} 1 k arg", "EVAL (value) 1 k (value)"), ("EVALSHA 4f3c 2 a b c", "EVALSHA 4f3c 2 a b (value)"),
        ("FCALL f 0 bob", "FCALL f 0 (value)"), ("EVALSHA 4f3c -1 a", "EVALSHA 4f3c -1 (value)"),
        ("EVALSHA 4f3c 99999999999999999999 a", "EVALSHA 4f3c 99999999999999999999 (value)"),
        ("KEYS product:*", "KEYS product:*"), ("GET session:1", "GET session:1"), ("MGET a b", "MGET a b"),
        ("SORT list ALPHA", "SORT list ALPHA"), ("SET", "SET"), ("", ""),
    ])
    func valuesAreLeftOut(words: String, told: String) {
        let entry = SlowlogEntry(
            id: 1, at: WallTime(seconds: 1), duration: .zero, command: words.split(separator: " ").map(String.init))
        #expect(entry.withoutValues.command.joined(separator: " ") == told)
    }

    @Test func howManyTheServerLeavesOutIsKept() {
        let entry = SlowlogEntry(
            id: 1, at: WallTime(seconds: 1), duration: .zero, command: ["SADD", "s", "bob", "... (12 more arguments)"])
        #expect(entry.withoutValues.command == ["SADD", "s", "(value)", "... (12 more arguments)"])
    }
}
