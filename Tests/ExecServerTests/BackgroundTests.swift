import ExecServer
import FluxJSON
import Glibc
import RFC03Message
import Testing

@Suite("RFC 42: processes in the background", .timeLimit(.minutes(1)))
struct BackgroundTests {
    @Test func `one response, and the process goes on without its requester`() throws {
        try ServerBench.run { bench in
            let request = bench.ask("exec", ["cmd": ServerBench.shell("sleep 100"), "flags": 3], tag: 1)
            let pid = pid_t(try #require(bench.processID(1)))
            bench.server.disconnect(request)
            await bench.pause()
            #expect(kill(pid, 0) == 0)
            #expect(bench.answers(1) == [#"{"type":"started","pid":0}"#])
            bench.server.killAll(SIGKILL)
            await bench.wait { bench.server.isEmpty }
        }
    }

    @Test func `its failure is no error response`() throws {
        try ServerBench.run { bench in
            bench.ask("exec", ["cmd": ServerBench.shell("echo bad >&2; exit 3"), "flags": 3], tag: 1)
            await bench.wait { bench.server.isEmpty }
            #expect(bench.answers(1) == [#"{"type":"started","pid":0}"#])
        }
    }

    @Test func `its input is at its end`() throws {
        try ServerBench.run { bench in
            bench.ask("exec", ["cmd": ServerBench.shell("cat; exit 4"), "flags": 16], tag: 1)
            bench.ask("wait", ["pid": .int(bench.processID(1) ?? 0)], tag: 2)
            await bench.wait { !bench.answers(2).isEmpty }
            #expect(bench.answers(2) == [#"{"status":1024}"#])
        }
    }

    @Test(
        "flags that make no sense there are errors",
        arguments: [
            (#"{"flags":8}"#, "22 write-credit flag is not allowed in background mode"),
            (#"{"flags":0,"local_flags":1}"#, "22 stdio-fallthrough flag is not allowed in background mode"),
        ])
    func flags(_ flags: String, _ answer: String) throws {
        var payload = try #require(try JSON(parsing: flags).objectValue)
        payload["cmd"] = ServerBench.shell("true")
        let request = JSON.object(payload)
        try ServerBench.run { bench in
            bench.ask("exec", request, tag: 1)
            #expect(bench.answers(1) == [answer])
        }
    }

    @Test func `attach by label gives what exec gives, and leaves the process behind`() throws {
        try ServerBench.run { bench in
            let command = ServerBench.shell("sleep 0.3; echo hi; sleep 100", ["label": "x"])
            bench.ask("exec", ["cmd": command, "flags": 3], tag: 1)
            let first = bench.ask("attach", ["pid": -1, "label": "x", "flags": 3], tag: 2, isStreaming: true)
            #expect(bench.answers(2).first?.hasPrefix(#"{"type":"attached","pid":0,"cmd":{"#) == true)
            bench.ask("attach", ["pid": -1, "label": "x", "flags": 3], tag: 3, isStreaming: true)
            #expect(bench.errors(3) == [16])
            await bench.wait { bench.answers(2).count > 1 }
            #expect(
                bench.answers(2).last
                    == #"{"type":"output","pid":0,"io":{"stream":"stdout","rank":"3","data":"hi\n"}}"#)
            bench.server.disconnect(first)
            await bench.pause()
            #expect(kill(pid_t(bench.processID(1) ?? 0), 0) == 0)

            bench.ask("attach", ["pid": .int(bench.processID(1) ?? 0), "flags": 3], tag: 4, isStreaming: true)
            bench.ask("kill", ["pid": -1, "label": "x", "signum": 9], tag: 5)
            let answers = await bench.stream(4)
            #expect(answers.contains(#"{"type":"finished","status":9}"#))
            for stream in ["stdout", "stderr"] {
                let end = #"{"type":"output","pid":0,"io":{"stream":"\#(stream)","rank":"3","eof":true}}"#
                #expect(answers.count { $0 == end } == 1)
            }
            #expect(answers.last == "61 ")
        }
    }

    @Test func `a waitable process that has ended is told to who attaches, once`() throws {
        try ServerBench.run { bench in
            bench.ask("exec", ["cmd": ServerBench.shell("exit 2", ["label": "x"]), "flags": 19], tag: 1)
            await bench.wait { kill(pid_t(bench.processID(1) ?? 0), 0) != 0 }
            await bench.pause()
            bench.ask("attach", ["pid": -1, "label": "x", "flags": 3], tag: 2, isStreaming: true)
            let answers = bench.answers(2)
            #expect(answers.count == 5)
            #expect(answers.first?.hasPrefix(#"{"type":"attached""#) == true)
            #expect(answers[1...2].allSatisfy { $0.contains(#""eof":true"#) })
            #expect(answers.suffix(2) == [#"{"type":"finished","status":512}"#, "61 "])
            bench.ask("wait", ["pid": -1, "label": "x"], tag: 3)
            bench.ask("attach", ["pid": -1, "label": "x", "flags": 3], tag: 4, isStreaming: true)
            #expect(bench.errors(3) == [3])
            #expect(bench.errors(4) == [2])
        }
    }

    @Test func `attach fails for processes that are not there, or not in the background`() throws {
        try ServerBench.run { bench in
            bench.ask("attach", ["pid": 1, "flags": 3], tag: 1, isStreaming: true)
            #expect(bench.errors(1) == [2])
            bench.ask("exec", ["cmd": ServerBench.shell("sleep 100"), "flags": 0], tag: 2, isStreaming: true)
            bench.ask("attach", ["pid": .int(bench.processID(2) ?? 0), "flags": 3], tag: 3, isStreaming: true)
            #expect(bench.errors(3) == [16])
            bench.server.killAll(SIGKILL)
            await bench.wait { bench.server.isEmpty }
        }
    }
}
