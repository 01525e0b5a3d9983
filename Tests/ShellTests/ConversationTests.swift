import Client
import FluxJSON
import RFC19FLUID
import RFC22Idset
import RFC24IO
import Subprocess
import Testing

@testable import Shell

/// A job of two nodes with two tasks on each.
func exampleInfo(shellRank: Int = 0) throws -> ShellInfo {
    let jobspec: JSON = [
        "version": 1, "resources": [["type": "slot", "count": 4]],
        "tasks": [["command": ["/bin/app"], "count": ["total": 4]]],
    ]
    let shares = [3, 5].map { NodeShare(brokerRank: $0, host: "n\($0)", cores: [0, 1], gpus: []) }
    return ShellInfo(
        jobID: JobID(46_137_344), job: try JobDocument(jobspec), shares: shares, shellRank: shellRank,
        taskMap: try TaskMapScheme.blocks([2, 2]), hostName: "n3", usesPlainIDs: true)
}

@Suite("The first task that ends")
struct FirstExitTests {
    private func options(_ values: JSON.Object) -> ShellOptions { ShellOptions(values) }
    private func exit(_ rank: Int, _ status: Int32) -> FirstExit.Exit {
        FirstExit.Exit(localID: 0, rank: rank, processID: 7, status: .init(waitStatus: status))
    }

    private func names(_ directives: [FirstExit.Directive]) -> [String] {
        directives.map {
            switch $0 {
            case .post(let context): "post \(context.text)"
            case .notify: "notify"
            case .startTimer(let seconds): "start \(seconds)"
            case .stopTimer: "stop"
            case .fail(let exit, let status): "fail \(exit.code) \(exit.description) \(status ?? -1)"
            }
        }
    }

    @Test func `is written once and starts the clock of the others`() throws {
        let info = try exampleInfo()
        var machine = try FirstExit(options([:]))
        #expect(
            names(machine.taskExited(exit(1, 2 << 8), info)) == [
                #"post {"localid":0,"rank":1,"state":"Exited","pid":7,"wait_status":512,"signaled":0,"exitcode":2}"#,
                "start 30.0",
            ])
        #expect(machine.taskExited(exit(0, 0), info).isEmpty)
        #expect(
            names(machine.timerFired()) == [
                "fail 2 app: task rank 1 on host n3 exited (Exit 2) and exit-timeout=30s has expired 512",
            ])
    }

    @Test func `the end of all tasks stops the clock`() throws {
        var machine = try FirstExit(options(["exit-timeout": 1.5]))
        _ = machine.taskExited(exit(0, 9), try exampleInfo())
        #expect(names(machine.tasksComplete()) == ["stop"])
        #expect(machine.timerFired().isEmpty)
    }

    @Test func `exit-on-error ends the job at once`() throws {
        var machine = try FirstExit(options(["exit-on-error": 1]))
        let directives = names(machine.leaderSaw(exit(3, 9).json, try exampleInfo()))
        #expect(directives.last == "fail 137 app: task rank 3 on host n5 failed (Killed) and exit-on-error is set 9")
    }

    @Test func `followers tell the leader`() throws {
        var machine = try FirstExit(options([:]))
        #expect(names(machine.taskExited(exit(2, 0), try exampleInfo(shellRank: 1))) == ["notify"])
    }

    @Test func `a lost shell counts as an exit`() throws {
        var machine = try FirstExit(options(["exit-timeout": "none"]))
        #expect(machine.shellLost(1, try exampleInfo()).isEmpty)
        var strict = try FirstExit(options(["exit-on-error": 1]))
        #expect(
            names(strict.shellLost(1, try exampleInfo())) == [
                "fail 1 app: shell rank 1 on host n5 failed and exit-on-error is set -1",
            ])
    }

    @Test(arguments: [JSON.string("aaa"), .bool(false), .int(-1), .array([])])
    func `an exit-timeout that is no duration is refused`(_ value: JSON) {
        #expect(throws: ShellExit.self) { try FirstExit(ShellOptions(["exit-timeout": value])) }
    }
}

@Suite("Exchange of PMI keys among shells")
struct PMIExchangeTests {
    private func names(_ directives: [PMIExchange<String>.Directive]) -> [String] {
        directives.map {
            switch $0 {
            case .ask(let parent, let keys): "ask \(parent) \(keys.keys.sorted())"
            case .answer(let request, let keys): "answer \(request) \(keys.keys.sorted())"
            case .refuse(let request, _): "refuse \(request)"
            case .complete(let keys): "complete \(keys.map { "\($0.keys.sorted())" } ?? "failed")"
            }
        }
    }

