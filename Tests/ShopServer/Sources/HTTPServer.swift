import CacheCore
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

struct Request: Sendable {
    let method: HTTPMethod
    /// Path and query, as they came.
    let target: String
    let headers: HTTPHeaders
    let body: [UInt8]
    /// Of the client, or of the proxy before this server.
    let address: String

    /// The parts of the path.
    var path: [String] {
        target.prefix { $0 != "?" }.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
    }

    func query(_ name: String) -> String? {
        URLComponents(string: target)?.queryItems?.first { $0.name == name }?.value
    }

    func cookie(_ name: String) -> String? {
        headers["Cookie"].flatMap { $0.split(separator: ";") }.map { $0.drop { $0 == " " } }
            .first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        do { return try JSONDecoder().decode(type, from: Data(body)) } catch { throw Failure.badRequest }
    }
}

struct Response: Sendable {
    var status = HTTPResponseStatus.ok
    var headers = HTTPHeaders()
    var body: [UInt8] = []

    init(_ value: some Encodable, _ status: HTTPResponseStatus = .ok) throws {
        self.status = status
        headers.add(name: "Content-Type", value: "application/json")
        body = try JSON.bytes(value)
    }

    init(_ failure: Failure) {
        status = failure.status
        if let seconds = failure.retryAfter { headers.add(name: "Retry-After", value: String(seconds)) }
        headers.add(name: "Content-Type", value: "application/json")
        body = Array(#"{"error":"\#(failure.words)"}"#.utf8)
    }

    init(_ cached: CachedResponse) {
        status = HTTPResponseStatus(statusCode: cached.status)
        headers.add(name: "Content-Type", value: cached.contentType)
        body = cached.body
    }
}

enum JSON {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return Array(try encoder.encode(value))
    }
}

/// HTTP/1.1 on NIO, as much as the shop needs: a server of yours has a framework here.
struct HTTPServer: Service {
    let port: Int
    let logger: Logger
    let answer: @Sendable (Request) async -> Response

    func run() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        NIOHTTPServerRequestAggregator(maxContentLength: 65_536))
                    return try NIOAsyncChannel<NIOHTTPServerRequestFull, HTTPServerResponsePart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        logger.info("Listening at http://127.0.0.1:\(server.channel.localAddress?.port ?? 0)")
        // No new connections when the server ends, no new requests on those that are open; what is under way is answered.
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections.cancelOnGracefulShutdown() {
                    group.addTask { await serve(connection) }
                }
            }
        }
    }

    private func serve(_ connection: NIOAsyncChannel<NIOHTTPServerRequestFull, HTTPServerResponsePart>) async {
        let address = connection.channel.remoteAddress?.ipAddress ?? "unknown"
        // A client that goes away is nobody's error.
        try? await connection.executeThenClose { requests, answers in
            for try await request in requests.cancelOnGracefulShutdown() {
                let response = await answer(
                    Request(
                        method: request.head.method, target: request.head.uri, headers: request.head.headers,
                        body: request.body.map { Array($0.readableBytesView) } ?? [],
                        address: address))
                var headers = response.headers
                headers.replaceOrAdd(name: "Content-Length", value: String(response.body.count))
                if !request.head.isKeepAlive { headers.replaceOrAdd(name: "Connection", value: "close") }
                let head = HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)
                try await answers.write(
                    contentsOf: [.head(head), .body(.byteBuffer(ByteBuffer(bytes: response.body))), .end(nil)])
                if !request.head.isKeepAlive { break }
            }
        }
    }
}
