public import Client
internal import FluxJSON
internal import Glibc
public import RFC03Message
internal import RFC24IO
internal import RFC42Subprocess
internal import Subprocess

/// Runs processes for others: the methods of RFC 42 for a service of any name.
///
/// The broker's module `rexec` and the job shell answer with it. It belongs to the reactor of its handle; identity,
/// because it owns processes.
///
/// ```swift
/// let server = ExecServer(flux: flux, rank: 0, localURI: uri, environment: environment) { severity, text in … }
/// server.handle("exec", request)      // answers by itself
/// ```
/// Source: RFC 42; broker-protocol 6.6 (observed: flux-core 0.88).
public final class ExecServer {
    /// The methods that ``handle(_:_:)`` knows, `disconnect` aside.
    public static let methods = ["exec", "write", "kill", "list", "wait", "attach"]

    let flux: Handle
    let rank: UInt32
    let localURI: String
    let environment: [String: String]
    let log: (Severity, String) -> Void
    /// In the order in which they were started.
    var processes: [ExecProcess] = []
    private var onEmpty: (() -> Void)?
    private var isShuttingDown = false

    /// - Parameters:
    ///   - localURI: where children find this broker; becomes their `FLUX_URI`.
    ///   - environment: for commands that bring none.
    ///   - log: takes the output and the end of background processes.
    public init(
        flux: Handle, rank: UInt32, localURI: String, environment: [String: String],
        log: @escaping (Severity, String) -> Void
    ) {
        self.flux = flux
        self.rank = rank
        self.localURI = localURI
        self.environment = environment
        self.log = log
    }

    public var isEmpty: Bool { processes.isEmpty }

    /// Answers a request.
    ///
    /// - Parameter method: the part of the topic after the service's name.
    public func handle(_ method: String, _ request: Message) {
        do {
            let payload = try decode(request)
            switch method {
            case "exec": try execute(request, payload)
            case "write": try write(request, payload)
            case "kill": try kill(request, payload)
            case "list": list(request)
            case "wait": try wait(request, payload)
            case "attach": try attach(request, payload)
            default: throw RPCError(errnum: Errno.noSystem, text: "Unknown service method '\(method)'")
            }
        } catch let error as RPCError {
            flux.respond(to: request, errnum: error.errnum, error.text)
        } catch {
            flux.respond(to: request, errnum: Errno.proto, "invalid request payload: \(error)")
        }
    }

    private func decode(_ request: Message) throws -> JSON {
        let payload = request.hasPayload ? try request.decodeJSON() : .object([:])
        if try Rexec.signature(payload) != nil {
            throw RPCError(errnum: Errno.perm, text: "flux-security support not available")
        }
        if isShuttingDown, request.topic?.hasSuffix(".exec") == true {
            throw RPCError(errnum: Errno.noSystem, text: "subprocess server is shutting down")
        }
        return payload
    }

    /// The sender of `request` is gone: its foreground processes are killed, attached ones go on unattended.
    public func disconnect(_ request: Message) {
        guard let sender = request.firstRoute else { return }
        for process in processes {
            if let client = process.client, client.firstRoute == sender {
                if process.isAttached {
                    process.isAttached = false
                    process.client = nil
                } else {
                    process.child.kill(SIGKILL)
                }
            }
            if process.waiter?.firstRoute == sender { process.waiter = nil }
        }
    }

    /// Signals every process, starts no more, and calls `body` once all have ended.
    public func shutDown(signal: Int32, then body: @escaping () -> Void) {
        isShuttingDown = true
        for process in processes {
            process.isWaitable = false
            process.waiter = nil
        }
        for process in processes where process.isComplete { remove(process) }
        onEmpty = body
        if processes.isEmpty { finishShutdown() } else { killAll(signal) }
    }

    /// Signals every process group.
    public func killAll(_ signal: Int32) {
        for process in processes { process.child.kill(signal) }
    }

    private func finishShutdown() {
        let body = onEmpty
        onEmpty = nil
        body?()
    }

    // MARK: The table

    /// Gives the status to whoever waits, and forgets the process unless somebody still has to.
    func settle(_ process: ExecProcess) {
        if process.isComplete, process.isWaitable, let waiter = process.waiter {
            let pieces = process.tail.pieces
            let answer = Rexec.WaitResponse(
                status: process.child.status?.waitStatus ?? 0, output: pieces.isEmpty ? nil : pieces)
            flux.respond(to: waiter, answer.json)
            process.waiter = nil
            process.isWaitable = false
        }
        if process.isComplete, !process.isWaitable { remove(process) }
    }

    func remove(_ process: ExecProcess) {
        processes.removeAll { $0 === process }
        if processes.isEmpty { finishShutdown() }
    }

    func find(_ target: Rexec.Target) throws(RPCError) -> ExecProcess {
        if let label = target.label {
            if let found = processes.first(where: { $0.label == label }) { return found }
            throw RPCError(errnum: Errno.noProcess, text: "label \(label) does not belong to any subprocess")
        }
        if let found = processes.first(where: { Int64($0.processID) == target.pid }) { return found }
        throw RPCError(errnum: Errno.noProcess, text: "pid \(target.pid) does not belong to any subprocess")
    }
}
