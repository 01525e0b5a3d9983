public import FluxJSON

/// One event of a job's eventlog with its context understood.
///
/// Source: RFC 21, "Event Descriptions". Events without meaning for the state are ``other(name:context:)``.
public enum JobEvent: Hashable, Sendable {
    case submit(userID: Int64, urgency: Int32, flags: JobFlags)
    case validate
    case invalidate
    case setFlags([String])
    case jobspecUpdate(JSON.Object)
    case resourceUpdate(expiration: JSON)
    case dependencyAdd(String)
    case dependencyRemove(String)
    case depend
    case priority(Int64)
    case urgency(Int32, userID: Int64?)
    case fluxRestart
    case memo(JSON.Object)
    case alloc(annotations: JSON.Object?, bypass: Bool)
    case prologStart(description: String?)
    case prologFinish(description: String?, status: Int64?)
    case start
    /// `status` is a wait status; logs of other origin may lack it.
    case finish(status: Int64?)
    /// `ranks` is an idset or `all`.
    case release(ranks: String?, isFinal: Bool)
    case epilogStart(description: String?)
    case epilogFinish(description: String?, status: Int64?)
    case free
    case clean
    case exception(JobException)
    case other(name: String, context: JSON.Object?)

    /// Name in the log.
    public var name: String {
        switch self {
        case .submit: "submit"
        case .validate: "validate"
        case .invalidate: "invalidate"
        case .setFlags: "set-flags"
        case .jobspecUpdate: "jobspec-update"
        case .resourceUpdate: "resource-update"
        case .dependencyAdd: "dependency-add"
        case .dependencyRemove: "dependency-remove"
        case .depend: "depend"
        case .priority: "priority"
        case .urgency: "urgency"
        case .fluxRestart: "flux-restart"
        case .memo: "memo"
        case .alloc: "alloc"
        case .prologStart: "prolog-start"
        case .prologFinish: "prolog-finish"
        case .start: "start"
        case .finish: "finish"
        case .release: "release"
        case .epilogStart: "epilog-start"
        case .epilogFinish: "epilog-finish"
        case .free: "free"
        case .clean: "clean"
        case .exception: "exception"
        case .other(let name, _): name
        }
    }
}
