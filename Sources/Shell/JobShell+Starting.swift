internal import Client
internal import ExecServer
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC19FLUID
internal import RFC20R
internal import RFC22Idset
internal import RFC34Taskmap
internal import Reactor

extension JobShell {
    /// Asks the broker for everything at once, then puts the parts of the shell together.
    func prepare() async throws {
        try watchSignals()
        let rank = Answer(flux, "attr.get", ["name": "rank"])
        let path = Answer(flux, "attr.get", ["name": "jobid-path"])
        let runDirectory = Answer(flux, "attr.get", ["name": "rundir"])
        let owner = Answer(flux, "attr.get", ["name": "security.owner"])
        let id = JSON.int(Int64(bitPattern: jobID.value))
        let request = Answer(flux, "job-info.lookup", ["id": id, "keys": ["J"], "flags": 0])
        let registration = Answer(flux, "service.add", ["service": .string(service)])
        let granted = watchResources()
        try await flux.subscribe("shell-\(jobID.dec).") { [self] in receiveEvent($0) }

        guard let brokerRank = UInt32(try await attribute(rank) ?? "") else {
            throw ShellExit(1, "error fetching rank")
        }
        jobIDPath = (try? await attribute(path)) ?? "/"
        let runDirectoryPath = try? await attribute(runDirectory)
        brokerOwner = (try? await attribute(owner)).flatMap { UInt32($0) } ?? UInt32(userID)
        let envelope = try await lookup(request)
        guard let allocation = await granted.value() else { throw ShellExit(1, "error decoding R") }
        resources = allocation

        let job = try JobDocument(try JobEnvelope.jobspec(envelope))
        info = try makeInfo(job, brokerRank: brokerRank)
        log.shellRank = info.shellRank
        log.guest = guest
        try setVerbosity()
        do {
            _ = try await registration.json()
        } catch {
            throw ShellExit(1, "shell_svc_create: \(error)")
        }
        if info.isLeader { warnOfForeignOptions() }
        enterDirectory()
        info.taskMap = try TaskMapScheme.apply(job.options["taskmap"], to: info)
        adjustShares()
        try prepareFolder(runDirectory: runDirectoryPath)
        try await writeTopology()
        try await stageIn()
        try prepareParts()
    }

    private func attribute(_ answer: Answer) async throws -> String? { try await answer.json()["value"]?.stringValue }

    private func lookup(_ answer: Answer) async throws(ShellExit) -> String {
        do {
            if let text = try await answer.json()["J"]?.stringValue { return text }
            throw ShellExit(1, "error fetching jobspec")
        } catch let error as RPCError {
            throw ShellExit(1, "error fetching jobspec: \(error)")
        } catch {
            throw ShellExit(1, "\(error)")
        }
    }

    /// The allocation now, and whenever it changes.
    private func watchResources() -> FirstValue<ResourceSet> {
        let first = FirstValue<ResourceSet>()
        let request = Message.request(
            "job-info.update-watch",
            json: ["id": .int(Int64(bitPattern: jobID.value)), "key": "R", "flags": 0], flags: .streaming)
        flux.call(request) { [self] result in
            guard case .success(let message) = result, let payload = try? message.decodeJSON(), let json = payload["R"],
                let set = try? ResourceSet(json: json)
            else { return first.set(nil) }
            guard first.isSet else { return first.set(set) }
            resources = set
            armExpirationSignal()
        }
        return first
    }

