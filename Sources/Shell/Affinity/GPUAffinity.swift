internal import FluxJSON
internal import RFC22Idset

/// The option `gpu-affinity`: which GPUs programs see, told by `CUDA_VISIBLE_DEVICES`.
struct GPUAffinity: Hashable {
    /// For all tasks.
    private(set) var common: [String: String] = [:]
    /// GPUs of each local task; nil when all see the same.
    private(set) var perTask: [Idset]?

    init(_ value: JSON?, gpus: Idset, taskCount: Int) throws(ShellExit) {
        let mode = value?.stringValue ?? "on"
        guard mode != "off" else { return }
        // A job without GPUs must not use those that happen to be there.
        common = ["CUDA_VISIBLE_DEVICES": gpus.isEmpty ? "-1" : gpus.formatted(.list)]
        if mode == "per-task" {
            let share = taskCount > 0 ? gpus.count / taskCount : 0
            let all = Array(gpus)
            perTask = (0..<taskCount).map { Idset(all[($0 * share)..<(($0 + 1) * share)]) }
        } else if mode.hasPrefix("map:") {
            perTask = try CPUList.perTask(String(mode.dropFirst(4)), count: taskCount)
        }
    }

    /// The variables of one task.
    func variables(ofTask index: Int) -> [String: String] {
        guard let perTask, perTask.indices.contains(index) else { return [:] }
        return ["CUDA_VISIBLE_DEVICES": perTask[index].formatted(.list)]
    }
}
