import FluxJSON
public import RFC14Jobspec

/// A job ready to be submitted.
public struct SubmissionRequest: Hashable, Sendable {
    /// What to submit.
    public var jobspec: Jobspec
    /// The options that hold: those of the command line and, of batch, of the script. Urgency, flags, `--quiet` and
    /// `--dry-run` are asked here.
    public var options: SubmissionOptions
    /// Lines for standard error that stop nothing.
    public var warnings: [String] = []
}

extension SubmissionOptions {
    /// Makes the jobspec.
    ///
    /// - Parameters:
    ///   - context: files, environment and limits of the caller.
    ///   - copyID: the id of this copy with `--cc`, which tells it the job as `FLUX_JOB_CC`.
    public func jobspec(in context: SubmissionContext, copyID: UInt32? = nil) throws(SubmissionError)
        -> SubmissionRequest
    {
        guard program != .batch else {
            var options = self
            let script = try options.readScript(context)
            var request = try options.batch(script, context)
            try options.applyOptions(to: &request, context)
            return request
        }
        var request = try program == .alloc ? alloc(context) : tasks(context)
        try applyOptions(to: &request, context)
        if let copyID, values[.bcc] == nil {
            try Self.set(&request.jobspec, "system.environment.FLUX_JOB_CC", .string("\(copyID)"))
        }
        return request
    }

    // MARK: tasks

    private func tasks(_ context: SubmissionContext) throws(SubmissionError) -> SubmissionRequest {
        guard !command.isEmpty else { throw .failure("job command and arguments are missing") }
        guard program == .run || inputRanks == nil else {
            throw .failure("per-task input not supported for \(program.rawValue)")
        }
        let ntasks = try integer(.ntasks)
        let cores = try integer(.cores)
        let coresPerTask = try integer(.coresPerTask)
        let gpusPerTask = try integer(.gpusPerTask)
        let gpusPerNode = try integer(.gpusPerNode)
        // A shape or a resource file replaces all of this; one node keeps it valid until then.
        let nodes = replacesResources ? 1 : try integer(.nodes)
        let perNode = try integer(.tasksPerNode)
        let perCore = try integer(.tasksPerCore)
        guard perNode == nil || perCore == nil else {
            throw .failure("Do not specify both the number of tasks per node and per core")
        }
        if let perNode, perNode < 1 { throw .failure("--tasks-per-node must be >= 1") }
        if let perCore, perCore < 1 { throw .failure("--tasks-per-core must be >= 1") }
        if gpusPerNode ?? 0 != 0, nodes ?? 0 == 0 { throw .failure("--gpus-per-node requires --nodes") }
        var isExclusive = has(.exclusive)
        var jobspec: Jobspec
        do {
            if perNode != nil || perCore != nil || gpusPerNode != nil || cores != nil {
                guard ntasks == nil, coresPerTask == nil, gpusPerTask ?? 0 == 0 else {
                    throw SubmissionError.failure(
                        "Per-resource options can't be used with per-task options. (See --help for details)")
                }
                if nodes ?? 0 != 0, cores == nil { isExclusive = true }
                let per =
                    perNode.map { JobspecBuilder.TasksPerResource(type: "node", count: $0) }
                    ?? perCore.map { JobspecBuilder.TasksPerResource(type: "core", count: $0) }
                jobspec = try JobspecBuilder.perResource(
                    command: command, coreCount: cores, nodeCount: nodes, per: per, gpusPerNode: gpusPerNode,
                    isExclusive: isExclusive)
            } else {
                var taskCount = ntasks ?? 0
                if taskCount == 0, let nodes, nodes != 0 {
                    taskCount = nodes
                    isExclusive = true
                }
                jobspec = try JobspecBuilder.forTasks(
                    command: command, taskCount: taskCount == 0 ? 1 : taskCount,
                    coresPerTask: coresPerTask ?? 0 == 0 ? 1 : coresPerTask ?? 1, gpusPerTask: gpusPerTask,
                    nodeCount: nodes, isExclusive: isExclusive)
            }
        } catch let error as SubmissionError {
            throw error
        } catch {
            throw .failure("\(error)")
        }
        try setBasics(&jobspec, context, name: values[.jobName], input: inputRanks == nil ? values[.input] : nil)
        return SubmissionRequest(jobspec: jobspec, options: self)
    }

    /// Attributes that come straight from options; their order is flux-core's.
    func setBasics(
        _ jobspec: inout Jobspec, _ context: SubmissionContext, name: String?, input: String?,
        output: String? = nil, acceptsOutput: Bool = true
    ) throws(SubmissionError) {
        if let limit = values[.timeLimit] {
            try Self.set(&jobspec, "system.duration", .real(try TimeOption.limit(limit)))
        }
        try Self.set(&jobspec, "system.environment", .object([:]))
        try Self.set(&jobspec, "system.cwd", .string(values[.cwd] ?? context.workingDirectory))
        if let name { try Self.set(&jobspec, "system.job.name", .string(name)) }
        if acceptsOutput {
            if let input { try redirect(&jobspec, "input.stdin", input) }
            for (stream, path) in [("stdout", values[.output] ?? output), ("stderr", values[.error])] {
                guard let path, path != "none", path != "kvs" else { continue }
                try redirect(&jobspec, "output.\(stream)", path)
                if labelsIO { try setOption(&jobspec, "output.\(stream).label", true) }
            }
        }
        if isUnbuffered {
            try setOption(&jobspec, "output.stdout.buffer.type", "none")
            try setOption(&jobspec, "output.stderr.buffer.type", "none")
            try setOption(&jobspec, "output.batch-timeout", 0.05)
            try setOption(&jobspec, "input.batch-timeout", 0.0)
        }
        if let queue = values[.queue] { try Self.set(&jobspec, "system.queue", .string(queue)) }
        if let bank = values[.bank] { try Self.set(&jobspec, "system.bank", .string(bank)) }
    }

    private func redirect(_ jobspec: inout Jobspec, _ stream: String, _ path: String) throws(SubmissionError) {
        try setOption(&jobspec, "\(stream).type", "file")
        try setOption(&jobspec, "\(stream).path", .string(path))
    }

    // MARK: shared

    /// An option as an integer; an empty text and no option are the same.
    func integer(_ option: SubmissionOption) throws(SubmissionError) -> Int64? {
        guard let text = values[option], !text.isEmpty else { return nil }
        guard let value = LooseInteger.parse(text) else {
            let name = option.rawValue.split(separator: "_").joined(separator: "-")
            throw .failure("--\(name): invalid int value '\(text)'")
        }
        return value
    }

    static func set(_ jobspec: inout Jobspec, _ path: String, _ value: JSON) throws(SubmissionError) {
        do { try jobspec.setAttribute(path, value) } catch {
            throw .failure("failed to set attributes.\(path) to \(value.text): \(error.reason)")
        }
    }

    func setOption(_ jobspec: inout Jobspec, _ path: String, _ value: JSON) throws(SubmissionError) {
        try Self.set(&jobspec, "system.shell.options." + path, value)
    }

    var replacesResources: Bool {
        values[.shape]?.isEmpty == false || values[.resourcesJSON]?.isEmpty == false
    }
}
