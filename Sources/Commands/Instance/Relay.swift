internal import CSystemShims
internal import Client
internal import CommandKit
internal import Glibc

/// `flux relay PATH`: what the connector `ssh://` runs on the other host. Bytes between standard input and output and
/// the socket of a broker are copied as they are.
let relayCommand = Command(
    "relay", "Relay messages between standard input and output and local://path", .builtin, usage: "[OPTIONS] path",
    operands: 0...1
) { arguments in
    guard let path = arguments.operands.first else {
        throw UsageError(.message, "path argument is required")
    }
    guard var address = sockaddr_un(path: path) else {
        throw CommandError("\(Installation.hostname): local://\(path): File name too long", isBare: true)
    }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let code = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard descriptor >= 0, code == 0 else {
        throw CommandError("\(Installation.hostname): local://\(path): \(SystemText.of(errno))", isBare: true)
    }
    defer { close(descriptor) }
    relay(between: descriptor)
    return 0
}

/// Copies until one side has ended.
private func relay(between socket: Int32) {
    var entries = [
        pollfd(fd: 0, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
    ]
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        guard poll(&entries, 2, -1) >= 0 else {
            if errno == EINTR { continue }
            return
        }
        for (index, target) in [socket, Int32(1)].enumerated() where entries[index].revents != 0 {
            let count = read(entries[index].fd, &piece, piece.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return }
            write(Array(piece[..<count]), to: target)
        }
    }
}
