internal import FluxJSON

/// A batch job as older versions wrote it: the script in `attributes.system.batch`, the command its arguments.
///
/// A value: it says what each task runs instead.
struct LegacyBatch: Hashable {
    let script: String
    let brokerOptions: [String]

    /// nil when the jobspec has no such attribute.
    init?(_ batch: JSON?) throws(ShellExit) {
        guard let batch else { return nil }
        guard let script = batch["script"]?.stringValue else {
            throw ShellExit(1, "failed to unpack batch info: script is missing", component: "batch")
        }
        self.script = script
        guard let options = batch["broker-opts"] else {
            brokerOptions = []
            return
        }
        guard let list = options.arrayValue else {
            throw ShellExit(1, "batch.broker-opts attribute must be an array", component: "batch")
        }
        brokerOptions = list.compactMap(\.stringValue)
    }

    /// The command of a task: a broker, with the script as initial program on the first.
    ///
    /// - Parameter path: where the script was written.
    func command(_ words: [String], rank: Int, path: String) -> [String] {
        let program = words.first?.split(separator: "/").last
        if program == "flux", words.count > 1, ["broker", "start"].contains(words[1]) { return words }
        return ["flux", "broker"] + brokerOptions + (rank == 0 ? [path] + words.dropFirst() : [])
    }
}
