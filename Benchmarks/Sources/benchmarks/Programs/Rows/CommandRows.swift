/// Commands in an instance of one broker, from spawn to exit.
extension Row {
    static var commands: [Row] {
        [
            command("version", ["version"], 2e-3),
            command("getattr", ["getattr", "size"], 2e-3),
            Row("command-kvs", rounds: 21, quick: 5, [Figure("flux kvs get", budget: 2e-3)]) { side throws(Failure) in
                let instance = try side.instance(1)
                // The instance of the first round has no value yet.
                let run = side.program.run(["kvs", "get", "bench"], environment: instance.environment)
                guard !run.succeeded else { return [run.wall] }
                try side.run(["kvs", "put", "bench=1"], in: instance)
                return [try side.run(["kvs", "get", "bench"], in: instance).wall]
            },
            command("submit", ["submit", "true"], 4e-3),
            command("jobs", ["jobs"], 4e-3),
            command("resources", ["resource", "list"], 4e-3),
            command("queue", ["queue", "status"], 4e-3),
            command("run", ["run", "true"], 8e-3),
        ]
    }

    private static func command(_ name: String, _ arguments: [String], _ budget: Double) -> Row {
        let figure = Figure("flux \(arguments.joined(separator: " "))", budget: budget)
        return Row("command-\(name)", rounds: 21, quick: 5, [figure]) { side throws(Failure) in
            [try side.run(arguments, in: try side.instance(1)).wall]
        }
    }
}
