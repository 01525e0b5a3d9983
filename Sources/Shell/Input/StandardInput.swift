internal import Client
internal import FluxJSON
internal import RFC22Idset
internal import RFC24IO

/// Standard input that clients send to the leader: recorded in the event log `input` and handed to the tasks.
///
/// A value without I/O.
struct StandardInput {
    enum Source: Hashable {
        /// Clients send it.
        case service
        /// Each task reads this file.
        case file(String)
    }

    /// Where a job's input comes from: the option `input.stdin`.
    static func source(_ options: ShellOptions) throws(ShellExit) -> Source {
        let type = options["input", "stdin", "type"]?.stringValue ?? "service"
        switch type {
        case "service": return .service
        case "file":
            guard let path = options["input", "stdin", "path"]?.stringValue else {
                throw ShellExit(1, "path for stdin file input not specified", component: "input.file")
            }
            return .file(path)
        default: throw ShellExit(1, "input.stdin.type=\(type) invalid", component: "input.service")
        }
    }

    /// Tasks whose input is open.
    private var open: Idset
    private let taskCount: Int
    private(set) var byteCount = 0
    let limitBytes: Int
    /// Longest wait of a piece for its commit, in seconds.
    private(set) var batchSeconds = 0.5

    init(taskCount: Int, options: ShellOptions) throws(ShellExit) {
        self.taskCount = taskCount
        open = taskCount > 0 ? Idset(0..<UInt32(taskCount)) : Idset()
        let value = options["input", "limit"]
        let text = value?.stringValue ?? value?.intValue.map { "\($0)" } ?? value?.text ?? "10M"
        guard let bytes = OutputOptions.size(text), bytes > 0, bytes <= 32 << 20 else {
            throw ShellExit(1, "Invalid KVS input.limit=\(text)", component: "input")
        }
        limitBytes = bytes
        if let value = options["input", "batch-timeout"] {
            guard let seconds = value.numberValue else {
                throw ShellExit(1, "invalid input.batch-timeout option", component: "input")
            }
            batchSeconds = seconds
        }
    }

    /// Takes a piece from a client.
    ///
    /// - Returns: the tasks that get it.
    /// - Throws: EPIPE when one of them has its end already; ``ShellExit`` when it is too much.
    mutating func receive(_ piece: IOData) throws -> Idset {
        guard !open.isEmpty else { throw RPCError(errnum: Errno.pipe) }
        var tasks = open
        if piece.rank != "all" {
            do {
                tasks = try Idset(parsing: piece.rank)
            } catch {
                throw RPCError(errnum: Errno.invalid, text: "\(error)")
            }
            guard tasks.isSubset(of: open) else { throw RPCError(errnum: Errno.pipe) }
        }
        let size = piece.bytes?.count ?? 0
        guard byteCount + size <= limitBytes else {
            throw ShellExit(
                1,
                "stdin exceeds \(OutputVolume.shortSize(limitBytes)) limit. Try file input with --input=FILE, "
                    + "which does not go through the KVS", component: "input")
        }
        byteCount += size
        if piece.isEnd { open.subtract(tasks) }
        return tasks
    }
}
