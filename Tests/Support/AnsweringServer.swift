import Foundation
import Glibc

/// A server that answers each command as a test wants it: for what no real server does when it is asked to.
public final class AnsweringServer: @unchecked Sendable {
    public indirect enum Answer: Sendable {
        case status(String)
        case error(String)
        case integer(Int)
        /// nil for null.
        case string(String?)
        case array([Answer])
        case hangUp
        case silence

        var bytes: String? {
            switch self {
            case .status(let words): "+\(words)\r\n"
            case .error(let words): "-\(words)\r\n"
            case .integer(let number): ":\(number)\r\n"
            case .string(nil): "$-1\r\n"
            case .string(let text?): "$\(text.utf8.count)\r\n\(text)\r\n"
            case .array(let items): "*\(items.count)\r\n" + items.map { $0.bytes ?? "" }.joined()
            case .hangUp, .silence: nil
            }
        }
    }

    public let port: Int
    private let descriptor: Int32
    private let answer: @Sendable ([String], Int) -> Answer
    private let asksAboutConnections: Bool
    private let lock = NSLock()
    private var open: [Int32] = []
    private var accepted = 0
    private var commands: [[String]] = []

    public var name: String { "127.0.0.1:\(port)" }
    public var url: String { "redis://\(name)" }
    /// All commands so far; those about the connection where they are asked about.
    public var seen: [[String]] { lock.withLock { commands } }

    /// - Parameters:
    ///   - asksAboutConnections: whether commands about the connection are asked for an answer, too; else they get `OK`.
    ///   - answer: gets the words of a command, and the number of the connection, from 0.
    public init(
        asksAboutConnections: Bool = false,
        _ answer: @escaping @Sendable (_ words: [String], _ connection: Int) -> Answer
    ) throws {
        self.answer = answer
        self.asksAboutConnections = asksAboutConnections
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = try Self.listen(descriptor)
        Thread.detachNewThread { [weak self, descriptor] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0, let self else {
                    for one in [connection, descriptor] where one >= 0 { close(one) }
                    return
                }
                self.take(connection)
            }
        }
    }

    deinit {
        // Whoever reads from them closes them.
        for one in open + [descriptor] { shutdown(one, Int32(SHUT_RDWR)) }
    }

    static func listen(_ descriptor: Int32) throws -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let isBound = bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 64) == 0
                getsockname(descriptor, $0, &length)
                return isBound
            }
        }
        guard isListening else { throw CocoaError(.fileReadUnknown) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private func take(_ connection: Int32) {
        let number = lock.withLock {
            open.append(connection)
            accepted += 1
            return accepted - 1
        }
        let (answer, asksAboutConnections) = (answer, asksAboutConnections)
        Thread.detachNewThread { [weak self] in
            defer {
                self?.lock.withLock { self?.open.removeAll { $0 == connection } }
                close(connection)
            }
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(connection, &buffer, buffer.count, 0)
                guard count > 0 else { return }
                rest += buffer[..<count]
                while let words = Self.command(&rest) {
                    if words[0] == "CLIENT", !asksAboutConnections {
                        Self.write("+OK\r\n", to: connection)
                        continue
                    }
                    self?.lock.withLock { self?.commands.append(words) }
                    switch answer(words, number) {
                    case .hangUp: return
                    case .silence: continue
                    case let reply: Self.write(reply.bytes ?? "", to: connection)
                    }
                }
            }
        }
    }

    private static func write(_ text: String, to connection: Int32) {
        _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
    }

    /// Takes one command off; nil where not all of it has come.
    private static func command(_ bytes: inout [UInt8]) -> [String]? {
        var rest = bytes[...]
        func line() -> Int? {
            guard let end = rest.firstIndex(of: 0x0a) else { return nil }
            let digits = rest[..<end].filter { (0x30...0x39).contains($0) }
            rest = rest[(end + 1)...]
            return Int(String(decoding: digits, as: UTF8.self))
        }
        guard let count = line() else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let size = line(), rest.count >= size + 2 else { return nil }
            words.append(String(decoding: rest.prefix(size), as: UTF8.self))
            rest = rest.dropFirst(size + 2)
        }
        bytes = Array(rest)
        return words
    }
}
