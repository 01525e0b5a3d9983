import FluxJSON
import RFC22Idset

/// What the owner of an ``ExecMachine`` has to do next.
enum ExecDirective: Hashable, Sendable {
    /// Make the job's namespace, then call ``ExecMachine/namespaceReady()``.
    case makeNamespace
    /// Add an event to the job's `exec.eventlog`.
    case log(String, JSON.Object)
    /// Make `job.ID.guest` a link to the namespace.
    case link
    /// Run the shell on each of these brokers.
    case runShells(Idset)
    /// Signal the shells on these brokers.
    case signal(Idset, Int32)
    /// Signal the tasks, through job-manager.
    case signalTasks(Int32)
    /// Answer job-manager's start request.
    case respond(String, JSON)
    /// Answer those who wait in the barrier; errno 0 lets them go on.
    case leaveBarrier([UInt64], errnum: Int32)
    case drain(Idset, reason: String)
    /// Tell the first shell about a shell that is lost.
    case tellLeader(severity: Int64, shellRank: Int, message: String)
    /// Store the event log, put the namespace's content in its place and remove it; then ``ExecMachine/namespaceGone()``.
    case endNamespace
    case setTimer(ExecTimer, seconds: Double)
    case stopTimer(ExecTimer)
    /// Write to the broker's log.
    case note(String)
    /// Nothing is left of the job.
    case forget
}

/// What time may bring.
enum ExecTimer: Hashable, Sendable, CaseIterable {
    /// Kill the tasks again.
    case killTasks
    /// Kill the shells.
    case killShells
    /// Give up the nodes.
    case giveUp
    /// The job's time is over.
    case expiration
    /// Other shells live too long after the first one.
    case shellExit
    /// Shells wait too long for others.
    case barrier
    /// A simulated job is done.
    case simulation
    /// The first shell has ended and others have not: say so.
    case leaderExit
}
