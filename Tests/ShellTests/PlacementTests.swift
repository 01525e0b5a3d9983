import FluxJSON
import RFC22Idset
import RFC34Taskmap
import Testing

@testable import Shell

@Suite("Tasks over nodes")
struct PlacementTests {
    /// Tasks, cores for each, cores of each node, and what each node gets (observed: flux-core 0.88).
    static let cases: [(tasks: Int, coresPerTask: Int, cores: [Int], counts: [Int])] = [
        (4, 1, [2, 2], [2, 2]),
        (3, 1, [2, 2], [2, 1]),
        (1, 1, [2, 4], [0, 1]),
        (3, 1, [2, 4], [1, 2]),
        (4, 2, [4, 4], [2, 2]),
        // more tasks than cores: full nodes again
        (5, 1, [2, 2], [3, 2]),
        (2, 0, [4, 4], [1, 1]),
        // the smallest node can hold less than one task asks for
        (4, 4, [2, 4], [1, 3]),
    ]

    @Test(arguments: Self.cases.indices)
    func `tasks go to the freest nodes in turns`(_ index: Int) throws {
        let row = Self.cases[index]
        #expect(try TaskPlacement.distribute(row.tasks, coresPerTask: row.coresPerTask, over: row.cores) == row.counts)
    }

    @Test func `nodes without cores are refused instead of looped over`() {
        #expect(throws: ShellExit.self) { try TaskPlacement.distribute(2, coresPerTask: 1, over: []) }
        #expect(throws: ShellExit.self) { try TaskPlacement.distribute(9, coresPerTask: 0, over: [1, 1]) }
    }

    @Test func `cyclic and manual maps`() throws {
        let map = try TaskMapScheme.blocks([4, 4, 4, 4])
        #expect(map.description == "[[0,4,4,1]]")
        #expect(try TaskMapScheme.cyclic(map, "").description == "[[0,4,1,4]]")
        #expect(try TaskMapScheme.cyclic(map, "3").description == "[[0,4,3,1],[0,4,1,1]]")
        #expect(try TaskMapScheme.manual(map, "[[1,3,4,1],[0,1,4,1]]").description == "[[1,3,4,1],[0,1,4,1]]")
        for wrong in ["[[1,3,4,1]]", "[[1,3,4,1],[0,1,3,1]]", "{}", "[]"] {
            #expect(throws: ShellExit.self) { try TaskMapScheme.manual(map, wrong) }
        }
        #expect(throws: ShellExit.self) { try TaskMapScheme.cyclic(map, "0") }
    }

    private func jobspec(_ count: JSON, _ options: JSON = [:]) -> JSON {
        [
            "version": 1,
            "resources": [
                [
                    "type": "node", "count": 2,
                    "with": [["type": "slot", "count": 2, "with": [["type": "core", "count": 1]]]],
                ],
            ],
            "tasks": [["command": ["a"], "slot": "task", "count": count]],
            "attributes": ["system": ["duration": 0, "shell": ["options": options]]],
        ]
    }

    private let shares = [0, 1].map { NodeShare(brokerRank: $0, host: "n\($0)", cores: [0, 1], gpus: []) }

    @Test func `slots below a node count for each node`() throws {
        let job = try JobDocument(jobspec(["per_slot": 1]))
        let shape = TaskPlacement.shape(job, shares: shares, grantedSlots: nil)
        #expect(shape == TaskPlacement.Shape(slotCount: 4, coresPerSlot: 1, gpusPerSlot: 0, nodeCount: 2))
        #expect(try TaskPlacement.counts(job, shares: shares, shape: shape) == [2, 2])
    }

    @Test func `per-resource overrides the slots`() throws {
        let job = try JobDocument(jobspec(["total": 4], ["per-resource": ["type": "core", "count": 2]]))
        let shape = TaskPlacement.shape(job, shares: shares, grantedSlots: nil)
        #expect(try TaskPlacement.counts(job, shares: shares, shape: shape) == [4, 4])
    }

    @Test(arguments: [
        #"{}"#, #"[]"#, #"{"version":1,"resources":[],"tasks":[]}"#,
        #"{"version":1,"resources":[{"type":"slot","count":1}],"tasks":[{"command":[],"count":{"total":1}}]}"#,
        #"{"version":1,"resources":[{"type":"slot","count":1}],"tasks":[{"command":["a"],"count":{"per_slot":2}}]}"#,
        #"{"version":1,"resources":[{"type":"core","count":1}],"tasks":[{"command":["a"],"count":{"total":1}}]}"#,
    ])
    func `a jobspec that is none is refused with words`(_ text: String) throws {
        let json = try JSON(parsing: text)
        let error = #expect(throws: ShellExit.self) { try JobDocument(json) }
        #expect(error?.description.hasPrefix("error parsing jobspec: ") == true)
    }
}

