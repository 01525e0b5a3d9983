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
    let limitText: String

    init(taskCount: Int, limit: JSON? = nil) {
        self.taskCount = taskCount
        open = taskCount > 0 ? Idset(0..<UInt32(taskCount)) : Idset()
        let text = limit?.stringValue ?? limit?.intValue.map { "\($0)" } ?? "10M"
        let bytes = OutputOptions.size(text) ?? 10 << 20
        limitBytes = min(bytes, 32 << 20)
        limitText = text
    }

    /// Takes a piece from a client.
    ///
    /// - Returns: the tasks that get it.
    /// - Throws: EPIPE when one of them has its end already.
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
            throw RPCError(
                errnum: Errno.tooLarge, text: "stdin exceeds \(limitText) limit. Try file input via --input=FILE")
        }
        byteCount += size
        if piece.isEnd { open.subtract(tasks) }
        return tasks
    }
}
