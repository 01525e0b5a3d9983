internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID
internal import RFC22Idset

/// The shells of a running job, which run commands on its nodes.
struct JobShells: Sendable {
    /// The brokers whose nodes the job has.
    let ranks: Idset
    /// The service that runs commands, on each of the ranks.
    let service: String

    /// The shells of the job that a command line names; nil when it names none.
    static func named(_ text: String?, _ flux: Handle) async throws -> JobShells? {
        guard let text else { return nil }
        guard let id = JobID(text) else { throw CommandError("error parsing jobid: \"\(text)\"") }
        let ranks = try await ranks(of: id, named: text, flux)
        return JobShells(ranks: ranks, service: try await service(of: id, named: text, flux))
    }

    private static func ranks(of id: JobID, named text: String, _ flux: Handle) async throws -> Idset {
        let request: JSON = ["id": .int(Int64(bitPattern: id.value)), "attrs": ["ranks", "state"]]
        let answer: JSON
        do throws(RPCError) { answer = try await flux.query("job-list.list-id", request) } catch {
            throw CommandError(error.errnum == Errno.noEntry ? "job \(text) not found" : "job \(text): \(error)")
        }
        guard answer["job"]?["state"]?.intValue == 16 else { throw CommandError("job \(text) is not currently running") }
        let ranks = answer["job"]?["ranks"]?.stringValue ?? ""
        guard let set = Idset(ranks), !set.isEmpty else { throw CommandError("failed to get assigned ranks for \(text)") }
        return set
    }

    private static func service(of id: JobID, named text: String, _ flux: Handle) async throws -> String {
        let request: JSON = ["id": .int(Int64(bitPattern: id.value)), "path": "guest.exec.eventlog", "flags": 1]
        let log = flux.stream("job-info.eventlog-watch", request)
        while let answer = try await log.nextJSON() {
            let event = (try? JSON(parsing: answer["event"]?.stringValue ?? "")) ?? .null
            guard event["name"]?.stringValue == "shell.init", let service = event["context"]?["service"]?.stringValue
            else { continue }
            log.abandon()
            return "\(service).rexec"
        }
        throw CommandError("failed to get shell.init event for \(text)")
    }
}
