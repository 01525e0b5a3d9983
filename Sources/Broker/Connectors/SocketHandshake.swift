internal import Glibc

/// The one byte with which the local connector greets a client.
enum SocketHandshake {
    static func accept(_ descriptor: Int32) {
        var zero: UInt8 = 0
        _ = send(descriptor, &zero, 1, Int32(MSG_NOSIGNAL))
    }

    static func refuse(_ descriptor: Int32, errnum: Int32) {
        var byte = UInt8(truncatingIfNeeded: errnum)
        _ = send(descriptor, &byte, 1, Int32(MSG_NOSIGNAL))
        close(descriptor)
    }
}
