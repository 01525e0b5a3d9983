internal import FluxJSON
internal import Glibc
internal import RFC24IO

/// What the shell has to say: to the job's event log, to the file of standard error, or, before there is a connection,
/// to its own standard error.
final class ShellLog {
    /// Messages above this level are not written.
    var level = LogLevel.notice
    var shellRank: Int?
    var guest: GuestLog?
    weak var output: Output?

    func log(_ level: LogLevel, _ text: String, component: String? = nil) {
        guard level <= self.level else { return }
        let entry = IOLog(
            level: level.rawValue, message: text, rank: shellRank.map { Int64($0) }, component: component)
        if let output, output.isOpen, case .file = output.options.error.target {
            if let file = output.logFile { _ = file.write(Array(Self.line(entry).utf8)) }
            else { output.sendToLeader("log", entry.json) }
        } else if let guest {
            guest.post(Output.key, "log", entry.json)
        } else {
            let line = Array(Self.line(entry).utf8)
            _ = write(STDERR_FILENO, line, line.count)
        }
    }

    func warn(_ text: String, component: String? = nil) { log(.warning, text, component: component) }
    func error(_ text: String, component: String? = nil) { log(.error, text, component: component) }
    func debug(_ text: String, component: String? = nil) { log(.debug, text, component: component) }

    /// The message as people read it: `flux-shell[0]: ERROR: pmi: text`.
    static func line(_ entry: IOLog) -> String {
        var text = entry.program ?? "flux-shell"
        if let rank = entry.rank, rank >= 0 { text += "[\(rank)]" }
        if let word = LogLevel(rawValue: max(entry.level, LogLevel.fatal.rawValue))?.word { text += ": \(word)" }
        if let component = entry.component { text += ": \(component)" }
        return "\(text): \(entry.message)\n"
    }
}
