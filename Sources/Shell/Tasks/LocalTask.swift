internal import RFC13PMI
internal import Subprocess

/// A task of this shell.
final class LocalTask {
    let tags: ShellInfo.TaskTags
    var child: Subprocess?
    var readers: [StreamReader] = []
    var output = Output.Destination.log
    var error = Output.Destination.log
    /// The shell's end of the task's PMI socket.
    var pmiWriter: StreamWriter?
    var terminal: TerminalSession?
    var pmiLines = PMILineDecoder()
    /// Ended, and everything it wrote has been read.
    var isComplete = false

    let rankText: String

    init(tags: ShellInfo.TaskTags) {
        self.tags = tags
        rankText = "\(tags.rank)"
    }
}
