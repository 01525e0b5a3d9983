/// An attribute that job-list tells about a job; the raw value is its name.
public enum JobAttribute: String, Hashable, Sendable, CaseIterable {
    case userID = "userid"
    case urgency
    case priority
    case submitTime = "t_submit"
    case dependTime = "t_depend"
    case priorityTime = "t_priority"
    case schedTime = "t_sched"
    case runTime = "t_run"
    case cleanupTime = "t_cleanup"
    case inactiveTime = "t_inactive"
    case state
    case name
    case cwd
    case queue
    case project
    case bank
    case ntasks
    case ncores
    case duration
    case nnodes
    case ranks
    case nodelist
    case success
    case exceptionOccurred = "exception_occurred"
    case exceptionType = "exception_type"
    case exceptionSeverity = "exception_severity"
    case exceptionNote = "exception_note"
    case result
    case expiration
    case annotations
    case waitStatus = "waitstatus"
    case dependencies

    /// Reads the attributes of a request; `all` stands for every one.
    ///
    /// - Throws: ``JobListError`` with the text for the client, EINVAL.
    public static func parse(_ names: [String]) throws(JobListError) -> [JobAttribute] {
        var attributes: [JobAttribute] = []
        for name in names {
            if name == "all" {
                attributes += allCases
            } else {
                guard let attribute = JobAttribute(rawValue: name) else {
                    throw JobListError(errno: 22, "\(name) is not a valid attribute")
                }
                attributes.append(attribute)
            }
        }
        return attributes
    }
}

/// An answer that is an error: its number and the text for the client.
public struct JobListError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Linux error number.
    public let errno: Int32
    public let description: String

    public init(errno: Int32, _ description: String) {
        self.errno = errno
        self.description = description
    }
}
