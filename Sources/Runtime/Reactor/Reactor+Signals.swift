internal import CSystemShims
internal import Glibc

extension Reactor {
    /// Turns signals into calls of `body` on this reactor. They are blocked for the whole process from then on;
    /// children must unblock them.
    ///
    /// - Throws: ``SystemError`` from signalfd.
    public func watchSignals(_ signals: [Int32], _ body: @escaping (Int32) -> Void) throws(SystemError) -> WatchID {
        var mask = sigset_t()
        sigemptyset(&mask)
        for signal in signals { sigaddset(&mask, signal) }
        pthread_sigmask(SIG_BLOCK, &mask, nil)
        let descriptor = signalfd(-1, &mask, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("signalfd") }
        return try watch(descriptor, for: .readable) { _ in
            var information = signalfd_siginfo()
            while read(descriptor, &information, MemoryLayout<signalfd_siginfo>.size) > 0 {
                body(Int32(information.ssi_signo))
            }
        }
    }
}
