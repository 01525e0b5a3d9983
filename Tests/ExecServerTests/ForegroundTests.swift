import ExecServer
import FluxJSON
import Glibc
import RFC03Message
import Testing

@Suite("RFC 42: exec with a stream", .timeLimit(.minutes(1)))
struct ForegroundTests {
    @Test func `started comes first, then output, its ends and the status, and ENODATA last`() throws {
        let answers = try ServerBench.run { bench in
            bench.ask("exec", ["cmd": ServerBench.shell("echo hi; exit 3"), "flags": 3], tag: 1, isStreaming: true)
            return await bench.stream(1)
        }
        #expect(answers.first == #"{"type":"started","pid":0}"#)
        #expect(answers.last == "61 ")
        #expect(answers.count { $0.hasPrefix("61") } == 1)
        for line in [
            #"{"type":"output","pid":0,"io":{"stream":"stdout","rank":"3","data":"hi\n"}}"#,
            #"{"type":"output","pid":0,"io":{"stream":"stdout","rank":"3","eof":true}}"#,
            #"{"type":"output","pid":0,"io":{"stream":"stderr","rank":"3","eof":true}}"#,
            #"{"type":"finished","status":768}"#,
        ] {
            #expect(answers.count { $0 == line } == 1, "\(line)")
        }
        #expect(answers.count == 6)
    }

    @Test func `the process ends when its requester disconnects`() throws {
        let isGone = try ServerBench.run { bench in
            let request = bench.ask(
                "exec", ["cmd": ServerBench.shell("sleep 100"), "flags": 0], tag: 1, isStreaming: true)
            let pid = try #require(bench.processID(1))
            var stranger = request
            stranger.routes = ["other"]
            bench.server.disconnect(stranger)
            #expect(kill(pid_t(pid), 0) == 0)
            bench.server.disconnect(request)
            await bench.wait { bench.server.isEmpty }
            return kill(pid_t(pid), 0) != 0
        }
        #expect(isGone)
    }

    @Test func `without cwd it is the directory of the server`() throws {
        let answers = try ServerBench.run { bench in
            bench.ask("exec", ["cmd": ServerBench.shell("pwd -P"), "flags": 1], tag: 1, isStreaming: true)
            bench.ask("exec", ["cmd": ServerBench.shell("pwd -P", ["cwd": "/"]), "flags": 1], tag: 2, isStreaming: true)
            return await [bench.stream(1), bench.stream(2)]
        }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let here = String(cString: try #require(getcwd(&buffer, buffer.count)))
        #expect(answers[0].contains { $0.contains(JSON.string("\(here)\n").text) })
        #expect(answers[1].contains { $0.contains(#""data":"/\n""#) })
    }

    @Test func `a channel is a socket of its name, in both directions`() throws {
        // Shells that know descriptors of one digit only are no use here.
        let script = #"exec bash -c 'echo up >&$PIPE; head -n1 <&$PIPE'"#
        let answers = try ServerBench.run { bench in
            bench.ask(
                "exec", ["cmd": ServerBench.shell(script, ["channels": ["PIPE"]]), "flags": 13], tag: 1,
                isStreaming: true)
            bench.ask(
                "write", ["matchtag": 1, "io": ["stream": "PIPE", "rank": "3", "data": "down\n"]], tag: 2,
                isStreaming: true)
            return await bench.stream(1)
        }
        #expect(answers.contains { $0.contains(#""stream":"PIPE","rank":"3","data":"up\n""#) })
        #expect(answers.contains { $0.contains(#""stream":"stdout","rank":"3","data":"down\n""#) })
        #expect(answers.contains { $0.contains(#""channels":{"PIPE":"#) })
    }

    @Test func `the input buffer takes 4096 bytes and more before the process reads`() throws {
        let data = String(repeating: "x", count: 4095) + "\n"
        let answers = try ServerBench.run { bench in
            bench.ask("exec", ["cmd": ServerBench.shell("sleep 0.2; wc -c"), "flags": 9], tag: 1, isStreaming: true)
            bench.ask(
                "write", ["matchtag": 1, "io": ["stream": "stdin", "rank": "3", "data": .string(data), "eof": true]],
                tag: 2)
            return await bench.stream(1)
        }
        #expect(answers.contains { $0.contains(#""data":"4096\n""#) })
        #expect(answers.contains(#"{"type":"add-credit","channels":{"stdin":4194304}}"#))
    }

    @Test func `kill answers without payload`() throws {
        let answers = try ServerBench.run { bench in
            bench.ask("exec", ["cmd": ServerBench.shell("sleep 100"), "flags": 0], tag: 1, isStreaming: true)
            bench.ask("kill", ["pid": .int(bench.processID(1) ?? 0), "signum": 15], tag: 2)
            _ = await bench.stream(1)
            return bench.answers(2)
        }
        #expect(answers == ["empty"])
    }

    @Test(
        "commands that are refused",
        arguments: [
            (#"{"cmdline":[],"env":{},"opts":{},"channels":[]}"#, "71 command string is empty"),
            (
                #"{"cmdline":["true"],"env":{},"opts":{},"channels":[],"label":""}"#,
                "22 a label cannot be empty"
            ),
            (
                #"{"cmdline":["true"],"env":{},"opts":{},"channels":[],"msgchan":[{"name":"A","uri":"local:///a"}]}"#,
                "22 message channels are not supported"
            ),
        ])
    func refused(_ command: String, _ answer: String) throws {
        let command = try JSON(parsing: command)
        let answers = try ServerBench.run { bench in
            bench.ask("exec", ["cmd": command, "flags": 3], tag: 1, isStreaming: true)
            return await bench.stream(1)
        }
        #expect(answers == [answer])
    }

    @Test func `a label belongs to one process at a time`() throws {
        let answers = try ServerBench.run { bench in
            let payload: JSON = ["cmd": ServerBench.shell("sleep 100", ["label": "one"]), "flags": 0]
            bench.ask("exec", payload, tag: 1, isStreaming: true)
            bench.ask("exec", payload, tag: 2, isStreaming: true)
            bench.ask("kill", ["pid": -1, "label": "one", "signum": 9], tag: 3)
            _ = await bench.stream(1)
            bench.ask("exec", payload, tag: 4, isStreaming: true)
            bench.ask("kill", ["pid": -1, "label": "one", "signum": 9], tag: 5)
            _ = await bench.stream(4)
            return bench.answers(2) + [bench.answers(4)[0]]
        }
        #expect(answers == ["22 command label is not unique", #"{"type":"started","pid":0}"#])
    }

    @Test func `a signed request is refused, whatever stands beside the signature`() throws {
        let answers = try ServerBench.run { bench in
            let command = ServerBench.shell("true")
            bench.ask("exec", ["cmd": command, "flags": 0, "signature": "x"], tag: 1, isStreaming: true)
            bench.ask("exec", ["cmd": command, "flags": 0, "signature": 5], tag: 2, isStreaming: true)
            #expect(bench.server.isEmpty)
            return bench.errors(1) + bench.errors(2)
        }
        #expect(answers == [1, 71])
    }
}
