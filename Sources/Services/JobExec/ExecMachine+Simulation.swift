import FluxJSON
import RFC23FSD

/// A job that runs nothing: `attributes.system.exec.test` of its jobspec says how it pretends.
///
/// Source: observed: flux-core 0.88, testexec.
struct Simulation: Hashable, Sendable {
    /// Seconds; 0 runs until it is ended, negative ends at once.
    var duration: Double
    /// Starts (and ends, without a duration) when somebody says so.
    var isDirected = false
    var waitStatus: Int32 = 0
    var mockException: String?

    /// nil when a member has the wrong type.
    init?(jobspec: JSON) {
        let system = jobspec["attributes"]?["system"]
        let test = system?["exec"]?["test"]
        for (key, value) in test?.objectValue ?? [:] {
            switch key {
            case "run_duration", "mock_exception": guard value.stringValue != nil else { return nil }
            case "override", "reattach_finish", "wait_status": guard value.intValue != nil else { return nil }
            default: break
            }
        }
        duration = system?["duration"]?.numberValue ?? -1
        if let text = test?["run_duration"]?.stringValue, let value = try? FluxDuration(parsing: text) {
            duration = value.isInfinite ? 0 : value.seconds
        }
        isDirected = test?["override"]?.intValue ?? 0 != 0
        waitStatus = Int32(truncatingIfNeeded: test?["wait_status"]?.intValue ?? 0)
        mockException = test?["mock_exception"]?.stringValue
    }
}

extension ExecMachine {
    mutating func startSimulation(now: Double) {
        guard let simulation = Simulation(jobspec: jobspec) else {
            fail("failed to initialize testconf: Invalid argument")
            return
        }
        guard !isMultiuser || settings.guestsMayTest else {
            fail("guests may not use test exec implementation")
            return
        }
        guard simulation.mockException != "init" else {
            fail("mock initialization exception generated")
            return
        }
        self.simulation = simulation
        direct(.log("starting", [:]))
        isStarted = true
        if !simulation.isDirected { runSimulation(now: now) }
        if simulation.mockException == "run" { fail("mock run exception generated") }
    }

    private mutating func runSimulation(now: Double) {
        guard let simulation else { return }
        if simulation.duration != 0 { direct(.setTimer(.simulation, seconds: max(1e-5, simulation.duration))) }
        started(now: now)
        direct(.log("recoverable", [:]))
    }

    mutating func simulationEnded(_ status: Int32) {
        direct(.stopTimer(.simulation))
        complete(status)
    }

    /// Somebody says that a simulated job starts or ends. Returns why that cannot be.
    mutating func override(_ event: String, status: Int32, now: Double) -> String? {
        guard let simulation, simulation.isDirected else { return "Job not in exec override mode" }
        switch event {
        case "start":
            guard !isRunning else { return "Job already running" }
            runSimulation(now: now)
        case "finish":
            guard isRunning else { return "Job not running" }
            simulationEnded(status)
        default: return "Invalid event"
        }
        return nil
    }
}
