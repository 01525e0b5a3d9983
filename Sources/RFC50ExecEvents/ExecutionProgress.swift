/// How far the execution of a job has come: what its events say, one after the other.
///
/// A service that finds a job again after a restart asks this for what is left to do.
public struct ExecutionProgress: Hashable, Sendable {
    /// The guest namespace exists.
    public private(set) var isInitialized = false
    /// Shells were, or were about to be, started.
    public private(set) var hasStarted = false
    /// The shells survive a restart of the service.
    public private(set) var isRecoverable = false
    /// How to reach the first shell; nil before it has said so and after it is gone.
    public private(set) var shell: ShellInit?
    /// The tasks run, or ran.
    public private(set) var tasksStarted = false
    /// Wait status of the job; nil while shells run.
    public private(set) var status: Int32?
    /// Nothing more will be written.
    public private(set) var isDone = false

    /// Nothing has happened yet.
    public init() {}

    /// Takes one event into account. Events without a meaning here change nothing.
    public mutating func apply(_ event: ExecEvent) {
        switch event {
        case .initialized: isInitialized = true
        case .starting: hasStarted = true
        case .recoverable: isRecoverable = true
        case .shellInit(let shell): self.shell = shell
        case .shellStart: tasksStarted = true
        case .shellExit: shell = nil
        case .complete(let status):
            self.status = status
            shell = nil
        case .done: isDone = true
        case .reattach, .log, .shellTaskExit, .other: break
        }
    }
}
