import Foundation
import Glibc

/// Stands in front of a real server and makes a managed service of it.
public final class ServiceProxy: @unchecked Sendable {
    public let port: Int
    private let listener: Int32
    private let service: ManagedService
    private let socketPath: String
    private let lock = NSLock()
    private var open: [Int32] = []
    private var refusals: [String: Int] = [:]

    public var url: String { "redis://127.0.0.1:\(port)" }
    /// How often each command was refused.
    public var refused: [String: Int] { lock.withLock { refusals } }

    public init(_ service: ManagedService, to server: RedisServer) throws {
        self.service = service
        socketPath = server.socket
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = try AnsweringServer.listen(listener)
        Thread.detachNewThread { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else {
                    for one in [client, listener] where one >= 0 { close(one) }
                    return
                }
                self.take(client)
            }
        }
    }

    deinit {
        // Whoever reads from them closes them.
        for one in open + [listener] { shutdown(one, Int32(SHUT_RDWR)) }
    }

    private func take(_ client: Int32) {
        lock.withLock { open.append(client) }
        Thread.detachNewThread { [weak self, socketPath] in
            let server = Self.connect(to: socketPath)
            defer {
                self?.lock.withLock { self?.open.removeAll { $0 == client } }
                close(client)
                close(server)
            }
            var (requests, replies) = (Stream(client), Stream(server))
            while let request = requests.value() {
                guard let self else { return }
                let words = request.words
                if let refusal = self.refusal(of: words) {
                    guard Self.write(Array("-\(refusal)\r\n".utf8), to: client) else { return }
                    continue
                }
                guard Self.write(request.bytes, to: server), let reply = replies.value() else { return }
                let isInfo = words.first.map { String(decoding: $0, as: UTF8.self).uppercased() == "INFO" } ?? false
                guard Self.write(isInfo ? self.info(reply) : reply.bytes, to: client) else { return }
            }
        }
    }

    private func refusal(of words: [[UInt8]]) -> String? {
        guard let name = words.first.map({ String(decoding: $0, as: UTF8.self).uppercased() }) else { return nil }
        let arguments = words.dropFirst().map { String(decoding: $0.prefix(40), as: UTF8.self) }
        guard let refusal = service.refusal(of: name, arguments) else { return nil }
        lock.withLock { refusals[name, default: 0] += 1 }
        return refusal
    }

    private func info(_ reply: Value) -> [UInt8] {
        guard let text = reply.words.first else { return reply.bytes }
        let changed = service.info(String(decoding: text, as: UTF8.self))
        return Array("$\(changed.utf8.count)\r\n\(changed)\r\n".utf8)
    }

    private static func connect(to path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8) + [0]) }
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return descriptor
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// One value of the protocol: its bytes as they came, and the strings at its top.
    private struct Value {
        var bytes: [UInt8] = []
        var words: [[UInt8]] = []
    }

    /// Takes whole values from a connection.
    private struct Stream {
        private let descriptor: Int32
        private var held: [UInt8] = []
        private var start = 0

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        /// - Returns: nil at the end of the connection.
        mutating func value() -> Value? {
            var value = Value()
            return read(into: &value) ? value : nil
        }

        private mutating func read(into value: inout Value) -> Bool {
            guard let line = line() else { return false }
            value.bytes += line
            let number = Int(String(decoding: line.dropFirst().dropLast(2), as: UTF8.self)) ?? 0
            switch line.first {
            case UInt8(ascii: "$"):
                guard number >= 0 else { return true }
                guard let body = take(number + 2) else { return false }
                value.bytes += body
                value.words.append(Array(body.dropLast(2)))
            case UInt8(ascii: "*"):
                for _ in 0..<max(0, number) { guard read(into: &value) else { return false } }
            default: break
            }
            return true
        }

        private mutating func line() -> [UInt8]? {
            var end = start
            while true {
                while end < held.count {
                    if held[end] == 0x0a { return take(end + 1 - start) }
                    end += 1
                }
                let offset = end - start
                guard fill() else { return nil }
                end = start + offset
            }
        }

        private mutating func take(_ count: Int) -> [UInt8]? {
            while held.count - start < count { guard fill() else { return nil } }
            defer { start += count }
            return Array(held[start..<(start + count)])
        }

        private mutating func fill() -> Bool {
            if start > 0 {
                held.removeFirst(start)
                start = 0
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            held += buffer[..<count]
            return true
        }
    }
}
