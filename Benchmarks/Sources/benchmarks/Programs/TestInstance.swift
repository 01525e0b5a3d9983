import Glibc

/// A test instance that lives until ``end()``: `flux start` with an initial program that tells its URI and waits.
struct TestInstance {
    let program: Program
    let uri: String
    private let process: pid_t
    private let input: Int32

    /// Starts brokers and waits until the initial program runs; nil when it never does.
    init?(_ program: Program, size: Int, options: [String] = []) {
        var (toChild, fromChild): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { return nil }
        for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let script = "echo $FLUX_URI; read line"
        let started = program.spawn(
            ["start", "--test-size=\(size)"] + options + ["sh", "-c", script], environment: [:], input: toChild[0],
            output: fromChild[1])
        close(toChild[0])
        close(fromChild[1])
        defer { close(fromChild[0]) }
        guard let process = started else { return nil }
        var line: [UInt8] = [], byte: UInt8 = 0
        while read(fromChild[0], &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        self.program = program
        self.process = process
        input = toChild[1]
        uri = String(decoding: line, as: UTF8.self)
        if uri.isEmpty {
            end()
            return nil
        }
    }

    var environment: [String: String] { ["FLUX_URI": uri] }

    /// Lets the initial program end, and waits for the instance.
    func end() {
        close(input)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// CPU seconds of all processes of the instance so far, with the children they have waited for.
    var cpu: Double { processes.reduce(0) { $0 + $1.cpu } }

    /// Proportional memory of all brokers, in bytes.
    var brokerMemory: Int { processes.filter(\.isBroker).reduce(0) { $0 + $1.memory } }

    /// CPU seconds of the brokers themselves, to the nanosecond, and how often their threads woke up.
    var activity: (cpu: Double, wakeUps: Int) {
        processes.filter(\.isBroker).reduce((0, 0)) { sum, broker in
            let activity = broker.activity
            return (sum.0 + activity.cpu, sum.1 + activity.wakeUps)
        }
    }

    /// The process of `flux start` and all below it.
    private var processes: [ProcessRecord] { ProcessRecord.tree(below: process) }
}