@Suite("Templates")
struct TemplateTests {
    @Test(arguments: [
        ("a{{x}}b", "aXb"), ("{{x}}{{y}}", "X{{y}}"), ("{{x", "{{x"), ("{{}}", "{{}}"), ("no tags", "no tags"),
        ("{{{x}}}", "{{{x}}}"), ("ü{{x}}ü", "üXü"),
    ])
    func `known tags are replaced, others stay`(_ text: String, _ expected: String) {
        #expect(Template.render(text) { $0 == "x" ? "X" : nil } == expected)
    }
}

@Suite("Processors")
struct AffinityTests {
    @Test(arguments: [
        ("0-3,5", "0-3,5"), ("0x5", "0,2"), ("0x1,0x3", "0-1,32"), ("0x0", nil), ("", nil), ("x", nil), ("0xzz", nil),
    ])
    func `lists and masks`(_ text: String, _ expected: String?) {
        #expect(CPUList.parse(text)?.description == expected)
    }

    @Test func `tasks over cores`() {
        let cores: [Idset] = [[0, 4], [1, 5], [2, 6], [3, 7]]
        #expect(CPUList.distribute(2, over: cores).map(\.description) == ["0-1,4-5", "2-3,6-7"])
        #expect(CPUList.distribute(4, over: cores) == cores)
        #expect(CPUList.distribute(8, over: cores).map(\.count) == Array(repeating: 2, count: 8))
        #expect(CPUList.distribute(3, over: []).isEmpty)
        #expect(CPUList.bytes([0, 9]) == [1, 2, 0, 0, 0, 0, 0, 0])
    }

    @Test func `cores are numbered by package, whatever the processors' numbers`() {
        // two packages whose processors alternate, without hyperthreads
        let processors = (0..<4).map {
            CoreTopology.Processor(
                id: $0, siblings: [$0], cache: [], package: $0 % 2 == 0 ? [0, 2] : [1, 3])
        }
        let topology = CoreTopology(processors, allowed: [0, 1, 2, 3])
        #expect(topology.cores == [[0], [2], [1], [3]])
        #expect(topology.processors(of: [0, 1]) == [0, 2])
        #expect(topology.processors(of: [4]) == nil)
        #expect(CoreTopology(processors, allowed: [1, 2]).cores == [[2], [1]])
    }

    @Test func `options`() {
        let option = Affinity.Option("verbose,dry-run,per-task")
        #expect(option.isVerbose && option.isDryRun && option.mode == "per-task")
        #expect(Affinity.Option("off").mode == "off")
    }

    @Test func `GPUs are told by an environment variable`() throws {
        #expect(try GPUAffinity(nil, gpus: [], taskCount: 1).common == ["CUDA_VISIBLE_DEVICES": "-1"])
        let gpus = try GPUAffinity("per-task", gpus: [0, 1, 2, 3], taskCount: 2)
        #expect(gpus.variables(ofTask: 1) == ["CUDA_VISIBLE_DEVICES": "2,3"])
        #expect(try GPUAffinity("off", gpus: [0], taskCount: 1).common.isEmpty)
    }
}

@Suite("The process table for debuggers")
struct ProcessTableTests {
    @Test func `numbers are differences, runs and repetitions`() {
        #expect(ProcessTable.numbers([0, 1, 2, 3]).text == "[[0,3]]")
        #expect(ProcessTable.numbers([5, 5, 5, 9]).text == "[[5,-2],4]")
        #expect(ProcessTable.numbers([100, 50]).text == "[100,-50]")
        #expect(ProcessTable.numbers([]).text == "[]")
    }

    @Test func `names share their prefix`() {
        #expect(ProcessTable.names(["vm"]).text == #"["vm"]"#)
        #expect(ProcessTable.names(["vm", "vm"]).text == #"[["vm",[[-1,-1]]]]"#)
        #expect(ProcessTable.names(["n1", "n2", "n04"]).text == #"[["n",[[1,1]]],"n04"]"#)
    }

    @Test func `a batch script of older versions becomes a broker's initial program`() throws {
        let batch = try #require(try LegacyBatch(["script": "x", "broker-opts": ["-v"]]))
        #expect(batch.command(["a.sh", "1"], rank: 0, path: "/t/script") == ["flux", "broker", "-v", "/t/script", "1"])
        #expect(batch.command(["a.sh", "1"], rank: 1, path: "/t/script") == ["flux", "broker", "-v"])
        #expect(batch.command(["flux", "broker", "x"], rank: 0, path: "/t") == ["flux", "broker", "x"])
        #expect(throws: ShellExit.self) { try LegacyBatch(["script": "x", "broker-opts": 5]) }
    }

    @Test func `the pty option`() throws {
        #expect(try PtyOption(nil) == nil)
        #expect(try PtyOption(1)?.includes(7) == true)
        let interactive = try #require(try PtyOption(["interactive": 1]))
        #expect(interactive.includes(0) && !interactive.includes(1) && !interactive.isCaptured)
        #expect(try PtyOption(["interactive": 1, "ranks": "1"])?.addsFirstTask == true)
        #expect(try PtyOption(["ranks": 2])?.includes(2) == true)
        #expect(throws: ShellExit.self) { try PtyOption(["foo": 1]) }
    }
}
