import Glibc
import Testing

extension InstanceTests {
    static let exitStatuses: [([String], Int32)] = [
        (["true"], 0), (["sh", "-c", "exit 7"], 7), (["exit 9"], 9), (["sh", "-c", "kill -9 $$"], 137),
        (["/nonexistent/program", "word"], 127), (["/etc/passwd", "word"], 126),
    ]

    @Test("the exit status is that of the initial program", arguments: exitStatuses)
    func exitStatus(words: [String], expected: Int32) throws {
        try inPlace { place in
            for size in ["1", "2"] {
                let child = try #require(place.start(["start", "--test-size=\(size)"] + words))
                child.closeInput()
                #expect(child.wait().status == expected, "size \(size)")
            }
        }
    }

    @Test("one word is a shell command line, several are an argv")
    func words() {
        inPlace { place in
            #expect(place.flux("start", "--test-size=1", "echo a  b; echo c").output == "a b\nc\n")
            #expect(place.flux("start", "--test-size=1", "echo", "a  b; echo c").output == "a  b; echo c\n")
        }
    }

    @Test("brokers know rank and size; flux-start stands over flux-broker-0 and on", arguments: [1, 3, 16])
    func processTree(size: Int) throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: size))
            #expect(instance.flux("getattr", "size").output == "\(size)\n")
            #expect(instance.flux("getattr", "rank").output == "0\n")
            let names = place.processes.map(\.name)
            for rank in 0..<size { #expect(names.contains("flux-broker-\(rank)")) }
            #expect(names.contains("flux-start"))
            let outcome = instance.end()
            #expect(outcome.status == 0 && !outcome.isTimeout, "\(outcome.errors)")
        }
    }

    @Test("a signal to flux start ends the instance", arguments: [SIGTERM, SIGINT, SIGHUP])
    func signals(signal: Int32) throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 3))
            kill(instance.processID, signal)
            let outcome = instance.wait(within: 30)
            #expect(!outcome.isTimeout)
            #expect(outcome.status != 0)
        }
    }

    @Test("a program that cannot be started is reported once, with its words and why")
    func missingProgram() {
        inPlace { place in
            let outcome = place.flux("start", "--test-size=1", "/nonexistent/program", "word")
            let lines = outcome.errors.split(separator: "\n").filter { $0.contains("/nonexistent/program") }
            #expect(lines.count == 1, "\(outcome.errors)")
            let text = "rc2.0: /nonexistent/program word error launching process: No such file or directory (rc=127)"
            #expect(lines.first?.contains(text) == true, "\(outcome.errors)")
        }
    }

    @Test("without a terminal the interactive shell is refused")
    func noTerminal() {
        inPlace { place in
            let outcome = place.flux("start", "--test-size=1")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("stdin is not a tty"))
        }
    }

    @Test("an rc1 that hangs is named after five seconds")
    func hangingScript() {
        inPlace { place in
            let outcome = place.flux("start", "--test-size=1", "-Sbroker.rc1_path=sleep 6", "true")
            #expect(outcome.status == 0)
            #expect(outcome.errors.contains("rc1: waiting for sleep 6 to end"), "\(outcome.errors)")
        }
    }

    @Test("a broker that does not come to the PMI barrier is named after five seconds")
    func missingBroker() throws {
        try inPlace { place in
            let child = try #require(place.start(["start", "--test-size=3", "--test-start-mode=leader", "true"]))
            pause(6)
            for broker in place.processes where broker.name.hasPrefix("flux-broker") { kill(broker.id, SIGKILL) }
            let outcome = child.wait()
            #expect(outcome.errors.contains("flux-start: PMI barrier: waiting for rank 1-2"), "\(outcome.errors)")
            let text = "flux-broker: bootstrap: rank 0 waits for an answer to PMI request \"cmd=barrier_in\""
            #expect(outcome.errors.contains(text), "\(outcome.errors)")
        }
    }

    @Test("sizes that make no sense are refused", arguments: ["0", "-1", "x", "99999999999"])
    func sizes(text: String) {
        inPlace { place in
            let outcome = place.flux("start", "--test-size=\(text)", "true")
            #expect(outcome.status == 1)
            #expect(outcome.errors.hasPrefix("flux-start: "), "\(outcome.errors)")
        }
    }
}
