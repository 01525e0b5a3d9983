import Glibc
import Reactor
import Subprocess
import Testing

/// What a finished child wrote and how it ended.
private struct Outcome: Equatable, Sendable {
    var output = ""
    var error = ""
    var status: Int32 = -1
}

/// Collects on the reactor's thread.
private final class Collector: @unchecked Sendable {
    var output: [UInt8] = []
    var error: [UInt8] = []
}

@Suite("Children")
struct SubprocessTests {
    static let environment = ["PATH": "/usr/bin:/bin"]

    /// Runs a program to its end with pipes on its descriptors.
    private func run(
        _ arguments: [String], input: String = "", environment: [String: String] = Self.environment,
        directory: String? = nil, fallback: String? = nil,
        configure: @Sendable @escaping (inout SpawnOptions) -> Void = { _ in }
    ) throws -> Outcome {
        let reactor = try Reactor()
        return try reactor.run {
            var options = SpawnOptions.pipes
            configure(&options)
            let child = try Subprocess.spawn(
                Command(arguments, environment: environment, directory: directory, fallbackDirectory: fallback),
                options, on: reactor)
            let collector = Collector()
            _ = try child.readOutput { collector.output += $0 }
            _ = try child.readError { collector.error += $0 }
            child.input?.write(input.utf8)
            child.input?.close()
            let status = await withCheckedContinuation { continuation in
                child.onCompletion = { continuation.resume(returning: $0) }
            }
            return Outcome(
                output: String(decoding: collector.output, as: UTF8.self),
                error: String(decoding: collector.error, as: UTF8.self), status: status.waitStatus)
        }
    }

    @Test func `standard streams are connected`() throws {
        let outcome = try run(["sh", "-c", "cat; echo problem >&2; exit 7"], input: "hello\n")
        #expect(outcome == Outcome(output: "hello\n", error: "problem\n", status: 7 << 8))
    }

    @Test func `a signal is a status of its own`() throws {
        #expect(try run(["sh", "-c", "kill -9 $$"]).status == 9)
        #expect(ExitStatus(waitStatus: 9).shellCode == 137)
        #expect(ExitStatus.exited(3).exitCode == 3)
    }

    @Test func `a missing program and one that cannot be run are errors at once`() throws {
        let missing = #expect(throws: SpawnError.self) { try run(["no-such-program"]) }
        #expect(missing?.errnum == ENOENT && missing?.shellCode == 127 && missing?.step == "exec")
        let denied = #expect(throws: SpawnError.self) { try run(["/etc/passwd"]) }
        #expect(denied?.errnum == EACCES && denied?.shellCode == 126)
    }

    @Test func `the environment and the directory are the child's own`() throws {
        let outcome = try run(
            ["sh", "-c", "echo $X; pwd"], environment: ["PATH": "/bin", "X": "1"], directory: "/usr")
        #expect(outcome.output == "1\n/usr\n")
        #expect(try run(["pwd"], directory: "/no/such", fallback: "/tmp").output == "/tmp\n")
        let error = #expect(throws: SpawnError.self) { try run(["pwd"], directory: "/no/such") }
        #expect(error?.step == "chdir")
    }

    @Test func `only the descriptors that were asked for are open`() throws {
        let outcome = try run(["sh", "-c", "ls /proc/self/fd; echo $PMI_FD"]) { $0.channels = ["PMI_FD"] }
        let lines = outcome.output.split(separator: "\n").map(String.init)
        let channel = try #require(lines.last)
        // 0, 1, 2, the channel, and the directory that ls itself reads
        #expect(lines.count == 6 && lines.dropLast().contains(channel))
    }

    @Test func `signal masks and dispositions are reset`() throws {
        let outcome = try run(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"])
        let words = outcome.output.split(whereSeparator: { $0 == "\n" || $0 == "\t" })
        #expect(words.map(String.init) == ["SigBlk:", "0000000000000000", "SigIgn:", "0000000000000000"])
    }

    @Test func `a channel carries bytes both ways`() throws {
        let reactor = try Reactor()
        let answer = try reactor.run {
            var options = SpawnOptions()
            options.channels = ["FD"]
            let child = try Subprocess.spawn(
                Command(
                    ["bash", "-c", "read line <&$FD; echo got $line >&$FD"], environment: Self.environment), options,
                on: reactor)
            let collector = Collector()
            _ = try child.readChannel("FD", .lines(limit: 100)) { collector.output += $0 }
            let writer = try child.writeChannel("FD")
            writer.write("ping\n".utf8)
            _ = await withCheckedContinuation { continuation in
                child.onCompletion = { continuation.resume(returning: $0) }
            }
            writer.finish()
            return String(decoding: collector.output, as: UTF8.self)
        }
        #expect(answer == "got ping\n")
    }

    @Test func `a signal reaches the whole process group`() throws {
        let reactor = try Reactor()
        let status = try reactor.run {
            let child = try Subprocess.spawn(
                Command(["sh", "-c", "sleep 100 & wait; sleep 100"], environment: Self.environment), .pipes,
                on: reactor)
            _ = try child.readOutput { _ in }
            reactor.schedule(after: .milliseconds(20)) { child.kill(SIGTERM) }
            return await withCheckedContinuation { continuation in
                // completes only when the sleep in the background has closed the pipe too
                child.onCompletion = { continuation.resume(returning: $0.waitStatus) }
            }
        }
        #expect(status == SIGTERM)
    }

    @Test func `large output arrives whole and in order`() throws {
        let outcome = try run(["sh", "-c", "seq 1 100000"])
        #expect(outcome.output.utf8.count == 588_895 && outcome.output.hasSuffix("99999\n100000\n"))
    }

    @Test func `no descriptor is left after a child`() throws {
        let reactor = try Reactor()
        try reactor.run {
            func openDescriptors() -> Int { (0..<256).filter { fcntl($0, F_GETFD) >= 0 }.count }
            var before = 0
            for round in 0..<5 {
                if round == 1 { before = openDescriptors() }
                let child = try Subprocess.spawn(
                    Command(["true"], environment: Self.environment), .pipes, on: reactor)
                _ = try child.readOutput { _ in }
                _ = try child.readError { _ in }
                _ = await withCheckedContinuation { continuation in
                    child.onCompletion = { continuation.resume(returning: $0) }
                }
                _ = try? Subprocess.spawn(Command(["no-such-x"], environment: [:]), .pipes, on: reactor)
            }
            // other tests of this process may hold descriptors of their own meanwhile
            #expect(openDescriptors() <= before + 64)
        }
    }
}