    private func makeInfo(_ job: JobDocument, brokerRank: UInt32) throws(ShellExit) -> ShellInfo {
        let shares = NodeShare.shares(of: resources)
        guard let shellRank = shares.firstIndex(where: { $0.brokerRank == brokerRank }) else {
            throw ShellExit(1, "error fetching rankinfo for rank \(brokerRank)")
        }
        let shape = TaskPlacement.shape(job, shares: shares, grantedSlots: resources.nslots)
        let counts = try TaskPlacement.counts(job, shares: shares, shape: shape)
        return ShellInfo(
            jobID: jobID, job: job, shares: shares, shellRank: shellRank, taskMap: try TaskMapScheme.blocks(counts),
            hostName: Self.hostName(), usesPlainIDs: Self.usesPlainIDs(ownEnvironment, job.environment))
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Job ids begin with `ƒ` where the locale can show it.
    static func usesPlainIDs(_ own: [String: String], _ job: [String: String]) -> Bool {
        if own["FLUX_F58_FORCE_ASCII"] != nil || job["FLUX_F58_FORCE_ASCII"] != nil { return true }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { own[$0] }.first { !$0.isEmpty } ?? ""
        let codeset = locale.lowercased()
        return !(codeset.contains("utf-8") || codeset.contains("utf8"))
    }

    private func setVerbosity() throws(ShellExit) {
        var verbosity = try info.job.options.int("verbose") ?? 0
        if verbosity > 2 {
            verbosity = 2
            log.warn("Ignoring shell verbosity > 2")
        }
        log.level = LogLevel(rawValue: LogLevel.notice.rawValue + max(0, verbosity)) ?? .trace
    }

    /// Options that ask for what this shell does not have are answered, not passed over.
    private func warnOfForeignOptions() {
        for name in ["initrc", "userrc"] {
            guard let path = info.job.options[name]?.stringValue else { continue }
            log.warn("\(name)=\(path) is ignored: this shell runs no Lua scripts and loads no plugins")
        }
        for name in ["coprocess"] where info.job.options.isSet(name) {
            log.warn("shell option \(name) is ignored: this shell does not have it")
        }
    }

    private func enterDirectory() {
        guard let directory = info.job.directory, chdir(directory) != 0 else { return }
        let reason = SystemError.text(of: errno)
        log.error("host \(info.hostName): Could not change dir to \(directory): \(reason). Going to /tmp instead")
        _ = chdir("/tmp")
    }

    /// Jobs with explicit nodes and fewer tasks than slots were given a slot too many on some nodes.
    ///
    /// Source: observed: flux-core 0.88, for version 1 without exclusive nodes.
    private func adjustShares() {
        let job = info.job
        let shape = TaskPlacement.shape(job, shares: info.shares, grantedSlots: resources.nslots)
        defer { logPlacement(shape) }
        guard job.version == 1, !job.isNodeExclusive, job.perResource == nil, let nodes = shape.nodeCount, nodes > 1,
            shape.slotCount > info.taskCount
        else { return }
        for node in info.shares.indices {
            let tasks = info.tasks(ofNode: node)
            let before = info.shares[node]
            info.shares[node].cores = before.cores.smallest(tasks.count * shape.coresPerSlot)
            info.shares[node].gpus = before.gpus.smallest(tasks.count * shape.gpusPerSlot)
            guard node == info.shellRank else { continue }
            let after = info.shares[node]
            if after.cores != before.cores {
                log.warn("\(info.hostName): adjusted cores from \(before.cores) to \(after.cores)")
            }
            if after.gpus != before.gpus {
                log.warn("\(info.hostName): adjusted gpus from \(before.gpus) to \(after.gpus)")
            }
        }
    }

    private func logPlacement(_ shape: TaskPlacement.Shape) {
        if info.isLeader {
            let perNode = shape.nodeCount.map { shape.slotCount / $0 } ?? -1
            log.debug(
                "0: task_count=\(info.taskCount) slot_count=\(shape.slotCount) "
                    + "cores_per_slot=\(shape.coresPerSlot) slots_per_node=\(perNode)")
        }
        let tasks = info.localTasks
        log.debug(
            "\(info.shellRank): task\(tasks.count > 1 ? "s" : "") \(tasks.formatted(.ranges.bracketed)) "
                + "on cores \(info.share.cores)")
    }

    private func prepareFolder(runDirectory: String?) throws(ShellExit) {
        var environment = info.job.environment
        if let temporary = environment["TMPDIR"], access(temporary, F_OK) != 0, !JobFolder.makeTemporary(temporary) {
            log.warn("Unable to create TMPDIR=\(temporary), resetting TMPDIR=/tmp", component: "tmpdir")
            environment["TMPDIR"] = "/tmp"
        }
        let folder = try JobFolder.make(info, runDirectory: runDirectory, temporary: environment["TMPDIR"])
        tmpdir = folder
        try JobFolder.extract(info.job.files, into: folder)
        batch = try LegacyBatch(info.job.batch)
        if let batch, info.isLeader {
            let file: JSON = ["mode": 0o700, "data": .string(batch.script)]
            try JobFolder.extract(["script": file], into: folder)
        }
        taskEnvironment = TaskEnvironment.common(
            info, uri: ownEnvironment["FLUX_URI"] ?? "", namespace: ownEnvironment["FLUX_KVS_NAMESPACE"] ?? "",
            jobIDPath: jobIDPath, tmpdir: folder)
        if let temporary = environment["TMPDIR"] { taskEnvironment["TMPDIR"] = temporary }
        for (name, value) in info.job.options["env-expand"]?.objectValue ?? [:] {
            taskTemplates[name] = value.stringValue
        }
    }

    /// The option `hwloc.xmlfile`: the node's topology in a file, so that programs need not discover it.
    private func writeTopology() async throws {
        guard let option = info.job.options["hwloc", "xmlfile"] else { return }
        guard let flag = option.intValue else {
            throw ShellExit(1, "failed to unpack hwloc options: xmlfile is no integer", component: "hwloc")
        }
        guard flag != 0, let tmpdir else { return }
        let answer = try await flux.rpc("resource.topo-get")
        guard let xml = answer.payloadText else {
            throw ShellExit(1, "failed to get shell hwloc xml", component: "hwloc")
        }
        try JobFolder.extract(["hwloc.xml": ["mode": 0o640, "data": .string(xml)]], into: tmpdir)
        if taskEnvironment["HWLOC_XMLFILE"] == nil { taskEnvironment["HWLOC_XMLFILE"] = "\(tmpdir)/hwloc.xml" }
        // With it set the file would be ignored.
        taskEnvironment["HWLOC_COMPONENTS"] = nil
    }

    private func prepareParts() throws(ShellExit) {
        let options = info.job.options
        let outputOptions = try OutputOptions(
            options, isSingleUser: brokerOwner == userID, isPerShell: info.isPerShell)
        output = Output(info: info, options: outputOptions, flux: flux, guest: guest, service: service)
        log.output = output
        output.onWarning = { [self] in log.warn($0, component: "output") }
        output.onPause = { [self] in pauseTasks($0) }
        for warning in outputOptions.warnings { log.warn(warning, component: "output.config") }
        if info.isLeader {
            let seconds = ExpirationSignal.fixed(outputOptions.batchSeconds, 3)
            log.debug("batch timeout = \(seconds)s", component: "output.kvs")
        }
        output.begin(tmpdir: tmpdir)

        let limits = ResourceLimits.parse(options["rlimit"])
        for problem in limits.problems { log.error(problem, component: "rlimit") }
        guard limits.problems.isEmpty else { throw ShellExit(1, "shell_init", component: nil) }
        limitWarnings = ResourceLimits.apply(limits.limits)

        monitor = try SystemMonitor(options["sysmon"], flux: flux, log: log)
        try bind()
        firstExit = try FirstExit(options)
        for key in options["oom"]?.objectValue?.keys ?? [] where key != "adjust" {
            throw ShellExit(1, "oom: 1 object item(s) left unpacked: \(key)", component: "oom")
        }
        try prepareInput()
        pmi = try TaskPMI(shell: self)
        try prepareTerminals()
        tools = ExecServer(
            flux: flux, rank: info.share.brokerRank, localURI: ownEnvironment["FLUX_URI"] ?? "",
            environment: taskEnvironment
        ) { [log] severity, text in log.log(severity <= .err ? .error : .debug, text, component: "rexec") }
        if let value = options["rexec-shutdown-timeout"] {
            guard value.stringValue != nil, let seconds = ShellOptions.seconds(value) else {
                throw ShellExit(1, "invalid rexec-shutdown-timeout: \(value.text)", component: "rexec")
            }
            toolSeconds = seconds
        }
        if info.isLeader {
            activeShells = Set(0..<info.shellSize)
            expirationSignal = try ExpirationSignal(options["signal"])
        }
    }

    /// Binds the shell, and with it the tasks, to the job's processors and GPUs.
    private func bind() throws(ShellExit) {
        let options = info.job.options
        let tasks = info.localTasks
        affinity = try Affinity(
            options["cpu-affinity"], cores: info.share.cores, taskRanks: tasks.map { Int($0) }
        ) { log.log($0, $1, component: "affinity") }
        let gpus = try GPUAffinity(options["gpu-affinity"], gpus: info.share.gpus, taskCount: tasks.count)
        for (name, value) in gpus.common { taskEnvironment[name] = value }
        if !gpus.common.isEmpty, taskEnvironment["CUDA_DEVICE_ORDER"] == nil {
            taskEnvironment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
        }
        gpuAffinity = gpus
    }

    private func prepareTerminals() throws(ShellExit) {
        pty = try PtyOption(info.job.options["pty"])
        if info.isLeader, pty?.addsFirstTask == true {
            log.warn("pty: adding pty to rank 0 for interactive support", component: "pty")
        }
        taskEnvironment["FLUX_TERMINUS_SESSION"] = "0"
        terminals = TerminalService(
            flux: flux, service: "\(service).terminus", rank: info.share.brokerRank, environment: taskEnvironment)
    }

    private func prepareInput() throws(ShellExit) {
        let source = try StandardInput.source(info.job.options)
        if case .file(let path) = source {
            let path = info.render(path, tmpdir: tmpdir)
            guard access(path, R_OK) == 0 else {
                let reason = SystemError.text(of: errno)
                throw ShellExit(1, "error opening input file '\(path)': \(reason)", component: "input.file")
            }
        }
        guard info.isLeader else { return }
        guest.post(
            "input", "header",
            ["version": 1, "encoding": ["stdin": "UTF-8"], "count": ["stdin": 1], "options": [:]])
        switch source {
        case .service:
            let input = try StandardInput(taskCount: info.taskCount, options: info.job.options)
            log.debug("input batch timeout = \(ExpirationSignal.fixed(input.batchSeconds, 3))s", component: "input")
            self.input = input
        case .file(let path):
            guest.post("input", "redirect", ["stream": "stdin", "rank": "all", "path": .string(path)])
        }
    }

    private func watchSignals() throws(ShellExit) {
        do {
            _ = try flux.reactor.watchSignals([SIGINT, SIGTERM, SIGALRM]) { [self] signal in
                guard !tasks.isEmpty else {
                    heldSignal = signal
                    return
                }
                log.debug("forwarding signal \(signal) to tasks", component: "signals")
                killTasks(signal)
            }
        } catch {
            throw ShellExit(1, "failed to set up signal watchers: \(error)", component: "signals")
        }
    }
}

/// A value that comes later, for one reader.
final class FirstValue<Value> {
    private var result: Value?
    private(set) var isSet = false
    private var reader: CheckedContinuation<Void, Never>?

    func set(_ value: Value?) {
        guard !isSet else { return }
        isSet = true
        result = value
        reader?.resume()
        reader = nil
    }

    func value() async -> Value? {
        await withCheckedContinuation { continuation in
            if isSet { continuation.resume() } else { reader = continuation }
        }
        return result
    }
}
