internal import CSystemShims
internal import Glibc
public import Reactor

extension Subprocess {
    /// Starts a process. It runs, or an error is thrown, when this returns.
    ///
    /// - Parameter inputLimit: how many bytes may wait for the child's standard input.
    /// - Throws: ``SpawnError`` with the errno of exec, for instance ENOENT; nothing is left open then.
    public static func spawn(
        _ command: Command, _ options: SpawnOptions, inputLimit: Int = 4 << 20, on reactor: Reactor
    ) throws(SpawnError) -> Subprocess {
        let program = command.arguments.first ?? ""
        var plumbing = Plumbing()
        defer { plumbing.closeChildEnds() }
        do {
            try plumbing.open(options)
        } catch {
            plumbing.closeParentEnds()
            throw SpawnError(step: error.operation, errnum: error.code, program: program)
        }
        var command = command
        for (name, ends) in plumbing.channels { command.environment[name] = "\(ends.child)" }

        var result = flux_spawn_result()
        let code = start(command, options, plumbing, &result)
        guard code == 0 else {
            plumbing.closeParentEnds()
            let step = result.failed.map { String(cString: $0) } ?? "spawn"
            throw SpawnError(step: step, errnum: code, program: program)
        }
        do {
            let child = try Subprocess(
                command: command, processID: result.pid, pidfd: result.pidfd, ownsGroup: options.group != .inherit,
                reactor: reactor)
            child.directoryError = result.directory_error
            child.adopt(plumbing, inputLimit: inputLimit, on: reactor)
            if options.stopsInExec { flux_spawn_leave_stopped(result.pid) }
            return child
        } catch {
            plumbing.closeParentEnds()
            Glibc.kill(result.pid, SIGKILL)
            waitpid(result.pid, nil, 0)
            close(result.pidfd)
            throw SpawnError(step: error.operation, errnum: error.code, program: program)
        }
    }

    private func adopt(_ plumbing: Plumbing, inputLimit: Int, on reactor: Reactor) {
        if let end = plumbing.parentEnds[0] {
            input = StreamWriter(descriptor: end, limit: inputLimit, reactor: reactor)
        }
        outputEnd = plumbing.parentEnds[1] ?? -1
        errorEnd = plumbing.parentEnds[2] ?? -1
        channelEnds = plumbing.channels.mapValues(\.parent)
    }

    /// Puts the request into C's words. Everything it points to lives until the child has its own memory.
    private static func start(
        _ command: Command, _ options: SpawnOptions, _ plumbing: Plumbing, _ result: inout flux_spawn_result
    ) -> Int32 {
        guard let program = command.arguments.first, !program.isEmpty else { return ENOENT }
        let arguments = StringTable(command.arguments)
        let environment = StringTable(environment: command.environment)
        let candidates = StringTable(Command.candidates(for: program, path: command.environment["PATH"]))
        let interpreter = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: command.arguments.count + 3)
        let directories = StringTable([command.directory ?? "", command.fallbackDirectory ?? ""])
        let limits = options.limits.map { flux_spawn_limit(resource: $0.key, soft: $0.value) }
        let inherited = options.inherited + plumbing.channels.values.map(\.child)
        defer { interpreter.deallocate() }

        var request = flux_spawn()
        request.arguments = UnsafePointer(arguments.pointers)
        request.environment = UnsafePointer(environment.pointers)
        request.interpreter = options.interpretsScripts ? interpreter : nil
        if command.directory != nil { request.directory = UnsafePointer(directories.pointers[0]) }
        if command.fallbackDirectory != nil { request.fallback_directory = UnsafePointer(directories.pointers[1]) }
        request.stdio = (plumbing.childEnds[0], plumbing.childEnds[1], plumbing.childEnds[2])
        request.new_session = options.group == .session ? 1 : 0
        request.new_group = options.group == .own ? 1 : 0
        request.traced = options.stopsInExec ? 1 : 0
        request.parent_death_signal = options.signalOnParentDeath
        return limits.withUnsafeBufferPointer { limits in
            inherited.withUnsafeBufferPointer { inherited in
                (options.processors ?? []).withUnsafeBufferPointer { processors in
                    request.limits = limits.baseAddress
                    request.limit_count = limits.count
                    request.inherited = inherited.baseAddress
                    request.inherited_count = inherited.count
                    if !processors.isEmpty {
                        request.cpus = processors.baseAddress
                        request.cpu_bytes = processors.count
                    }
                    let list = UnsafeMutableRawPointer(candidates.pointers)
                    request.candidates = UnsafePointer(list.assumingMemoryBound(to: UnsafePointer<CChar>?.self))
                    return flux_spawn(&request, &result)
                }
            }
        }
    }
}

/// The descriptors between a parent and a child that is being made.
private struct Plumbing {
    /// What becomes 0, 1, 2 in the child; -1 leaves the parent's.
    var childEnds: [Int32] = [-1, -1, -1]
    var parentEnds: [Int32?] = [nil, nil, nil]
    var channels: [String: (parent: Int32, child: Int32)] = [:]
    private var toClose: [Int32] = []

    mutating func open(_ options: SpawnOptions) throws(SystemError) {
        for (index, stream) in [options.input, options.output, options.error].enumerated() {
            switch stream {
            case .inherit: childEnds[index] = -1
            case .descriptor(let descriptor): childEnds[index] = descriptor
            case .null:
                let descriptor = Glibc.open("/dev/null", (index == 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC)
                guard descriptor >= 0 else { throw SystemError("open /dev/null") }
                childEnds[index] = descriptor
                toClose.append(descriptor)
            case .pipe: try openPipe(index)
            }
        }
        for name in options.channels { try openChannel(name) }
    }

    private mutating func openPipe(_ index: Int) throws(SystemError) {
        var readEnd: Int32 = -1
        var writeEnd: Int32 = -1
        let code = flux_pipe(&readEnd, &writeEnd)
        guard code == 0 else { throw SystemError("pipe2", code: code) }
        let (parent, child) = index == 0 ? (writeEnd, readEnd) : (readEnd, writeEnd)
        _ = fcntl(parent, F_SETFL, O_NONBLOCK)
        childEnds[index] = child
        parentEnds[index] = parent
        toClose.append(child)
    }

    private mutating func openChannel(_ name: String) throws(SystemError) {
        var ends: (Int32, Int32) = (-1, -1)
        let code = withUnsafeMutableBytes(of: &ends) { raw in
            socketpair(
                AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0,
                raw.assumingMemoryBound(to: Int32.self).baseAddress)
        }
        guard code == 0 else { throw SystemError("socketpair") }
        _ = fcntl(ends.0, F_SETFL, O_NONBLOCK)
        channels[name] = (ends.0, ends.1)
        toClose.append(ends.1)
    }

    mutating func closeChildEnds() {
        for descriptor in toClose { close(descriptor) }
        toClose = []
    }

    func closeParentEnds() {
        for case let descriptor? in parentEnds { close(descriptor) }
        for (parent, _) in channels.values { close(parent) }
    }
}
