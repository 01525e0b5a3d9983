/// Many jobs in an instance of one broker, from submission until none is active.
extension Row {
    static var jobs: [Row] {
        [
            jobs("real", "true, ", [], rate: 1_000, cpu: 1.5e-3),
            jobs("simulated", "simulated, ", ["--setattr=system.exec.test.run_duration=0.001s"], rate: 5_000, cpu: 0.3e-3),
        ]
    }

    private static func jobs(_ name: String, _ kind: String, _ options: [String], rate: Double, cpu: Double) -> Row {
        let figures = [
            Figure("jobs, \(kind)submit --cc to drained", .perSecond, budget: rate),
            Figure("  CPU per job, all processes", budget: cpu),
        ]
        return Row("jobs-\(name)", rounds: 3, figures) { side throws(Failure) in
            let instance = try side.instance(1), client = try side.client(of: instance), count = side.count(1000)
            let before = instance.cpu, start = now()
            let submitted = try side.run(["submit", "--quiet", "--cc=1-\(count)"] + options + ["true"], in: instance)
            try client.drain()
            let wall = now() - start
            return [Double(count) / wall, (instance.cpu - before + submitted.cpu) / Double(count)]
        }
    }
}
