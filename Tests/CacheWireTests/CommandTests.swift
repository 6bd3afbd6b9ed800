import NIOCore
import Testing

@testable import CacheWire

@Suite struct CommandTests {
    @Test func commandIsAnArrayOfBulkStrings() {
        var buffer = ByteBuffer()
        Command([Array("SET".utf8), [0, 255], []]).encode(into: &buffer)
        #expect(
            Array(buffer.readableBytesView) == Array("*3\r\n$3\r\nSET\r\n$2\r\n".utf8) + [0, 255]
                + Array("\r\n$0\r\n\r\n".utf8))
    }

    @Test func descriptionHidesSecretsAndEscapes() {
        #expect(Command("AUTH", "user", "geheim").description == "AUTH *** ***")
        #expect(Command("GET", "a\u{1b}[31m").description == "GET a\\x1b[31m")
    }
}
