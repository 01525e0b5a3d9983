/// The environment that tasks find.
///
/// Source: job-protocol 6.8 (observed: flux-core 0.88).
enum TaskEnvironment {
    /// What all tasks of the job on this node share.
    static func common(
        _ info: ShellInfo, uri: String, namespace: String, jobIDPath: String, tmpdir: String
    ) -> [String: String] {
        var result = info.job.environment
        result["FLUX_PROXY_REMOTE"] = nil
        result["FLUX_URI"] = uri
        result["FLUX_KVS_NAMESPACE"] = namespace
        result["FLUX_JOB_ID_PATH"] = "\(jobIDPath == "/" ? "" : jobIDPath)/\(info.shownID)"
        result["FLUX_JOB_SIZE"] = "\(info.taskCount)"
        result["FLUX_JOB_NNODES"] = "\(info.shellSize)"
        result["FLUX_JOB_ID"] = info.shownID
        result["FLUX_JOB_TMPDIR"] = tmpdir
        // Copied from the submitter's host it would be wrong here.
        if result["HOSTNAME"] != nil { result["HOSTNAME"] = info.hostName }
        return result
    }

    /// What one task has of its own.
    static func own(_ task: ShellInfo.TaskTags, pmiSize: Int?) -> [String: String] {
        var result = ["FLUX_TASK_RANK": "\(task.rank)", "FLUX_TASK_LOCAL_ID": "\(task.index)"]
        if let pmiSize {
            result["PMI_RANK"] = "\(task.rank)"
            result["PMI_SIZE"] = "\(pmiSize)"
        }
        return result
    }
}
