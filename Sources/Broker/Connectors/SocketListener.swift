internal import CSystemShims
internal import Client
internal import Glibc
package import Reactor

/// A listening AF_UNIX socket whose file exists as long as this object.
package final class SocketListener {
    package let path: String
    private let reactor: Reactor
    private let descriptor: Int32
    private var watch: WatchID?

    /// Who is at the other end of an accepted connection, as the kernel says.
    package struct Peer: Hashable, Sendable {
        package let descriptor: Int32
        package let userID: UInt32
        package let processID: Int32
    }

    /// Binds and listens. An old socket file of that name is replaced; access is governed by the directory.
    ///
    /// - Throws: ``Reactor/SystemError``.
    package init(path: String, reactor: Reactor, accepted: @escaping (Peer) -> Void) throws(SystemError) {
        self.path = path
        self.reactor = reactor
        guard var address = sockaddr_un(path: path) else { throw SystemError("bind \(path)", code: ENAMETOOLONG) }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        self.descriptor = descriptor
        unlink(path)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, chmod(path, 0o777) == 0, listen(descriptor, 128) == 0 else {
            let error = SystemError("bind \(path)")
            Glibc.close(descriptor)
            throw error
        }
        watch = try reactor.watch(descriptor, for: .readable) { [weak self] _ in self?.accept(accepted) }
    }

    deinit { close() }

    package func close() {
        guard let watch else { return }
        reactor.unwatch(watch)
        self.watch = nil
        Glibc.close(descriptor)
        unlink(path)
    }

    private func accept(_ accepted: (Peer) -> Void) {
        while true {
            let client = flux_accept(descriptor)
            guard client >= 0 else {
                if errno == EMFILE || errno == ENFILE { pause() }
                return
            }
            var userID: UInt32 = 0
            var processID: Int32 = 0
            guard flux_peer_credentials(client, &userID, &processID) == 0 else {
                Glibc.close(client)
                continue
            }
            accepted(Peer(descriptor: client, userID: userID, processID: processID))
        }
    }

    /// No descriptors are left: the connection stays in the backlog for 10 ms.
    private func pause() {
        guard let watch else { return }
        reactor.rewatch(watch, for: [])
        reactor.schedule(after: .milliseconds(10)) { [weak self] in self?.resume() }
    }

    private func resume() {
        guard let watch else { return }
        reactor.rewatch(watch, for: .readable)
    }
}
