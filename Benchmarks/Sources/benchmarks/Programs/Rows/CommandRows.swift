/// Commands in an instance of one broker, from spawn to exit.
extension Row {
    static var commands: [Row] {
        [
            command("version", ["version"], 2e-3),
            command("getattr", ["getattr", "size"], 2e-3),
            Row("command-kvs", rounds: 21, quick: 5, figures("flux kvs get", 2e-3)) { side throws(Failure) in
                let instance = try side.instance(1)
                // The instance of the first round has no value yet.
                let run = side.program.run(["kvs", "get", "bench"], environment: instance.environment)
                guard !run.succeeded else { return [run.wall, run.cpu] }
                try side.run(["kvs", "put", "bench=1"], in: instance)
                let second = try side.run(["kvs", "get", "bench"], in: instance)
                return [second.wall, second.cpu]
            },
            command("submit", ["submit", "true"], 4e-3),
            command("jobs", ["jobs"], 4e-3),
            command("resources", ["resource", "list"], 4e-3),
            command("queue", ["queue", "status"], 4e-3),
            command("run", ["run", "true"], 8e-3),
        ]
    }

    private static func command(_ name: String, _ arguments: [String], _ budget: Double) -> Row {
        let figures = figures("flux \(arguments.joined(separator: " "))", budget)
        return Row("command-\(name)", rounds: 21, quick: 5, figures) { side throws(Failure) in
            let run = try side.run(arguments, in: try side.instance(1))
            return [run.wall, run.cpu]
        }
    }

    /// The CPU time says more than the wall on a machine that does other things too.
    private static func figures(_ title: String, _ budget: Double) -> [Figure] {
        [Figure(title, budget: budget), Figure("  CPU of the command")]
    }
}
