import FluxJSON
import RFC03Message
import Service

/// Who follows the events of all jobs.
struct Journal {
    struct Reader {
        var allowed: Set<String>?
        var denied: Set<String> = []
        /// Events that came while the past was still being read; nil once that is done.
        var waiting: [[UInt8]]?

        func wants(_ name: String) -> Bool { (allowed?.contains(name) ?? true) && !denied.contains(name) }
        var wantsAll: Bool { allowed == nil && denied.isEmpty }
    }

    var listeners = PendingRequests<Reader>()
    /// Events so far.
    var count: Int64 = 0
}
