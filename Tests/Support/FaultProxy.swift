import Foundation
import Glibc
import NIOConcurrencyHelpers

/// Stands between a client and a server, and does to the server's replies what networks do.
public final class FaultProxy: @unchecked Sendable {
    public enum Fault: String, CaseIterable, Sendable {
        /// Each part comes late, by 20 ms where nothing else is said.
        case delay
        /// Byte by byte, and what is long in small pieces behind that.
        case trickle
        /// Half of a reply, then the end.
        case cut
        /// Half of a reply, and nothing more.
        case half
        /// Bytes that are no RESP in the middle of a reply.
        case garbage
        /// Nothing comes any more.
        case silence
        case reset

        /// True where the client can do its work all the same.
        public var isHarmless: Bool { self == .delay || self == .trickle }
    }

    public let port: Int
    private let listener: Int32
    private let target: String
    private let lock = NSLock()
    private var fault: Fault?
    /// Bytes of replies that still come through unharmed.
    private var mercy = 0
    private var lateness: Int32 = 20
    private var accepted = 0
    /// What waits for a request.
    private var trap: (request: [UInt8], fault: Fault)?
    private var pairs: Set<Pair> = []

    public var url: String { "redis://127.0.0.1:\(port)" }

    /// - Parameter socket: of the server.
    public init(to socket: String) throws {
        target = socket
        listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { [listener] in
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let bound = bind(listener, $0, length) == 0 && listen(listener, 64) == 0
                getsockname(listener, $0, &length)
                return bound
            }
        }
        guard isListening else { throw CocoaError(.fileReadUnknown) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { return }
                self.serve(client)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for pair in pairs { pair.shutDown() }
    }

    /// From now on, or after so many bytes of replies more.
    public func begin(_ fault: Fault, after bytes: Int = 0) {
        lock.withLock { (self.fault, mercy) = (fault, bytes) }
    }

    /// From now on each part comes so much later.
    public func delay(milliseconds: Int32) {
        lock.withLock { (fault, lateness, mercy) = (.delay, milliseconds, 0) }
    }

    /// How many connections there have been.
    public var connections: Int { lock.withLock { accepted } }

    /// From the first request on that holds these bytes: the server gets it, and its answer is the first to suffer.
    public func begin(_ fault: Fault, from request: String) {
        lock.withLock { trap = (Array(request.utf8), fault) }
    }

    /// True once such a request has come.
    public var hasCaught: Bool { lock.withLock { fault != nil } }

    /// New connections are whole again; the old ones are closed, by the clients as well.
    public func heal() {
        lock.withLock {
            fault = nil
            for pair in pairs { pair.shutDown() }
            // For a second at most: a client that is stopped closes nothing.
            for _ in 0..<1000 where !pairs.allSatisfy(\.isClosedByClient) { poll(nil, 0, 1) }
        }
    }

    /// Both ends of a connection that goes through.
    private struct Pair: Hashable {
        let client: Int32
        let server: Int32

        func shutDown() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }

        /// After ``shutDown()``: whether the client, too, has closed its end.
        var isClosedByClient: Bool {
            var information = [UInt8](repeating: 0, count: 256)
            var length = socklen_t(information.count)
            // The first byte is the state of the connection.
            return getsockopt(client, Int32(IPPROTO_TCP), TCP_INFO, &information, &length) != 0
                || information[0] == UInt8(TCP_CLOSE)
        }

        func close() {
            Glibc.close(client)
            Glibc.close(server)
        }
    }

    private func forget(_ pair: Pair) { lock.withLock { _ = pairs.remove(pair) } }

    private func serve(_ client: Int32) {
        let server = connectToTarget()
        guard server >= 0 else {
            close(client)
            return
        }
        var on: Int32 = 1
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        lock.withLock {
            accepted += 1
            pairs.insert(Pair(client: client, server: server))
        }
        // Whoever sees the end shuts both down; the second one closes them.
        let isHalfDone = NIOLockedValueBox(false)
        let done: @Sendable () -> Void = { [weak self] in
            let pair = Pair(client: client, server: server)
            pair.shutDown()
            let isSecond = isHalfDone.withLockedValue {
                let was = $0; $0 = true; return was
            }
            guard isSecond else { return }
            self?.forget(pair)
            pair.close()
        }
        Thread.detachNewThread { [weak self] in
            Self.copy(from: client, to: server) { self?.look($0) }
            done()
        }
        Thread.detachNewThread { [weak self] in
            self?.reply(from: server, to: client)
            done()
        }
    }

    private func look(_ bytes: ArraySlice<UInt8>) {
        lock.withLock {
            guard let trap, bytes.firstRange(of: trap.request) != nil else { return }
            (fault, mercy, self.trap) = (trap.fault, 0, nil)
        }
    }

    private static func copy(from source: Int32, to sink: Int32, _ look: (ArraySlice<UInt8>) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            look(buffer[..<count])
            guard write(buffer[..<count], to: sink) else { return }
        }
    }

    private func reply(from server: Int32, to client: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(server, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            let bytes = buffer[..<count]
            switch due(count) {
            case nil: guard Self.write(bytes, to: client) else { return }
            case .delay:
                poll(nil, 0, lock.withLock { lateness })
                guard Self.write(bytes, to: client) else { return }
            case .trickle:
                for byte in bytes.prefix(2000) { guard Self.write([byte][...], to: client) else { return } }
                var rest = bytes.dropFirst(2000)
                while !rest.isEmpty {
                    guard Self.write(rest.prefix(97), to: client) else { return }
                    rest = rest.dropFirst(97)
                }
            case .cut:
                _ = Self.write(bytes[..<(count / 2)], to: client)
                return
            case .half:
                _ = Self.write(bytes[..<(count / 2)], to: client)
                while recv(server, &buffer, buffer.count, 0) > 0 {}
                return
            case .garbage:
                let junk = Array("\u{1b}[2J!garbage\r\n".utf8)
                _ = Self.write(bytes[..<(count / 2)] + junk, to: client)
                guard Self.write(bytes[(count / 2)...], to: client) else { return }
            case .silence:
                while recv(server, &buffer, buffer.count, 0) > 0 {}
                return
            case .reset:
                var abrupt = linger(l_onoff: 1, l_linger: 0)
                setsockopt(client, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
                // Closed at once, where a shutdown would only end it; nobody may be reading from it then.
                shutdown(client, Int32(SHUT_RD))
                let nobody = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                dup2(nobody, client)
                close(nobody)
                return
            }
        }
    }

    /// What is to be done to these bytes.
    private func due(_ count: Int) -> Fault? {
        lock.withLock {
            guard let fault else { return nil }
            mercy -= count
            return mercy < 0 ? fault : nil
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    private func connectToTarget() -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(target.utf8) + [0]) }
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        if isConnected { return descriptor }
        close(descriptor)
        return -1
    }
}
