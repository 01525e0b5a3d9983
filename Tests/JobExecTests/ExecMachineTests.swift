import FluxJSON
import KVSClient
import RFC19FLUID
import RFC20R
import RFC22Idset
import Testing

@testable import JobExec

@Suite("The execution of a job")
struct ExecMachineTests {
    static func machine(ranks: String = "0-1", system: JSON.Object = [:], expiration: Double = 0) throws -> ExecMachine {
        let nodes = ranks == "0" ? "a" : "a,b"
        let resources = try ResourceSet(json: [
            "version": 1,
            "execution": [
                "R_lite": [["rank": .string(ranks), "children": ["core": "0"]]], "starttime": 100.0,
                "expiration": .real(expiration), "nodelist": [.string(nodes)],
            ],
        ])
        return ExecMachine(
            id: JobID(7), userID: 100, jobspec: ["attributes": ["system": .object(system)]], resources: resources,
            isMultiuser: false, settings: ExecSettings(jobShell: "/x/flux-shell"))
    }

    static func words(_ machine: inout ExecMachine) -> [String] {
        machine.takeDirectives().compactMap { directive in
            switch directive {
            case .log(let name, _): "log \(name)"
            case .runShells(let ranks): "run \(ranks)"
            case .respond(let type, let data): type == "exception" ? "exception \(data["note"]?.stringValue ?? "")" : "respond \(type)"
            case .signal(let ranks, let signal): "signal \(ranks) \(signal)"
            case .leaveBarrier(let requests, let errnum): "leave \(requests) \(errnum)"
            case .setTimer(let timer, let seconds): "timer \(timer) \(seconds)"
            case .stopTimer, .note: nil
            case .makeNamespace: "namespace"
            case .link: "link"
            case .endNamespace: "end namespace"
            case .drain(let ranks, let reason): "drain \(ranks) \(reason)"
            case .tellLeader(let severity, let rank, let message): "tell \(severity) \(rank) \(message)"
            case .signalTasks(let signal): "signal tasks \(signal)"
            case .forget: "forget"
            }
        }
    }

    static func running(_ system: JSON.Object = [:]) throws -> ExecMachine {
        var machine = try machine(system: system)
        machine.start()
        machine.namespaceReady(now: 100)
        machine.shellStarted(rank: 0, pid: 10, now: 100)
        machine.shellStarted(rank: 1, pid: 11, now: 100)
        _ = machine.takeDirectives()
        return machine
    }

    /// Compares everything that the machine wanted since the last look.
    func expectWords(_ machine: inout ExecMachine, _ expected: [String], at place: SourceLocation = #_sourceLocation) {
        let words = Self.words(&machine)
        #expect(words == expected, sourceLocation: place)
    }

    func expectOverride(_ machine: inout ExecMachine, _ event: String, status: Int32, now: Double, _ expected: String?) {
        let problem = machine.override(event, status: status, now: now)
        #expect(problem == expected)
    }

    @Test("two shells start, meet, end")
    func plain() throws {
        var machine = try Self.machine()
        machine.start()
        expectWords(&machine, ["namespace"])
        machine.namespaceReady(now: 100)
        expectWords(&machine, ["log init", "link", "log starting", "run 0-1"])
        #expect(machine.shellCommand == ["/x/flux-shell", "7"])
        machine.shellStarted(rank: 0, pid: 10, now: 100)
        expectWords(&machine, [])
        machine.shellStarted(rank: 1, pid: 11, now: 100)
        expectWords(&machine, ["respond start"])
        machine.enterBarrier(rank: 0, request: 1)
        expectWords(&machine, ["timer barrier 1800.0"])
        machine.enterBarrier(rank: 1, request: 2)
        expectWords(&machine, ["leave [1, 2] 0"])
        machine.shellFinished(rank: 1, status: 0)
        expectWords(&machine, [])
        machine.shellFinished(rank: 0, status: 256)
        expectWords(&machine, ["log shell-exit", "log complete", "respond finish", "log done", "end namespace"])
        #expect(machine.waitStatus == 256)
        machine.namespaceGone()
        expectWords(&machine, ["respond release", "forget"])
    }

