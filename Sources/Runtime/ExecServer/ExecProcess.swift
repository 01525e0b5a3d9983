internal import RFC03Message
internal import RFC42Subprocess
internal import Subprocess

/// A process of the server, from its start until its status was collected.
final class ExecProcess {
    let child: Subprocess
    let request: Rexec.ExecRequest
    let isBackground: Bool
    /// Keeps its status until somebody waits for it.
    var isWaitable: Bool
    /// The streaming request that gets output and status: the `exec` of a foreground process, or an `attach`.
    var client: Message?
    var isAttached = false
    /// What goes to the client.
    var forwarded: Rexec.Flags
    /// The `wait` request that waits.
    var waiter: Message?
    var tail = OutputTail()
    var writers: [String: StreamWriter] = [:]
    /// Streams that have ended, by name.
    var ended: Set<String> = []
    var isFailed = false
    /// Ended, and all its output has been read.
    var isComplete = false

    init(child: Subprocess, request: Rexec.ExecRequest, client: Message?, isBackground: Bool) {
        self.child = child
        self.request = request
        self.client = client
        self.isBackground = isBackground
        forwarded = request.flags
        isWaitable = isBackground && request.flags.contains(.waitable)
    }

    var processID: Int32 { child.processID }
    var label: String? { request.command.label }

    /// The program as listings show it: `flux` alone says nothing, so its verb is added.
    var shownName: String {
        let arguments = request.command.arguments
        guard arguments.first == "flux", arguments.count > 1 else { return arguments.first ?? "" }
        return "flux \(arguments[1])"
    }

    /// The program without its folder.
    var baseName: String { request.command.arguments.first?.split(separator: "/").last.map(String.init) ?? "" }

    /// The streams that are read, in the order in which their ends are reported.
    var readStreams: [String] {
        request.localFlags.contains(.standardIOFallthrough) ? [] : ["stdout", "stderr"]
    }
}
