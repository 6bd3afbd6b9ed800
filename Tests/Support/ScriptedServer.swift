import Foundation
import Glibc

/// A server that says what a test wants, whatever it is asked: for all that is not Redis or is a broken one.
public final class ScriptedServer: @unchecked Sendable {
    public enum Line: Sendable {
        /// At once, without being asked.
        case greet([UInt8])
        /// After the first bytes have come.
        case answer([UInt8])
        case hangUp
        /// Keeps the connection and says nothing more.
        case holdOpen
    }

    public let port: Int
    private let descriptor: Int32
    private let script: [Line]
    private let lock = NSLock()
    private var open: [Int32] = []
    private var accepted = 0

    public var url: String { "redis://127.0.0.1:\(port)" }
    /// Connections so far.
    public var connections: Int { lock.withLock { accepted } }

    public init(_ script: Line...) throws {
        self.script = script
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listening, descriptor) = withUnsafeMutablePointer(to: &address) { [descriptor] in
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let bound = bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                getsockname(descriptor, $0, &length)
                return (bound, descriptor)
            }
        }
        guard listening else { throw CocoaError(.fileReadUnknown) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0, let self else { return }
                self.take(connection)
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
        for connection in open { close(connection) }
    }

    private func take(_ connection: Int32) {
        lock.withLock {
            open.append(connection)
            accepted += 1
        }
        let script = script
        Thread.detachNewThread {
            for line in script {
                switch line {
                case .greet(let bytes): _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                case .answer(let bytes):
                    var buffer = [UInt8](repeating: 0, count: 4096)
                    guard recv(connection, &buffer, buffer.count, 0) > 0 else { return }
                    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                case .hangUp: shutdown(connection, Int32(SHUT_RDWR))
                case .holdOpen: return
                }
            }
        }
    }
}