    @Test("a lost broker ends the job in the words of flux-core")
    func lostBroker() throws {
        var machine = try Self.running()
        machine.enterBarrier(rank: 0, request: 1)
        machine.enterBarrier(rank: 1, request: 2)
        _ = machine.takeDirectives()
        machine.shellFailed(rank: 1, errnum: 113, text: "No route to host")
        expectWords(&machine, [
            "tell 0 1 node failure on b (shell rank 1)", "exception node failure on b (rank 1)", "signal 0 15",
            "timer killTasks 5.0", "timer killShells 25.0",
        ])
        machine.shellFinished(rank: 0, status: 15)
        let words = Self.words(&machine)
        #expect(words.suffix(4) == ["log complete", "respond finish", "log done", "end namespace"])
    }

    @Test("a shell that is not critical may be lost")
    func lostUncritical() throws {
        var machine = try Self.running()
        machine.enterBarrier(rank: 0, request: 1)
        machine.enterBarrier(rank: 1, request: 2)
        machine.criticalRanks = [0]
        _ = machine.takeDirectives()
        machine.shellFailed(rank: 1, errnum: 113, text: "No route to host")
        expectWords(&machine, ["exception node failure on b (shell rank 1)", "tell 2 1 "])
        machine.shellFinished(rank: 0, status: 0)
        #expect(machine.waitStatus == 0)
    }

    @Test("signals become harder until the nodes are given up")
    func escalation() throws {
        var machine = try Self.running()
        machine.exceptionRaised(type: "cancel", waitStatus: nil)
        expectWords(&machine, ["signal 0-1 15", "timer killTasks 5.0", "timer killShells 25.0"])
        machine.timerFired(.killTasks, now: 105)
        expectWords(&machine, ["signal tasks 9", "timer killTasks 5.0"])
        machine.timerFired(.killShells, now: 125)
        expectWords(&machine, ["signal 0-1 9", "timer killShells 10.0"])
        for _ in 0..<6 { machine.timerFired(.killShells, now: 200) }
        _ = machine.takeDirectives()
        machine.timerFired(.killShells, now: 300)
        let words = Self.words(&machine)
        #expect(words.contains("drain 0-1 unkillable user processes for job ƒ8"))
        #expect(words.last == "end namespace")
    }

    @Test("the job's time ends with SIGALRM")
    func expiration() throws {
        var machine = try Self.machine(ranks: "0", expiration: 160)
        machine.start()
        machine.namespaceReady(now: 100)
        machine.shellStarted(rank: 0, pid: 10, now: 100)
        do {
            let words = Self.words(&machine)
            #expect(words.contains("timer expiration 60.0"))
        }
        machine.timerFired(.expiration, now: 160)
        expectWords(&machine, [
            "exception resource allocation expired", "signal 0 14", "timer killTasks 5.0", "timer killShells 25.0",
        ])
        machine.shellFinished(rank: 0, status: 142 << 8)
        #expect(machine.waitStatus == 36352)
    }

    @Test("a shell that ends before the first barrier releases the others with an error")
    func brokenBarrier() throws {
        var machine = try Self.running()
        machine.enterBarrier(rank: 0, request: 1)
        _ = machine.takeDirectives()
        machine.shellFinished(rank: 1, status: 256)
        let words = Self.words(&machine)
        #expect(words.first == "exception b (rank 1) terminated before first barrier")
        #expect(words.contains("leave [1] 5"))
        machine.enterBarrier(rank: 1, request: 3)
        expectWords(&machine, ["leave [3] 5"])
        machine.enterBarrier(rank: 1, request: 4)
        expectWords(&machine, ["leave [4] 22"])
    }

    @Test("an exception before the namespace exists ends the job without shells")
    func earlyException() throws {
        var machine = try Self.machine()
        machine.start()
        machine.exceptionRaised(type: "cancel", waitStatus: nil)
        _ = machine.takeDirectives()
        machine.namespaceReady(now: 100)
        expectWords(&machine, ["log init", "link", "log done", "end namespace"])
        machine.namespaceGone()
        expectWords(&machine, ["respond release", "forget"])
    }

