internal import Client
internal import FluxJSON
internal import RFC19FLUID
internal import Reactor
internal import Service

extension Broker {
    /// Tells the instance whose job this one is where it can be found, and which of its brokers it cannot lose.
    ///
    /// Source: broker-protocol 3.2 (observed: flux-core 0.88).
    func announceToParent() async throws {
        guard rank == 0, let text = attributes["jobid"], let uri = attributes["parent-uri"] else { return }
        let id = try Self.number(ofJob: text)
        let socket = (attributes["local-uri"] ?? "").dropFirst("local://".count)
        let memo: JSON = ["uri": .string("ssh://\(attributes["hostname"] ?? "")\(socket)")]
        let critical: JSON = ["id": id, "ranks": .string(attributes["broker.critical-ranks"] ?? "0")]
        remind("state", after: .seconds(5)) { _ in "load-builtins: waiting for the enclosing instance at \(uri)" }
        defer { cancelTimer("state") }
        let parent = try Handle.open(uri, on: reactor)
        try await parent.rpc("job-manager.memo", ["id": id, "memo": memo])
        // An execution system without this method has no use for it.
        _ = try? await parent.rpc("job-exec.critical-ranks", critical)
        parent.close()
    }

    private static func number(ofJob text: String) throws -> JSON {
        guard let job = JobID(text) else {
            throw ServiceError(errnum: Errno.invalid, text: "jobid \(text) is not a job id")
        }
        return .int(Int64(bitPattern: job.value))
    }
}
