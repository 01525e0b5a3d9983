internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC18Eventlog
internal import RFC19FLUID

/// How a job ended, read from its log.
struct JobOutcome {
    private(set) var json: JSON
    private(set) var waitStatus: Int32?
    private(set) var hasFatalException = false
    private(set) var exceptionType = ""

    /// Reads the log to its end, waiting for it.
    init(of id: JobID, _ flux: Handle) async throws(RPCError) {
        var object: JSON.Object = ["id": .int(id.json), "exception_occurred": false]
        let log = flux.stream("job-info.eventlog-watch", ["id": .int(id.json), "path": "eventlog", "flags": 0])
        while let answer = try await log.nextJSON() {
            guard let line = answer["event"]?.stringValue, let entry = (try? Eventlog(parsing: line))?.entries.first
            else { continue }
            switch entry.name {
            case "submit": object["t_submit"] = .real(entry.timestamp)
            case "start": object["t_run"] = .real(entry.timestamp)
            case "finish":
                object["t_cleanup"] = .real(entry.timestamp)
                object["waitstatus"] = entry.context?["status"]
                waitStatus = (entry.context?["status"]?.intValue).map { Int32(truncatingIfNeeded: $0) }
            case "exception":
                let severity = entry.context?["severity"]?.intValue ?? 0
                guard !hasFatalException else { continue }
                hasFatalException = severity == 0
                exceptionType = entry.context?["type"]?.stringValue ?? ""
                object["exception_occurred"] = true
                object["exception_type"] = .string(exceptionType)
                object["exception_note"] = entry.context?["note"]
                object["exception_severity"] = .int(severity)
            default: break
            }
        }
        object["result"] = .int(Self.result(waitStatus, hasFatalException, exceptionType))
        json = .object(object)
    }

    private static func result(_ status: Int32?, _ hasFatalException: Bool, _ type: String) -> Int64 {
        if hasFatalException, type == "cancel" { return 4 }
        if hasFatalException, type == "timeout" { return 8 }
        return status == 0 && !hasFatalException ? 1 : 2
    }

    var signal: Int32 { (waitStatus ?? 0) & 0x7f }
    var exitCode: Int32 { waitStatus.map { JobEnd(waitStatus: $0).exitCode } ?? 0 }
}
