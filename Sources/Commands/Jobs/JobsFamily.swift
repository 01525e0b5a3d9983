public import CommandKit
internal import JobSubmission

/// Verbs that submit, list, follow and change jobs.
public enum JobsFamily: Family {
    public static let names = ["run", "submit", "bulksubmit", "batch", "alloc", "jobs", "job", "cancel", "queue"]

    public static func command(named name: String) -> Command? {
        switch name {
        case "alloc": submissionCommand(.alloc)
        case "batch": submissionCommand(.batch)
        case "bulksubmit": submissionCommand(.bulksubmit)
        case "cancel": cancelCommand
        case "job": jobCommand
        case "jobs": jobsCommand
        case "queue": queueCommand
        case "run": submissionCommand(.run)
        case "submit": submissionCommand(.submit)
        default: nil
        }
    }
}
