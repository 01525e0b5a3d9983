internal import Client
internal import FluxJSON
internal import RFC03Message
internal import RFC22Idset
internal import RFC24IO
internal import Reactor

/// Brings what tasks write to its place: the job's event log, files, or the leader's shell.
///
/// Identity: it owns open files. Belongs to the shell's reactor.
final class Output {
    enum Destination {
        case log
        case file(OutputFile)
        case leader
    }

    let options: OutputOptions
    private let info: ShellInfo
    private let flux: Handle
    private let guest: GuestLog
    private let service: String
    private var volume: OutputVolume
    private var credit: OutputCredit
    private var files: [String: OutputFile] = [:]
    /// Where the log of the shell goes when standard error is a file.
    private(set) var logFile: OutputFile?
    private var leaderOutput: OutputFile?
    /// The files of tasks are open.
    private(set) var isOpen = false
    /// Asks the shell to stop or to go on reading its tasks.
    var onPause: ((Bool) -> Void)?
    var onWarning: ((String) -> Void)?

    static let key = "output"
    /// An unlabeled stream that floods puts the lines of one read into one entry, from so many bytes and lines on.
    static let floodBytes = 16 << 10
    static let floodLines = 64

    init(info: ShellInfo, options: OutputOptions, flux: Handle, guest: GuestLog, service: String) {
        self.info = info
        self.options = options
        self.flux = flux
        self.guest = guest
        self.service = service
        volume = OutputVolume(limitBytes: options.limitBytes, limitText: options.limitText)
        credit = OutputCredit(lowWater: options.lowWater, highWater: options.highWater)
        guest.onCongestion = { [weak self] in self?.onPause?($0) }
    }

    /// Writes the first entries of the log: what there will be, and what goes to files instead.
    func begin(tmpdir: String?) {
        guard info.isLeader else { return }
        let count = info.taskCount
        let header = IOHeader(streams: ["stdout": count, "stderr": count])
        guest.post(Self.key, "header", header.json)
        for (name, stream) in [("stdout", options.output), ("stderr", options.error)] {
            guard case .file(let template) = stream.target else { continue }
            // Tags that differ between nodes and tasks stay in the path that users are shown.
            let path = info.render(template, shellRank: info.shellSize, tmpdir: tmpdir)
            let ranks = Idset(0..<UInt32(count)).formatted(.ranges.bracketed)
            guest.post(Self.key, "redirect", IORedirect(stream: name, rank: ranks, path: path).json)
        }
    }

    /// Opens what a task writes to.
    func destinations(
        for task: ShellInfo.TaskTags, tmpdir: String?
    ) throws(ShellExit) -> (output: Destination, error: Destination) {
        let result = (
            output: try destination(options.output, task, tmpdir), error: try destination(options.error, task, tmpdir)
        )
        isOpen = true
        if task.index == 0 {
            if case .file(let file) = result.output { leaderOutput = file }
            if case .file(let file) = result.error { logFile = file }
        }
        return result
    }

    private func destination(
        _ stream: OutputOptions.Stream, _ task: ShellInfo.TaskTags, _ tmpdir: String?
    ) throws(ShellExit) -> Destination {
        guard info.isLeader || stream.isPerShell else { return .leader }
        guard case .file(let template) = stream.target else { return .log }
        let path = info.render(template, task: task, tmpdir: tmpdir)
        if let file = files[path] { return .file(file) }
        let file = try OutputFile(path: path, appends: options.appends, isLabeled: stream.isLabeled)
        files[path] = file
        return .file(file)
    }

    /// Takes a run of output of a task; an empty one is the end of the stream.
    func write(_ bytes: [UInt8], stream: String, rank: String, to destination: Destination) {
        switch destination {
        case .file(let file):
            write(bytes, rank: rank, to: file)
        case .log:
            for piece in pieces(bytes, stream: stream, rank: rank) { log(piece) }
        case .leader:
            for piece in pieces(bytes, stream: stream, rank: rank) { sendToLeader("data", piece.json) }
        }
    }

    private func write(_ bytes: [UInt8], rank: String, to file: OutputFile) {
        guard !bytes.isEmpty else { return }
        let code = file.write(file.isLabeled ? LineSplitter.labeled(bytes, rank) : bytes)
        if code != 0 { onWarning?("write \(file.path): \(SystemError.text(of: code))") }
    }

    /// One entry for each line, as readers with labels expect; floods of lines share an entry.
    private func pieces(_ bytes: [UInt8], stream: String, rank: String) -> [IOData] {
        if bytes.isEmpty { return [IOData(stream: stream, rank: rank, isEnd: true)] }
        let settings = stream == "stdout" ? options.output : options.error
        let lines = LineSplitter.lines(bytes)
        if bytes.count >= Self.floodBytes, lines.count >= Self.floodLines, !settings.isLabeled {
            return [IOData(stream: stream, rank: rank, bytes: bytes)]
        }
        return lines.map { IOData(stream: stream, rank: rank, bytes: Array($0)) }
    }

    private func log(_ piece: IOData) {
        if let bytes = piece.bytes {
            let (isWritten, warning) = volume.count(piece.stream, bytes.count)
            if let warning { onWarning?(warning) }
            guard isWritten else { return }
        }
        guest.add(Self.key, within: options.batchSeconds) {
            piece.appendEvent(timestamp: flux.reactor.wallTime, to: &$0)
        }
    }

    // MARK: Between shells

    /// Passes an entry to the leader, as long as it gives credit.
    func sendToLeader(_ name: String, _ context: JSON) {
        flux.notify(
            "\(service).write",
            ["name": .string(name), "shell_rank": .int(Int64(info.shellRank)), "context": context],
            nodeID: info.shares[0].brokerRank)
        carryOut(credit.sent())
    }

    private func carryOut(_ directives: [OutputCredit.Directive]) {
        for directive in directives {
            switch directive {
            case .pauseTasks: onPause?(true)
            case .resumeTasks: onPause?(false)
            case .ask(let count):
                flux.call(
                    .request(
                        "\(service).write-getcredit", json: ["credits": .int(Int64(count))],
                        nodeID: info.shares[0].brokerRank)
                ) { [self] result in
                    // Without an answer the leader is gone, and so is the job.
                    guard case .success = result else { return }
                    carryOut(credit.granted(count))
                }
            }
        }
    }

    /// The leader takes an entry of another shell.
    func receive(_ name: String, _ context: JSON) throws {
        guard name == "data" else {
            if let logFile { _ = logFile.write(Array(ShellLog.line(try IOLog(json: context)).utf8)) }
            else { guest.post(Self.key, name, context) }
            return
        }
        let piece = try IOData(json: context)
        if let file = piece.stream == "stdout" ? leaderOutput : logFile {
            write(piece.bytes ?? [], rank: piece.rank, to: file)
        } else {
            log(piece)
        }
    }

    /// All tasks have ended.
    func end() {
        guard info.isLeader else { return }
        for warning in volume.warnings { onWarning?(warning) }
    }
}
