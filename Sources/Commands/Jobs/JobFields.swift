/// The fields of job listings: their headings, and the attributes of job-list that they need.
enum JobFields {
    static let headings: [String: String] = [
        "id": "JOBID", "id.dec": "JOBID", "id.hex": "JOBID", "id.f58": "JOBID", "id.f58plain": "JOBID",
        "id.emoji": "JOBID", "id.kvs": "JOBID", "id.words": "JOBID", "id.dothex": "JOBID", "userid": "UID",
        "username": "USER", "urgency": "URG", "priority": "PRI", "state": "STATE", "state_single": "S",
        "state_emoji": "STATE", "name": "NAME", "cwd": "CWD", "queue": "QUEUE", "project": "PROJECT", "bank": "BANK",
        "ntasks": "NTASKS", "ncores": "NCORES", "duration": "DURATION", "nnodes": "NNODES",
        "expiration": "EXPIRATION", "t_remaining": "T_REMAINING", "ranks": "RANKS", "nodelist": "NODELIST",
        "success": "SUCCESS", "result": "RESULT", "result_abbrev": "RS", "result_emoji": "RESULT",
        "t_submit": "T_SUBMIT", "t_depend": "T_DEPEND", "t_priority": "T_PRIORITY", "t_sched": "T_SCHED",
        "t_run": "T_RUN", "t_cleanup": "T_CLEANUP", "t_inactive": "T_INACTIVE", "runtime": "RUNTIME",
        "status": "STATUS", "status_abbrev": "ST", "status_emoji": "STATUS", "waitstatus": "WSTATUS",
        "returncode": "RC", "exception.occurred": "EXCEPTION-OCCURRED", "exception.severity": "EXCEPTION-SEVERITY",
        "exception.type": "EXCEPTION-TYPE", "exception.note": "EXCEPTION-NOTE", "annotations": "ANNOTATIONS",
        "dependencies": "DEPENDENCIES", "contextual_info": "INFO", "contextual_time": "TIME",
        "inactive_reason": "INACTIVE-REASON", "annotations.sched.t_estimate": "T_ESTIMATE",
        "annotations.sched.reason_pending": "REASON", "annotations.sched.resource_summary": "RESOURCES",
        "sched": "SCHED", "sched.t_estimate": "T_ESTIMATE", "sched.reason_pending": "REASON",
        "sched.resource_summary": "RESOURCES", "user": "USER", "uri": "URI", "uri.local": "URI",
        "instance.stats": "STATS", "instance.stats.total": "NJOBS", "instance.utilization": "CORE%",
        "instance.gpu_utilization": "GPU%", "instance.progress": "PROG",
    ].merging(instanceHeadings) { first, _ in first }

    /// `instance.resources.up.nnodes` and its relatives.
    private static let instanceHeadings: [String: String] = {
        var result: [String: String] = [:]
        for item in ["nnodes", "ncores", "ngpus"] {
            result["instance.resources.all.\(item)"] = item == "nnodes" ? "NODES" : item == "ncores" ? "CORES" : "GPUS"
            for (state, heading) in [("up", "UP"), ("down", "DOWN"), ("allocated", "USED"), ("free", "FREE")] {
                result["instance.resources.\(state).\(item)"] = heading
            }
        }
        return result
    }()

    /// The headings for a format: annotations and instances may have fields of any name.
    static func headings(for format: String) -> [String: String] {
        var result = headings
        for part in format.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            let name = String(part.prefix { !"!:}".contains($0) })
            guard result[name] == nil else { continue }
            if name.hasPrefix("annotations.") {
                result[name] = name.dropFirst("annotations.".count).uppercased()
            } else if name.hasPrefix("sched.") || name.hasPrefix("user.") {
                result[name] = name.uppercased()
            } else if name.hasPrefix("instance.resources.") {
                result[name] = name.dropFirst("instance.resources.".count).uppercased()
            } else if name.hasPrefix("instance.") {
                result[name] = name.dropFirst("instance.".count).uppercased()
            }
        }
        return result
    }

    /// The attributes that some fields need.
    static func attributes(for fields: [String]) -> [String] {
        Set(fields.flatMap(attributes)).sorted()
    }

    private static func attributes(for field: String) -> [String] {
        switch field {
        case "username": ["userid"]
        case "state_single", "state_emoji": ["state"]
        case "returncode": ["waitstatus", "result"]
        case "exception.occurred": ["exception_occurred"]
        case "exception.severity": ["exception_severity"]
        case "exception.type": ["exception_type"]
        case "exception.note": ["exception_note"]
        case "result_abbrev", "result_emoji": ["result"]
        case "runtime": ["t_run", "t_cleanup"]
        case "status", "status_abbrev", "status_emoji": ["state", "result"]
        case "expiration", "t_remaining": ["expiration", "state", "result"]
        case "contextual_info": ["state", "dependencies", "annotations", "nodelist", "priority", "urgency"]
        case "contextual_time": ["state", "t_run", "t_cleanup", "duration"]
        case "inactive_reason":
            [
                "state", "result", "waitstatus", "exception_occurred", "exception_severity", "exception_type",
                "exception_note",
            ]
        case "uri", "uri.local", "sched", "user": ["annotations"]
        default:
            if field.hasPrefix("id") && (field == "id" || field.hasPrefix("id.")) { [] }
            else if field.hasPrefix("annotations") || field.hasPrefix("sched.") || field.hasPrefix("user.") {
                ["annotations"]
            } else if field.hasPrefix("instance.") { ["annotations", "state", "result"] } else { [field] }
        }
    }

    private static let head = "{id.f58:>12} ?:{queue:<8.8} +:{username:<8} {name:<10.10+} "
    private static let tail = "{ntasks:>6} {nnodes:>6h} "
    /// The formats of `flux jobs`.
    static let formats: [(name: String, description: String, format: String)] = [
        (
            "default", "Default flux-jobs format string",
            head + "{status_abbrev:>2.2} " + tail + "{contextual_time!F:>8h} {contextual_info}"
        ),
        (
            "cute", "Cute flux-jobs format string (default with emojis)",
            head + "{status_emoji:>5.5} " + tail + "{contextual_time!F:>8h} {contextual_info}"
        ),
        (
            "long", "Extended flux-jobs format string",
            head + "{status:>9.9} " + tail
                + "{t_submit!d:%b%d %R::>12} {t_remaining!F:>12h} {contextual_time!F:>8h} {contextual_info}"
        ),
        (
            "deps", "Show job urgency, priority, and dependencies",
            "{id.f58:>12} ?:{queue:<8.8} {name:<10.10+} {urgency:<3} {priority:<12} {state:<8.8} {dependencies}"
        ),
        (
            "endreason", "Show why each job ended",
            head + "{status_abbrev:>2.2} {t_inactive!d:%b%d %R::>12h} {inactive_reason}"
        ),
    ]
}
