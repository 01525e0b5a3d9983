import Glibc

/// A test instance that lives until ``end()``: `flux start` with an initial program that tells its URI and waits.
struct TestInstance {
    let program: Program
    let uri: String
    private let process: pid_t
    private let input: Int32

    /// Starts brokers and waits until the initial program runs; nil when it never does.
    init?(_ program: Program, size: Int) {
        var (toChild, fromChild): ([Int32], [Int32]) = ([0, 0], [0, 0])
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { return nil }
        for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let script = "echo $FLUX_URI; read line"
        let started = program.spawn(
            ["start", "--test-size=\(size)", "sh", "-c", script], environment: [:], input: toChild[0],
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
    var brokerMemory: Int { processes.filter { $0.name.contains("flux-broker") }.reduce(0) { $0 + $1.memory } }

    private struct Member {
        let id: pid_t
        let parent: pid_t
        let name: String
        let cpu: Double

        /// Proportional set size in bytes.
        var memory: Int {
            let lines = contents(of: "/proc/\(id)/smaps_rollup").split(separator: "\n")
            let line = lines.first { $0.hasPrefix("Pss:") }
            return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
        }
    }

    /// The process of `flux start` and all below it.
    private var processes: [Member] {
        var all: [Member] = []
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let id = pid_t(name) else { continue }
            let stat = contents(of: "/proc/\(id)/stat")
            guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")") else { continue }
            let fields = stat[close...].split(separator: " ").dropFirst().map(String.init)
            guard fields.count > 15, let parent = pid_t(fields[1]) else { continue }
            let ticks = fields[11...14].reduce(0.0) { $0 + (Double($1) ?? 0) }
            all.append(
                Member(
                    id: id, parent: parent, name: String(stat[stat.index(after: open)..<close]),
                    cpu: ticks / Double(sysconf(Int32(_SC_CLK_TCK)))))
        }
        var members: Set<pid_t> = [process]
        var isGrowing = true
        while isGrowing {
            let count = members.count
            members.formUnion(all.filter { members.contains($0.parent) }.map(\.id))
            isGrowing = members.count > count
        }
        return all.filter { members.contains($0.id) }
    }
}

/// The text of a file of `/proc`, empty when it cannot be read.
private func contents(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 16384)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}
