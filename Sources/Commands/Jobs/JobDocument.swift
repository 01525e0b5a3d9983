internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID

/// A job as `flux jobs --json` prints it.
struct JobDocument {
    let row: JobRow

    private static let keys = [
        "t_depend", "t_priority", "t_sched", "t_run", "t_cleanup", "t_inactive", "duration", "expiration", "name", "cwd",
        "queue", "project", "bank", "ntasks", "ncores", "nnodes", "priority", "ranks", "nodelist", "success", "result",
        "waitstatus", "id", "t_submit", "t_remaining", "state", "username", "userid", "urgency", "runtime", "status",
        "returncode", "dependencies",
    ]

    var json: JSON {
        var object: JSON.Object = [:]
        for key in Self.keys {
            let value = row.value(of: key)
            switch value {
            case .text(let text): if !text.isEmpty { object[key] = .string(text) }
            case .int(let number), .labelled(_, let number): object[key] = .int(number)
            case .real(let number), .time(let number):
                let isHidden = number == 0 && (key.hasPrefix("t_") || key == "runtime" || key == "expiration")
                if !isHidden { object[key] = row.json[key] ?? .real(number) }
            case .bool(let flag): object[key] = .bool(flag)
            }
        }
        object["id"] = .int(row.id.json)
        object["dependencies"] = row.json["dependencies"] ?? []
        object["jobid"] = .string(row.id.f58Python)
        object["annotations"] = row.json["annotations"] ?? [:]
        object["uri"] = row.uri.map { .string($0) }
        let hasOccurred = row.json["exception_occurred"]?.boolValue ?? false
        object["exception"] =
            hasOccurred
            ? [
                "occurred": true, "severity": row.json["exception_severity"] ?? "",
                "type": row.json["exception_type"] ?? "", "note": row.json["exception_note"] ?? "",
            ] : ["occurred": false]
        return .object(object)
    }
}