    @Test func `a node in the middle gathers, asks and spreads`() {
        var machine = PMIExchange<String>(rank: 1, size: 5)
        #expect(machine.childCount == 2 && machine.parent == 0)
        #expect(machine.childAsked("a", ["k3": ""]).isEmpty)
        #expect(machine.enter(["k1": ""]).isEmpty)
        #expect(names(machine.childAsked("b", ["k4": ""])) == [#"ask 0 ["k1", "k3", "k4"]"#])
        #expect(
            names(machine.parentAnswered(["all": ""])) == [
                #"answer a ["all"]"#, #"answer b ["all"]"#, #"complete ["all"]"#,
            ])
        // the next exchange begins from nothing
        #expect(machine.childAsked("c", [:]).isEmpty)
    }

    @Test func `the root answers, a leaf asks at once`() {
        var root = PMIExchange<String>(rank: 0, size: 2)
        #expect(root.enter(["a": ""]).isEmpty)
        #expect(names(root.childAsked("x", ["b": ""])) == [#"answer x ["a", "b"]"#, #"complete ["a", "b"]"#])
        var leaf = PMIExchange<String>(rank: 1, size: 2)
        #expect(names(leaf.enter(["b": ""])) == [#"ask 0 ["b"]"#])
        #expect(names(leaf.parentAnswered(nil)) == ["complete failed"])
        var alone = PMIExchange<String>(rank: 0, size: 1)
        #expect(names(alone.enter([:])) == ["complete []"])
    }

    @Test func `more children than the tree has are refused`() {
        var leaf = PMIExchange<String>(rank: 1, size: 2)
        #expect(names(leaf.childAsked("x", [:])) == ["refuse x"])
    }
}

@Suite("Standard input")
struct StandardInputTests {
    private func input(_ options: JSON.Object = [:]) throws -> StandardInput {
        try StandardInput(taskCount: 4, options: ShellOptions(options))
    }

    @Test func `all means the tasks that are still open`() throws {
        var input = try input()
        #expect(try input.receive(IOData(stream: "stdin", rank: "1", isEnd: true)) == [1])
        #expect(try input.receive(IOData(stream: "stdin", rank: "all", bytes: [65])) == [0, 2, 3])
        let closed = #expect(throws: RPCError.self) {
            try input.receive(IOData(stream: "stdin", rank: "0-1", bytes: [65]))
        }
        #expect(closed?.errnum == Errno.pipe)
        _ = try input.receive(IOData(stream: "stdin", rank: "all", isEnd: true))
        #expect(throws: RPCError.self) { try input.receive(IOData(stream: "stdin", rank: "all", isEnd: true)) }
    }

    @Test func `too much ends the job`() throws {
        var input = try input(["input": ["limit": "1K"]])
        _ = try input.receive(IOData(stream: "stdin", rank: "all", bytes: Array(repeating: 0, count: 1024)))
        let error = #expect(throws: ShellExit.self) {
            try input.receive(IOData(stream: "stdin", rank: "all", bytes: [0]))
        }
        #expect(error?.description.hasPrefix("stdin exceeds 1K limit. Try file input") == true)
    }

    @Test(arguments: ["foo", "0", "33M", "1G", "-1"])
    func `limits that are none`(_ limit: String) {
        #expect(throws: ShellExit.self) { try input(["input": ["limit": .string(limit)]]) }
    }
}

@Suite("Output")
struct OutputTests {
    @Test func `standard error follows standard output except in its buffering`() throws {
        let options = ShellOptions([
            "output": ["stdout": ["type": "file", "path": "x", "label": true], "mode": "append"],
        ])
        let output = try OutputOptions(options, isSingleUser: true) { _ in false }
        #expect(output.output == OutputOptions.Stream(target: .file("x"), isLabeled: true))
        #expect(output.error == OutputOptions.Stream(target: .file("x"), isLabeled: true, isLineBuffered: false))
        #expect(output.appends && output.warnings.isEmpty && output.limitBytes == 1 << 30)
    }

    @Test(arguments: [#"{"limit":"foo"}"#, #"{"limit":0}"#, #"{"limit":"2G"}"#, #"{"client":{"lwm":2,"hwm":1}}"#])
    func `options that make no sense`(_ text: String) throws {
        let options = ShellOptions(["output": try JSON(parsing: text)])
        #expect(throws: ShellExit.self) { try OutputOptions(options, isSingleUser: false) { _ in false } }
    }

    @Test func `the KVS takes so much and no more`() {
        var volume = OutputVolume(limitBytes: 10, limitText: "10")
        #expect(volume.count("stdout", 10) == (true, nil))
        #expect(volume.count("stdout", 1) == (false, "stdout will be truncated, 10 limit exceeded"))
        #expect(volume.count("stdout", 1) == (false, nil))
        #expect(volume.warnings == ["stdout: 2 of 12 bytes truncated"])
        #expect(OutputVolume.shortSize(1 << 20) == "1M" && OutputVolume.shortSize(1536) == "1.5K")
    }

    @Test func `credit stops the tasks and lets them go on`() {
        var credit = OutputCredit(lowWater: 1, highWater: 3)
        #expect(credit.sent().isEmpty)
        #expect(credit.sent() == [.ask(3)])
        #expect(credit.sent() == [.pauseTasks])
        #expect(credit.sent().isEmpty)
        #expect(credit.granted(3) == [.resumeTasks])
        #expect(credit.sent() == [.ask(3)])
        // what was read before the pause may take more than there is
        for _ in 0..<6 { _ = credit.sent() }
        #expect(credit.granted(3) == [.ask(3)])
    }

    @Test func `labels stand before each line`() {
        func labeled(_ text: String) -> String {
            String(decoding: LineSplitter.labeled(Array(text.utf8), "3"), as: UTF8.self)
        }
        #expect(labeled("a\nb") == "3: a\n3: b")
        #expect(labeled("\n") == "3: \n")
        #expect(LineSplitter.lines([]).isEmpty)
    }
}
