@testable import Broker
import Glibc
import Testing

@Suite("The first byte of a connection")
struct SocketHandshakeTests {
    @Test("who is refused gets one byte, the error number, and no more")
    func refusal() {
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        SocketHandshake.refuse(ends[0], errnum: EPERM)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(read(ends[1], &bytes, 8) == 1)
        #expect(bytes[0] == UInt8(EPERM))
        #expect(read(ends[1], &bytes, 8) == 0)
        close(ends[1])
    }
}
