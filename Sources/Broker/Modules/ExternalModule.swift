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

    /// How a module that is a process came to its end.
    package struct End: Hashable, Sendable {
        /// What went wrong with the process, unless the module had announced its end itself.
        package let text: String?
    }

    private let transport: SocketTransport
    private let process: Subprocess
    private let loader: String
    private var asked = AskedRequests()
    private var isSocketClosed = false
    private var report: ((End) -> Void)?

    /// - Parameters:
    ///   - path: the module's file; its ending says how it is run.
    ///   - loader: the flux command that runs it, instead of what the ending says.
    ///   - receive: called with what the module sends.
    ///   - ended: called once when the process and its socket are gone, unless the broker disconnects first.
    package init(
        path: String, loader: String? = nil, environment: [String: String], reactor: Reactor,
        receive: @escaping (Message) -> Void, ended: @escaping (End) -> Void
    ) throws {
        let loader = loader ?? (path.hasSuffix(".py") ? "module-python-exec" : "module-exec")
        self.loader = loader
        report = ended
        var sockets: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &sockets) == 0 else {
            throw Failure(errnum: errno, description: "socketpair: \(SystemError.text(of: errno))")
        }
        defer { close(sockets[1]) }
        var variables = environment
        variables["FLUX_MODULE_URI"] = "fd://\(sockets[1])"
        var options = SpawnOptions()
        options.inherited = [sockets[1]]
        do {
            process = try Subprocess.spawn(
                Command(["flux", loader, path], environment: variables), options, on: reactor)
        } catch {
            close(sockets[0])
            throw Failure(errnum: error.errnum, description: "flux \(loader) \(path): \(error)")
        }
        SocketHandshake.accept(sockets[0])
        transport = SocketTransport(descriptor: sockets[0], reactor: reactor)
        try transport.open(
            deliver: { [weak self] message in
                // A module acts with the owner's authority: it may answer more often than it was asked.
                if message.kind == .response { _ = self?.asked.admits(message) }
                receive(message)
            },
            closed: { [weak self] _ in
                self?.isSocketClosed = true
                self?.checkEnd()
            })
        process.onExit = { [weak self] _ in
            self?.checkEnd()
            // A child of the module may hold the socket open.
            reactor.schedule(after: .milliseconds(200)) { [weak self] in
                self?.isSocketClosed = true
                self?.checkEnd()
            }
        }
    }

    private func checkEnd() {
        guard isSocketClosed, let status = process.status, let report else { return }
        self.report = nil
        report(End(text: "loader (\(loader)) \(Self.words(for: status.waitStatus))"))
    }

    /// What a wait status means for a module that had not announced its end.
    static func words(for status: Int32) -> String {
        let signal = status & 0x7f
        if signal != 0 { return "killed by \(SignalText.name(signal))" }
        let code = status >> 8 & 0xff
        return code == 0 ? "exited with exit code 0 but did not report module status" : "exited with exit code \(code)"
    }

    package func deliverToModule(_ message: Message) {
        if message.kind == .request { asked.note(message) }
        transport.send(message)
    }

    package func disconnect() -> [Message] {
        report = nil
        transport.close()
        process.kill(SIGTERM)
        return asked.unanswered
    }

    package func cancel() -> Bool {
        process.kill(SIGKILL)
        return true
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
            if let file = versioned("\(path).so.", in: String(folder)) { return file }
        }
        return nil
    }

    /// A library whose name goes on with a version, `kvs.so.0.0.0`.
    private static func versioned(_ prefix: String, in folder: String) -> String? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(prefix) { return "\(folder)/\(name)" }
        }
        return nil
    }

    /// The name of a module's file without folder and ending.
    package static func name(ofFile path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return String(file.prefix { $0 != "." })
    }
}