    @Test("simulated jobs run for their time, or as directed")
    func simulation() throws {
        var machine = try Self.machine(system: ["duration": 0, "exec": ["test": ["run_duration": "2s", "wait_status": 512]]])
        machine.start()
        machine.namespaceReady(now: 100)
        do {
            let words = Self.words(&machine)
            #expect(words.suffix(3) == ["timer simulation 2.0", "respond start", "log recoverable"])
        }
        machine.timerFired(.simulation, now: 102)
        #expect(machine.waitStatus == 512)
        expectWords(&machine, ["log complete", "respond finish", "log done", "end namespace"])

        machine = try Self.machine(system: ["duration": 0, "exec": ["test": ["override": 1]]])
        machine.start()
        machine.namespaceReady(now: 100)
        _ = machine.takeDirectives()
        expectOverride(&machine, "finish", status: 0, now: 100, "Job not running")
        expectOverride(&machine, "start", status: 0, now: 100, nil)
        expectOverride(&machine, "finish", status: 3, now: 100, nil)
        #expect(machine.waitStatus == 3)
    }

    @Test("the estimate of the kill time is the sum of all steps")
    func killTime() {
        #expect(ExecSettings(jobShell: "").effectiveMaxKillTimeout == 640)
    }

    @Test(
        "a wait status of the first fatal exception is that of the job, as a shell gives it",
        arguments: [(9, 137 << 8), (7 << 8, 7 << 8), (0, 0)])
    func exceptionStatus(_ given: Int32, _ expected: Int32) throws {
        var machine = try Self.running()
        machine.exceptionRaised(type: "exec", waitStatus: given)
        machine.exceptionRaised(type: "exec", waitStatus: 99 << 8)
        machine.shellFinished(rank: 0, status: 200 << 8)
        machine.shellFinished(rank: 1, status: 0)
        #expect(machine.waitStatus == expected)
    }

    @Test("a job that goes on after a restart answers reattached and never start; one that cannot, neither")
    func reattached() throws {
        let system: JSON.Object = ["exec": ["test": ["run_duration": "100s"]]]
        var machine = try Self.machine(system: system)
        machine.isReattached = true
        machine.reattach(isRecoverable: true, startedAt: 90, now: 100)
        var words = Self.words(&machine)
        #expect(words.filter { $0.hasPrefix("respond") } == ["respond reattached"])
        machine.simulationEnded(0)
        words = Self.words(&machine)
        #expect(words.filter { $0.hasPrefix("respond") } == ["respond finish", "respond release"])

        var lost = try Self.machine(system: system)
        lost.isReattached = true
        lost.reattach(isRecoverable: false, startedAt: 90, now: 100)
        words = Self.words(&lost)
        #expect(words.contains("exception job is not recoverable: no recoverable event"))
        #expect(!words.contains("respond start") && !words.contains("respond reattached"))
    }
}

@Suite("Changes of the primary namespace")
struct PrimaryWriterTests {
    /// Whether a commit has to be asked for.
    private func end(_ id: UInt64, _ writer: inout PrimaryWriter) -> Bool {
        writer.graft(JobID(id), root: "sha1-00", sent: {}, stored: {})
    }

    private func changes(_ writer: inout PrimaryWriter, now: Double) -> [String] {
        writer.take(now: now).transaction.operations.map { "\($0["dirent"]?["type"]?.stringValue ?? "") \($0["key"]?.stringValue ?? "")" }
    }

    @Test("links of a turn are one commit; the link of a job that ended is left out")
    func links() {
        var writer = PrimaryWriter()
        #expect(writer.link(JobID(1), to: "job-1", now: 1) == 0)
        #expect(writer.link(JobID(2), to: "job-2", now: 1) == nil)
        #expect(end(1, &writer))
        #expect(!end(3, &writer))
        let keys = changes(&writer, now: 1)
        #expect(keys == ["dirref \(JobID(1).kvs).guest", "dirref \(JobID(3).kvs).guest", "symlink \(JobID(2).kvs).guest"])
        #expect(writer.isEmpty)
    }

    @Test("under load links wait for a moment, and go with the end of another job")
    func load() {
        var writer = PrimaryWriter()
        for _ in 0..<8 {
            #expect(writer.link(JobID(1), to: "job-1", now: 1) == 0)
            _ = writer.take(now: 1)
        }
        let delay = writer.link(JobID(1), to: "job-1", now: 1) ?? 0
        #expect(delay > 0.009 && delay < 0.011)
        #expect(end(2, &writer))
        #expect(changes(&writer, now: 1).count == 2)
    }
}
