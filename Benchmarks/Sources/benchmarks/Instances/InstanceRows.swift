import FluxJSON
import Glibc

/// What a user or a client waits for, ours and the reference's in turn.
struct InstanceRows {
    let ours: Program
    let reference: Program?
    let rounds: Int
    let sizes: [Int]

    func run() {
        Report.heading(
            "Programs: median of \(rounds) rounds", ["", "budget", "ours", "reference", "ratio"])
        commands()
        starts()
        instances()
    }

    /// Commands in an instance of one broker.
    private func commands() {
        let here = TestInstance(ours, size: 1), there = reference.flatMap { TestInstance($0, size: 1) }
        defer {
            here?.end()
            there?.end()
        }
        let rows: [(String, [String], Double)] = [
            ("flux version", ["version"], Budget.commands),
            ("flux getattr size", ["getattr", "size"], Budget.commands),
            ("flux submit true", ["submit", "true"], Budget.submit),
            ("flux jobs", ["jobs"], Budget.submit),
            ("flux resource list", ["resource", "list"], Budget.submit),
            ("flux run true", ["run", "true"], Budget.run),
        ]
        for (name, arguments, budget) in rows {
            compare(name, budget) {
                here.flatMap { wall(ours, arguments, $0.environment) }
            } _: {
                there.flatMap { wall($0.program, arguments, $0.environment) }
            }
        }
    }

    /// From nothing to a program in an instance and back, for several sizes.
    private func starts() {
        for size in sizes {
            let arguments = ["start", "--test-size=\(size)", "true"]
            var cpu: [[Double]] = [[], []]
            compare("flux start true, \(size) brokers: wall", size == 1 ? Budget.start : nil, rounds: size > 4 ? 3 : nil) {
                let run = ours.run(arguments)
                if run.succeeded { cpu[0].append(run.cpu / Double(size)) }
                return run.succeeded ? run.wall : nil
            } _: {
                guard let run = reference?.run(arguments), run.succeeded else { return nil }
                cpu[1].append(run.cpu / Double(size))
                return run.wall
            }
            line("  CPU per broker", Budget.brokerCPU, median(cpu[0]), median(cpu[1]))
        }
    }

    /// Requests, jobs, memory and rest in instances that are there already.
    private func instances() {
        let here = TestInstance(ours, size: 2), there = reference.flatMap { TestInstance($0, size: 2) }
        defer {
            here?.end()
            there?.end()
        }
        let sides = [here, there].map { $0.flatMap { RawClient(uri: $0.uri) } }
        func both(_ name: String, _ budget: Double, rate: Bool = false, _ measure: (RawClient) -> Double?) {
            let values = sides.map { side in
                median((0..<3).compactMap { _ in side.flatMap(measure) })
            }
            line(name, budget, values[0], values[1], isRate: rate)
        }
        both("RPC to a service of the broker", Budget.localRPC) { $0.latency(2000, "broker.ping") }
        both("RPC to a module", Budget.moduleRPC) { $0.latency(2000, "kvs.ping") }
        both("RPC over one hop of the overlay", Budget.remoteRPC) { $0.latency(1000, "broker.ping", nodeID: 1) }
        both("RPC rate, 64 in flight", Budget.localRate, rate: true) { $0.rate(20_000, "broker.ping") }
        both("RPC rate over one hop, 64 in flight", Budget.remoteRate, rate: true) {
            $0.rate(10_000, "broker.ping", nodeID: 1)
        }
        both("KVS commit", Budget.commit) { $0.latency(300, "kvs.commit", payload: commit) }
        both("KVS commits, 64 in flight", Budget.commitRate, rate: true) { $0.rate(3_000, "kvs.commit", payload: commit) }
        jobs([here, there], sides)
        idle([here, there])
    }

    /// A thousand jobs from submission until none is active.
    private func jobs(_ instances: [TestInstance?], _ clients: [RawClient?]) {
        var rates: [Double] = [], cpu: [Double] = []
        for (instance, client) in zip(instances, clients) {
            guard let instance, let client else {
                rates.append(.nan)
                cpu.append(.nan)
                continue
            }
            let before = instance.cpu, start = now()
            let submitted = instance.program.run(
                ["submit", "--quiet", "--cc=1-1000", "true"], environment: instance.environment)
            let drained = client.call("job-manager.drain") != nil
            let isDone = submitted.succeeded && drained
            rates.append(isDone ? 1000 / (now() - start) : .nan)
            cpu.append(isDone ? (instance.cpu - before + submitted.cpu) / 1000 : .nan)
        }
        line("jobs per second, submit --cc=1-1000 true", Budget.jobRate, rates[0], rates[1], isRate: true)
        line("  CPU per job, all processes", Budget.jobCPU, cpu[0], cpu[1])
    }

    /// What brokers hold and burn when nothing happens.
    private func idle(_ instances: [TestInstance?]) {
        let before = instances.map { $0?.cpu ?? .nan }
        sleep(10)
        let share = zip(instances, before).map { ($0?.cpu ?? .nan) - $1 }.map { $0 / 10 / 2 }
        line("CPU of an idle broker, per second", nil, share[0], share[1])
        for size in [1, 64] where sizes.contains(size) {
            let values = [ours, reference].map { program -> Double in
                guard let program, let instance = TestInstance(program, size: size) else { return .nan }
                defer { instance.end() }
                sleep(2)
                return Double(instance.brokerMemory) / Double(size) / 1_048_576
            }
            let budget = size == 1 ? Budget.memory : Budget.memoryOfMany
            Report.line([
                "memory per idle broker of \(size), MiB", Report.digits(budget), Report.digits(values[0]),
                Report.digits(values[1]), Report.ratio(values[0], values[1]),
            ])
        }
    }

    private func commit(_ index: Int) -> JSON {
        let value: JSON = ["ver": 1, "type": "val", "data": "MQ=="]
        return ["namespace": "primary", "flags": 0, "ops": [["key": .string("bench.\(index % 100)"), "flags": 0, "dirent": value]]]
    }

    private func wall(_ program: Program, _ arguments: [String], _ environment: [String: String]) -> Double? {
        let run = program.run(arguments, environment: environment)
        return run.succeeded ? run.wall : nil
    }

    /// Measures both sides in turn and prints their medians.
    private func compare(
        _ name: String, _ budget: Double?, rounds: Int? = nil, _ ours: () -> Double?, _ other: () -> Double?
    ) {
        var values: [[Double]] = [[], []]
        for _ in 0..<(rounds ?? self.rounds) {
            if let value = ours() { values[0].append(value) }
            if reference != nil, let value = other() { values[1].append(value) }
        }
        line(name, budget, median(values[0]), median(values[1]))
    }

    private func line(_ name: String, _ budget: Double?, _ ours: Double, _ other: Double, isRate: Bool = false) {
        let show = isRate ? { "\(Report.digits($0))/s" } : Report.time
        Report.line([
            name, budget.map(show) ?? "-", ours.isNaN ? "-" : show(ours), other.isNaN ? "-" : show(other),
            isRate ? Report.ratio(other, ours.isNaN ? nil : ours) : Report.ratio(ours, other),
        ])
    }
}
