import Glibc

/// What `/proc` tells of one process.
struct ProcessRecord {
    let id: pid_t
    let parent: pid_t
    let name: String
    /// CPU seconds so far in steps of a clock tick, with those of the children it has waited for.
    let cpu: Double

    var isBroker: Bool { name.contains("flux-broker") }

    /// The process `root` and all below it.
    static func tree(below root: pid_t) -> [ProcessRecord] {
        let all = entries("/proc").compactMap { pid_t($0) }.compactMap { ProcessRecord($0) }
        var members: Set<pid_t> = [root]
        var isGrowing = true
        while isGrowing {
            let count = members.count
            members.formUnion(all.filter { members.contains($0.parent) }.map(\.id))
            isGrowing = members.count > count
        }
        return all.filter { members.contains($0.id) }
    }

    private init?(_ id: pid_t) {
        let stat = contents(of: "/proc/\(id)/stat")
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[close...].split(separator: " ").dropFirst().map(String.init)
        guard fields.count > 15, let parent = pid_t(fields[1]) else { return nil }
        self.id = id
        self.parent = parent
        name = String(stat[stat.index(after: open)..<close])
        cpu = fields[11...14].reduce(0.0) { $0 + (Double($1) ?? 0) } / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Proportional set size in bytes: pages shared by n processes count for an nth.
    var memory: Int {
        let lines = contents(of: "/proc/\(id)/smaps_rollup").split(separator: "\n")
        return (lines.first { $0.hasPrefix("Pss:") }.flatMap(Self.number) ?? 0) * 1024
    }

    /// CPU seconds of its living threads, and how often they went to sleep of their own will.
    var activity: (cpu: Double, wakeUps: Int) {
        entries("/proc/\(id)/task").reduce((0, 0)) { sum, thread in
            let folder = "/proc/\(id)/task/\(thread)"
            let nanoseconds = contents(of: "\(folder)/schedstat").split(separator: " ").first.flatMap { Double($0) } ?? 0
            let lines = contents(of: "\(folder)/status").split(separator: "\n")
            let switches = lines.first { $0.hasPrefix("voluntary_ctxt_switches") }.flatMap(Self.number) ?? 0
            return (sum.0 + nanoseconds * 1e-9, sum.1 + switches)
        }
    }

    /// The number after the name in a line such as `Pss:   12 kB`.
    private static func number(_ line: Substring) -> Int? {
        line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
    }
}

/// The names in a folder that begin with a digit.
private func entries(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name.first?.isNumber == true { names.append(name) }
    }
    return names
}

/// The text of a file of `/proc`, empty when it cannot be read.
private func contents(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 16384)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}
