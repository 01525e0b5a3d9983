/// From nothing to a program in an instance and back to nothing.
extension Row {
    static var start: [Row] {
        [1, 4, 16, 64].map(start) + [
            Row("start-nested", rounds: 7, [Figure("flux run flux start true", budget: 50e-3)]) { side throws(Failure) in
                let instance = try side.instance(1)
                return [try side.run(["run", side.program.path, "start", "true"], in: instance).wall]
            },
            Row("start-batch", rounds: 7, [Figure("flux batch true, to drained", budget: 50e-3)]) { side throws(Failure) in
                let instance = try side.instance(1), client = try side.client(of: instance)
                let submitted = try side.run(["batch", "-n1", "--output=/dev/null", "--wrap", "true"], in: instance)
                let start = now()
                try client.drain()
                return [submitted.wall + now() - start]
            },
        ]
    }

    private static func start(_ size: Int) -> Row {
        let wall = Figure("flux start true, \(size) \(size == 1 ? "broker" : "brokers")", budget: size == 1 ? 30e-3 : nil)
        let cpu = Figure("  CPU per broker", budget: size == 1 ? nil : 15e-3)
        return Row("start-\(size)", rounds: size > 4 ? 5 : 11, quick: size > 4 ? 0 : 3, [wall, cpu]) { side throws(Failure) in
            let run = try side.run(["start", "--test-size=\(size)", "true"])
            return [run.wall, run.cpu / Double(size)]
        }
    }
}
