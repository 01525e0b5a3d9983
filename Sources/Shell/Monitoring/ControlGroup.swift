internal import Glibc

/// The control group of this process in the unified hierarchy (cgroups version 2), as far as it can be read.
struct ControlGroup: Hashable {
    /// The folder with the files of the group.
    let path: String

    init(path: String) { self.path = path }

    /// - Parameters:
    ///   - list: the text of `/proc/self/cgroup`.
    ///   - roots: where the hierarchy may be mounted; the first one that is there counts.
    init?(list: String, roots: [String] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]) {
        guard let root = roots.first(where: { access("\($0)/cgroup.controllers", R_OK) == 0 }) else { return nil }
        for line in list.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].isEmpty else { continue }
            var below = parts[2]
            // In a container the group can lie outside of what is mounted.
            while below.hasPrefix("/..") { below = below.dropFirst(3) }
            self.init(path: below == "/" ? root : root + below)
            return
        }
        return nil
    }

    /// That of this process.
    static var own: ControlGroup? { text(of: "/proc/self/cgroup").flatMap { ControlGroup(list: $0) } }

    /// Bytes, from a file such as `memory.peak`.
    func bytes(_ name: String) -> UInt64? {
        Self.text(of: "\(path)/\(name)").flatMap { UInt64($0.prefix { $0.isNumber }) }
    }

    /// Microseconds of processor time that the group has used.
    var processorMicroseconds: UInt64? {
        for line in Self.text(of: "\(path)/cpu.stat")?.split(separator: "\n") ?? [] {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "usage_usec" { return UInt64(words[1]) }
        }
        return nil
    }

    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16384)
        return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    }
}
