import Foundation
import Glibc

/// A port that neither takes nor refuses connections, as one of a host that is switched off.
public final class SwitchedOffHost: Sendable {
    public let port: Int
    private let descriptors: [Int32]

    /// Its queue of connections is full, and nobody takes one out.
    public init() throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var fillers: [Int32] = []
        let isFull = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(listener, address, length) == 0, listen(listener, 0) == 0 else { return false }
                getsockname(listener, address, &length)
                for _ in 0..<8 {
                    let filler = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                    _ = fcntl(filler, F_SETFL, O_NONBLOCK)
                    fillers.append(filler)
                    _ = connect(filler, address, length)
                    var state = pollfd(fd: filler, events: Int16(POLLOUT), revents: 0)
                    // One that is not taken shows that the queue is full.
                    if poll(&state, 1, 200) == 0 { return true }
                }
                return false
            }
        }
        guard isFull else { throw CocoaError(.fileReadUnknown) }
        port = Int(UInt16(bigEndian: address.sin_port))
        descriptors = fillers + [listener]
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
