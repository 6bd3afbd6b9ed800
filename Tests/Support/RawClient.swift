import Foundation
import Glibc
import Testing

/// A client's connection to a server, open until it ends with this value.
public final class RawClient {
    private let descriptor: Int32

    /// - Parameter name: by `CLIENT SETNAME`.
    public init(_ server: RedisServer, name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: server.socket.utf8.prefix($0.count - 1)) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        let command = Array("CLIENT SETNAME \(name)\r\n".utf8)
        try #require(write(descriptor, command, command.count) == command.count)
        var answer = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &answer, answer.count)
        try #require(count > 0 && answer.starts(with: Array("+OK".utf8)))
    }

    deinit { close(descriptor) }
}
