public import FluxJSON
public import RFC18Eventlog

/// One event of the eventlog of a job's execution, `guest.exec.eventlog`.
///
/// ```swift
/// let entry = ExecEvent.complete(status: 256).entry(timestamp: now)
/// // {"timestamp":…,"name":"complete","context":{"status":256}}
/// ```
/// Source: RFC 50; events of the shell as flux-core 0.88 writes them.
public enum ExecEvent: Hashable, Sendable {
    /// The guest namespace exists; the first event.
    case initialized
    /// The job shells are about to be started.
    case starting
    /// The shells survive a restart of the execution service; at most once, after `starting`.
    case recoverable
    /// The service found the job again and looks for its shells.
    case reattach
    /// All shells are gone. Wait status of the job as in its `finish` event.
    case complete(status: Int32)
    /// Nothing follows; the last event.
    case done
    /// The first shell is gone, and with it the services it had.
    case shellExit(ShellExit)
    /// Output of a shell, caught before it had a log of its own. No members are certain.
    case log(JSON.Object)
    /// The shells know each other: `shell.init`.
    case shellInit(ShellInit)
    /// The tasks run: `shell.start`.
    case shellStart(ShellStart)
    /// The first task is gone: `shell.task-exit`.
    case shellTaskExit(TaskExit)
    /// An event that is not known here; others may appear.
    case other(Eventlog.Entry)

    /// Reads an event of a log.
    ///
    /// - Throws: `PayloadError` with a path that begins with `context`.
    public init(_ entry: Eventlog.Entry) throws(PayloadError) {
        let context = JSON.object(entry.context ?? [:])
        do throws(PayloadError) {
            switch entry.name {
            case "init": self = .initialized
            case "starting": self = .starting
            case "recoverable": self = .recoverable
            case "reattach": self = .reattach
            case "complete": self = .complete(status: try context.requireObject().int("status", as: Int32.self))
            case "done": self = .done
            case "shell-exit": self = .shellExit(try ShellExit(json: context))
            case "log": self = .log(entry.context ?? [:])
            case "shell.init": self = .shellInit(try ShellInit(json: context))
            case "shell.start": self = .shellStart(try ShellStart(json: context))
            case "shell.task-exit": self = .shellTaskExit(try TaskExit(json: context))
            default: self = .other(entry)
            }
        } catch {
            throw error.inside("context")
        }
    }

    /// The name on the wire.
    public var name: String {
        switch self {
        case .initialized: "init"
        case .starting: "starting"
        case .recoverable: "recoverable"
        case .reattach: "reattach"
        case .complete: "complete"
        case .done: "done"
        case .shellExit: "shell-exit"
        case .log: "log"
        case .shellInit: "shell.init"
        case .shellStart: "shell.start"
        case .shellTaskExit: "shell.task-exit"
        case .other(let entry): entry.name
        }
    }

    /// The event as an entry of a log. An event that is not known here keeps its own time.
    public func entry(timestamp: Double) -> Eventlog.Entry {
        if case .other(let entry) = self { return entry }
        return Eventlog.Entry(timestamp: timestamp, name: name, context: context)
    }

    private var context: JSON.Object? {
        switch self {
        case .initialized, .starting, .recoverable, .reattach, .done: nil
        case .complete(let status): ["status": .int(Int64(status))]
        case .shellExit(let value): value.json.objectValue
        case .log(let context): context
        case .shellInit(let value): value.json.objectValue
        case .shellStart(let value): value.json.objectValue
        case .shellTaskExit(let value): value.json.objectValue
        case .other(let entry): entry.context
        }
    }
}
