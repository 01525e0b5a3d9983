public import CommandKit
internal import JobSubmission

/// Verbs that submit, list, follow and change jobs.
public enum JobsFamily: Family {
    public static let names = ["run", "submit", "bulksubmit", "batch", "alloc", "jobs", "job", "cancel", "update", "pgrep", "pkill", "watch", "pstree", "top"]

    public static func command(named name: String) -> Command? {
        switch name {
        case "alloc": submissionCommand(.alloc)
        case "batch": submissionCommand(.batch)
        case "bulksubmit": submissionCommand(.bulksubmit)
        case "cancel": cancelCommand
        case "job": jobCommand
        case "jobs": jobsCommand
        case "pgrep": pgrepCommand
        case "pkill": pkillCommand
        case "pstree": pstreeCommand
        case "run": submissionCommand(.run)
        case "submit": submissionCommand(.submit)
        case "top": topCommand
        case "update": updateCommand
        case "watch": watchCommand
        default: nil
        }
    }
}
