import Glibc

/// A program that was started, in a session of its own, with its output read as it comes.
final class Child {
    let processID: pid_t
    private var outputs: [(descriptor: Int32, bytes: [UInt8])]
    private var input: Int32
    private let began = now()
    /// `POSIX_SPAWN_SETSID`, which the module of the C library leaves out.
    private static let newSession: Int32 = 0x80

    /// - Parameter environment: all of it.
    init?(_ words: [String], environment: [String: String], folder: String) {
        var ends: [[Int32]] = [[0, 0], [0, 0], [0, 0]]
        for index in ends.indices {
            guard pipe(&ends[index]) == 0 else { return nil }
            for descriptor in ends[index] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[0][0], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1][1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[2][1], 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(Self.newSession | POSIX_SPAWN_SETSIGMASK))
        var arguments = (["env", "-C", folder] + words).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
            (arguments + variables).forEach { free($0) }
            for descriptor in [ends[0][0], ends[1][1], ends[2][1]] { close(descriptor) }
        }
        var process: pid_t = 0
        guard posix_spawn(&process, "/usr/bin/env", &actions, &attributes, &arguments, &variables) == 0 else {
            return nil
        }
        processID = process
        input = ends[0][1]
        outputs = [(ends[1][0], []), (ends[2][0], [])]
        for output in outputs { _ = fcntl(output.descriptor, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        closeInput()
        for output in outputs where output.descriptor >= 0 { close(output.descriptor) }
    }

    func write(_ text: String) { _ = text.withCString { Glibc.write(input, $0, strlen($0)) } }

    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// What standard output has brought so far.
    var output: String {
        read()
        return String(decoding: outputs[0].bytes, as: UTF8.self)
    }

    /// Reads until a line of standard output is whole, and gives it; nil when it does not come.
    func line(within seconds: Double = 30) -> String? {
        var line: String?
        let found = eventually(within: seconds) {
            let text = output
            guard let end = text.firstIndex(of: "\n") else { return false }
            line = String(text[..<end])
            return true
        }
        return found ? line : nil
    }

    /// Waits for the end; a program that takes longer is killed with its group.
    func wait(within seconds: Double = 60) -> Outcome {
        var outcome = Outcome(), status: Int32 = 0
        let end = now() + seconds
        while true {
            read()
            let reaped = waitpid(processID, &status, WNOHANG)
            if reaped == processID || (reaped < 0 && errno != EINTR) { break }
            if now() > end, !outcome.isTimeout {
                outcome.isTimeout = true
                kill(-processID, SIGKILL)
            }
            pause(0.005)
        }
        read()
        outcome.status = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        outcome.output = String(decoding: outputs[0].bytes, as: UTF8.self)
        outcome.errors = String(decoding: outputs[1].bytes, as: UTF8.self)
        outcome.seconds = now() - began
        return outcome
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 65536)
        for index in outputs.indices {
            while outputs[index].descriptor >= 0 {
                let count = Glibc.read(outputs[index].descriptor, &buffer, buffer.count)
                if count > 0 {
                    outputs[index].bytes += buffer[..<count]
                } else {
                    if count == 0 {
                        close(outputs[index].descriptor)
                        outputs[index].descriptor = -1
                    }
                    break
                }
            }
        }
    }
}
