internal import Glibc

/// Programs that a command runs to its end, with their output.
public enum Companion {
    /// What a program wrote and how it ended.
    public struct Result: Hashable, Sendable {
        public let output: [UInt8]
        public let errors: [UInt8]
        /// As a shell tells it: 128 and more for a signal, 127 when the program could not be run.
        public let exitCode: Int32
    }

    /// Runs a program.
    ///
    /// - Parameters:
    ///   - words: the program, looked up in `PATH`, and its arguments.
    ///   - input: its standard input; at most 64 KiB are sure to be taken before it reads.
    public static func run(_ words: [String], input: [UInt8] = []) -> Result {
        guard let program = words.first, let source = temporaryFile(input), let output = temporaryFile([]),
            let errors = temporaryFile([])
        else { return Result(output: [], errors: Array("no temporary file".utf8), exitCode: 127) }
        defer { for descriptor in [source, output, errors] { close(descriptor) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in [source, output, errors].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, program, &actions, nil, pointers, environ)
        guard code == 0 else {
            return Result(output: [], errors: Array("\(program): \(SystemText.of(code))\n".utf8), exitCode: 127)
        }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return Result(
            output: content(output), errors: content(errors), exitCode: signal == 0 ? (status >> 8) & 0xff : 128 + signal)
    }

    /// A file without a name that stands at its beginning.
    private static func temporaryFile(_ bytes: [UInt8]) -> Int32? {
        let folder = Environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var path = Array("\(folder)/flux-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(path)
        write(bytes, to: descriptor)
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }

    private static func content(_ descriptor: Int32) -> [UInt8] {
        lseek(descriptor, 0, SEEK_SET)
        return (try? Files.bytes(from: descriptor, named: "output")) ?? []
    }
}
