internal import CSystemShims
internal import FluxJSON
internal import RFC22Idset

/// The option `cpu-affinity`: the processors that the shell and its tasks are bound to.
struct Affinity {
    /// What the option says: `[verbose,][dry-run,]on|off|per-task|map:A;B…`.
    struct Option: Hashable {
        var isVerbose = false
        var isDryRun = false
        var mode = "on"

        init(_ text: String) {
            var rest = text[...]
            while true {
                if rest.hasPrefix("dry-run") {
                    isDryRun = true
                    rest = rest.dropFirst("dry-run".count)
                } else if rest.hasPrefix("verbose") {
                    isVerbose = true
                    rest = rest.dropFirst("verbose".count)
                } else {
                    break
                }
                if rest.hasPrefix(",") { rest = rest.dropFirst() }
            }
            mode = String(rest)
        }
    }

    /// Processors of each local task; nil when tasks inherit the shell's.
    private(set) var perTask: [Idset]?

    /// Binds this process to the job's cores and decides about the tasks.
    ///
    /// - Parameter say: takes messages and whether they are warnings.
    init(
        _ value: JSON?, cores: Idset, taskRanks: [Int], say: (LogLevel, String) -> Void
    ) throws(ShellExit) {
        var option = Option("on")
        if let value {
            if let text = value.stringValue {
                option = Option(text)
            } else {
                say(.warning, "cpu-affinity: invalid option: \(value.text)")
            }
        }
        guard option.mode != "off" else {
            say(.debug, "disabling affinity due to cpu-affinity=off")
            return
        }
        let topology = CoreTopology.read()
        guard let processors = topology.processors(of: cores), !processors.isEmpty else {
            say(.warning, "unable to get cpuset for cores \(cores). Disabling affinity")
            return
        }
        let isLoud = option.isDryRun || option.isVerbose
        if isLoud { say(.notice, "cpus: \(processors)") }
        if !option.isDryRun, processors.count < topology.cores.reduce(0, { $0 + $1.count }) {
            let mask = CPUList.bytes(processors)
            if flux_set_affinity(mask, mask.count) != 0 { say(.error, "hwloc_set_cpubind") }
        }
        var sets: [Idset]?
        if option.mode == "per-task" {
            sets = CPUList.distribute(taskRanks.count, over: cores.map { topology.cores[Int($0)] })
        } else if option.mode.hasPrefix("map:") {
            sets = try CPUList.perTask(String(option.mode.dropFirst(4)), count: taskRanks.count)
        }
        if isLoud, let sets {
            for (rank, set) in zip(taskRanks, sets) { say(.notice, "task \(rank): cpus: \(set)") }
        }
        if !option.isDryRun { perTask = sets }
    }
}
