internal import CSystemShims
internal import Client
internal import Glibc
package import RFC03Message
package import Reactor
internal import Subprocess

/// A module that is a process of its own: it speaks RFC 3 on an inherited socket.
///
/// Plug-ins that are not ours, C libraries and Python programs, run under `flux module-exec` and
/// `flux module-python-exec`; they find the socket by `FLUX_MODULE_URI=fd://N`.
///
/// Source: broker-protocol 1.6, 5.3 (observed: flux-core 0.88).
package final class ExternalModule: ModuleChannel {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let errnum: Int32
        package let description: String
    }

    private let transport: SocketTransport
    private let process: Subprocess
    private var asked = AskedRequests()

    /// - Parameters:
    ///   - path: the module's file; its ending says how it is run.
    ///   - receive: called with what the module sends.
    ///   - ended: called once when the process or its socket is gone, with requests that it will not answer.
    package init(
        path: String, environment: [String: String], reactor: Reactor, receive: @escaping (Message) -> Void,
        ended: @escaping ([Message]) -> Void
    ) throws {
        var sockets: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &sockets) == 0 else {
            throw Failure(errnum: errno, description: "socketpair: \(SystemError.text(of: errno))")
        }
        defer { close(sockets[1]) }
        var variables = environment
        variables["FLUX_MODULE_URI"] = "fd://\(sockets[1])"
        let verb = path.hasSuffix(".py") ? "module-python-exec" : "module-exec"
        var options = SpawnOptions()
        options.inherited = [sockets[1]]
        do {
            process = try Subprocess.spawn(
                Command(["flux", verb, path], environment: variables), options, on: reactor)
        } catch {
            close(sockets[0])
            throw Failure(errnum: error.errnum, description: "flux \(verb) \(path): \(error)")
        }
        SocketHandshake.accept(sockets[0])
        transport = SocketTransport(descriptor: sockets[0], reactor: reactor)
        try transport.open(
            deliver: { [weak self] message in
                if message.kind == .response, self?.asked.admits(message) != true { return }
                receive(message)
            },
            closed: { [weak self] _ in
                ended(self?.asked.unanswered ?? [])
            })
    }

    package func deliverToModule(_ message: Message) {
        if message.kind == .request { asked.note(message) }
        transport.send(message)
    }

    package func disconnect() {
        transport.close()
        process.kill(SIGTERM)
    }

    /// The file of a module that is asked for by path or by name.
    ///
    /// - Parameter searchPath: folders with `:` between them, `FLUX_MODULE_PATH`.
    package static func find(_ path: String, searchPath: String?) -> String? {
        if path.contains("/") { return access(path, R_OK) == 0 ? path : nil }
        for folder in (searchPath ?? "").split(separator: ":") {
            for ending in [".so", ".py"] where access("\(folder)/\(path)\(ending)", R_OK) == 0 {
                return "\(folder)/\(path)\(ending)"
            }
        }
        return nil
    }

    /// The name of a module's file without folder and ending.
    package static func name(ofFile path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return String(file.prefix { $0 != "." })
    }
}
