public import FluxJSON
public import RFC18Eventlog

/// Stored data of a job with the updates of its eventlog applied.
///
/// Source: RFC 21, "Jobspec-update Event" and "Resource-update Event".
public enum CurrentData {
    /// R with a changed expiration.
    public static func resources(_ stored: JSON, _ log: Eventlog) -> JSON {
        log.entries.reduce(into: stored) { resources, entry in apply(entry, toResources: &resources) }
    }

    /// The jobspec with changed attributes.
    public static func jobspec(_ stored: JSON, _ log: Eventlog) -> JSON {
        log.entries.reduce(into: stored) { jobspec, entry in apply(entry, toJobspec: &jobspec) }
    }

    /// Applies one event; whether it changed anything.
    @discardableResult
    public static func apply(_ entry: Eventlog.Entry, toResources resources: inout JSON) -> Bool {
        guard entry.name == "resource-update", let value = entry.context?["expiration"] else { return false }
        return (try? resources.set(value, at: "execution.expiration")) != nil
    }

    /// Applies one event; whether it changed anything. A path that leads nowhere is skipped.
    @discardableResult
    public static func apply(_ entry: Eventlog.Entry, toJobspec jobspec: inout JSON) -> Bool {
        guard entry.name == "jobspec-update" else { return false }
        var isChanged = false
        for (path, value) in entry.context ?? [:] where (try? jobspec.set(value, at: path)) != nil { isChanged = true }
        return isChanged
    }
}

/// Who may ask for the data of a job.
public enum JobInfoAccess {
    /// The user who submitted the job; nil when the log does not begin with a submit event.
    public static func owner(of log: Eventlog) -> UInt32? {
        guard let first = log.entries.first, first.name == "submit" else { return nil }
        return first.context?["userid"]?.intValue.flatMap { UInt32(exactly: $0) }
    }
}
