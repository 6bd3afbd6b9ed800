import Foundation
import Glibc
import Testing

/// A client's connection to a server, open until it ends with this value.
public final class RawClient {
    private let descriptor: Int32

    /// - Parameters:
    ///   - name: by `CLIENT SETNAME`.
    ///   - hasAddress: whether it comes over TCP, by an address of its own.
    public init(_ server: RedisServer, name: String, hasAddress: Bool = false) throws {
        descriptor = socket(hasAddress ? AF_INET : AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        let status = hasAddress ? connect(port: server.port) : connect(path: server.socket)
        try #require(status == 0)
        try send("CLIENT SETNAME \(name)")
        var answer = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &answer, answer.count)
        try #require(count > 0 && answer.starts(with: Array("+OK".utf8)))
    }

    /// Without waiting for the answer.
    public func send(_ command: String) throws {
        let bytes = Array("\(command)\r\n".utf8)
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    }

    private func connect(path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return connect(&address)
    }

    private func connect(port: Int) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return connect(&address)
    }

    private func connect<Address>(_ address: inout Address) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    deinit { close(descriptor) }
}
