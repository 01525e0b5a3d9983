internal import FluxJSON
internal import Glibc
internal import RFC22Idset
internal import RFC29Hostlist
internal import RFC34Taskmap
internal import Reactor

/// The option `taskmap`: another order of the tasks than blocks.
///
/// Source: observed: flux-core 0.88.
enum TaskMapScheme {
    /// Consecutive tasks on each node.
    static func blocks(_ counts: [Int]) throws(ShellExit) -> Taskmap {
        var map = Taskmap()
        for (node, count) in counts.enumerated() where count > 0 { try append(node, count, to: &map) }
        return map
    }

    private static func append(_ node: Int, _ count: Int, to map: inout Taskmap) throws(ShellExit) {
        do {
            try map.append(node: node, nodeCount: 1, tasksPerNode: count)
        } catch {
            throw ShellExit(1, "error creating taskmap: \(error)")
        }
    }

    static func apply(_ option: JSON?, to info: ShellInfo) throws(ShellExit) -> Taskmap {
        guard let option else { return info.taskMap }
        guard let scheme = option["scheme"]?.stringValue else {
            throw ShellExit(1, "failed to parse taskmap shell option")
        }
        let value = option["value"]?.stringValue ?? ""
        switch scheme {
        case "block":
            guard value.isEmpty else { throw ShellExit(1, "block taskmap does not accept a value (got \(value))") }
            return info.taskMap
        case "cyclic":
            return try cyclic(info.taskMap, value)
        case "manual":
            return try manual(info.taskMap, value)
        case "hostfile":
            return try hostfile(info, value)
        default:
            throw ShellExit(1, "failed to map tasks with scheme=\(scheme)")
        }
    }

    /// Tasks in turns over the nodes, `stride` at a time.
    static func cyclic(_ map: Taskmap, _ value: String) throws(ShellExit) -> Taskmap {
        var stride = 1
        if !value.isEmpty {
            guard let number = Int(value), number > 0 else {
                throw ShellExit(1, "invalid cyclic stride: \(value)", component: "taskmap.cyclic")
            }
            stride = number
        }
        var left = (0..<map.nodeCount).map { map.taskCount(onNode: $0) ?? 0 }
        var result = Taskmap()
        while left.contains(where: { $0 > 0 }) {
            for node in left.indices where left[node] > 0 {
                let count = min(stride, left[node])
                try append(node, count, to: &result)
                left[node] -= count
            }
        }
        return result
    }

    /// A map that the user wrote; it must have the job's nodes and tasks.
    static func manual(_ map: Taskmap, _ value: String) throws(ShellExit) -> Taskmap {
        let result: Taskmap
        do {
            result = try Taskmap(parsing: value)
        } catch {
            throw ShellExit(1, "taskmap=\(value): \(error)")
        }
        guard !result.isUnknown else { throw ShellExit(1, "invalid taskmap: mapping is unknown") }
        guard result.nodeCount == map.nodeCount else {
            throw ShellExit(1, "invalid taskmap: got \(result.nodeCount) nodes, expected \(map.nodeCount)")
        }
        guard result.taskCount == map.taskCount else {
            throw ShellExit(1, "invalid taskmap: got \(result.taskCount) total tasks, expected \(map.taskCount)")
        }
        return result
    }

    /// One task for each host of a file, which is read again from the start when it is too short.
    static func hostfile(_ info: ShellInfo, _ path: String) throws(ShellExit) -> Taskmap {
        var hosts: [String] = []
        for line in try lines(of: path) where !line.isEmpty {
            guard let list = try? Hostlist(parsing: line) else {
                throw ShellExit(1, "hostfile \(path): \(line) is no hostlist", component: "taskmap.hostfile")
            }
            hosts += Array(list)
        }
        guard !hosts.isEmpty else {
            throw ShellExit(1, "hostfile \(path): no hosts", component: "taskmap.hostfile")
        }
        var nodes: [String: Int] = [:]
        for (node, share) in info.shares.enumerated() where nodes[share.host] == nil { nodes[share.host] = node }
        var result = Taskmap()
        for task in 0..<info.taskCount {
            let host = hosts[task % hosts.count]
            guard let node = nodes[host] else {
                throw ShellExit(
                    1, "failed to map tasks with hostfile:\(path): host \(host) not found in job nodelist",
                    component: "taskmap.hostfile")
            }
            try append(node, 1, to: &result)
        }
        return result
    }

    private static func lines(of path: String) throws(ShellExit) -> [String] {
        guard let file = fopen(path, "re") else {
            let reason = SystemError.text(of: errno)
            throw ShellExit(1, "failed to open hostfile: \(path): \(reason)", component: "taskmap.hostfile")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count < 64 << 20 {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }
}
