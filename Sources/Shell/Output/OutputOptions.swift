internal import FluxJSON

/// Where the output of tasks goes: the option `output`.
///
/// Source: observed: flux-core 0.88: standard error follows standard output except in its buffering.
struct OutputOptions {
    enum Target: Hashable {
        /// The event log `output` of the job.
        case log
        /// A file, named by a template.
        case file(String)
    }

    struct Stream: Hashable {
        var target = Target.log
        /// Each line begins with the task's rank.
        var isLabeled = false
        var isLineBuffered = true
        /// Every node opens its own file.
        var isPerShell = false
    }

    var output = Stream()
    var error = Stream()
    var appends = false
    /// Longest wait of an entry for its commit, in seconds.
    var batchSeconds = 0.5
    /// Bytes of each stream that the KVS takes.
    var limitBytes = 1 << 30
    var limitText = "1G"
    /// Messages that a follower may have on their way to the leader.
    var lowWater = 100
    var highWater = 1000
    var warnings: [String] = []

    /// - Parameter isSingleUser: the instance belongs to the job's user, who may fill it.
    init(_ options: ShellOptions, isSingleUser: Bool, isPerShell: (String) -> Bool) throws(ShellExit) {
        if let mode = options["output", "mode"]?.stringValue {
            appends = mode == "append"
            if mode != "append", mode != "truncate" { warnings.append("ignoring invalid output.mode=\(mode)") }
        }
        if let value = options["output", "batch-timeout"] {
            guard let seconds = value.numberValue else {
                throw ShellExit(1, "invalid output.batch-timeout option", component: "output.kvs")
            }
            batchSeconds = seconds
        }
        lowWater = options["output", "client", "lwm"]?.intValue.map { Int(clamping: $0) } ?? lowWater
        highWater = options["output", "client", "hwm"]?.intValue.map { Int(clamping: $0) } ?? highWater
        guard lowWater >= 0, highWater > lowWater else {
            throw ShellExit(1, "invalid client.lwm and/or client.hwm specified", component: "output.config")
        }
        output = read(options["output", "stdout"], output, isPerShell)
        error = output
        error.isLineBuffered = false
        error = read(options["output", "stderr"], error, isPerShell)
        try readLimit(options["output", "limit"], isSingleUser: isSingleUser)
    }

    private mutating func read(_ json: JSON?, _ inherited: Stream, _ isPerShell: (String) -> Bool) -> Stream {
        guard let json else { return inherited }
        var stream = inherited
        if let label = json["label"] { stream.isLabeled = label != .bool(false) && label != .int(0) }
        switch json["buffer"]?["type"]?.stringValue?.lowercased() {
        case nil: break
        case "none": stream.isLineBuffered = false
        case "line": stream.isLineBuffered = true
        case let other?:
            warnings.append("invalid buffer type specified: \(other)")
            stream.isLineBuffered = true
        }
        if json["type"]?.stringValue == "kvs" {
            stream.target = .log
            stream.isPerShell = false
        } else if let path = json["path"]?.stringValue {
            stream.target = .file(path)
            stream.isPerShell = isPerShell(path)
        }
        return stream
    }

    private mutating func readLimit(_ json: JSON?, isSingleUser: Bool) throws(ShellExit) {
        limitText = isSingleUser ? "1G" : "10M"
        if let text = json?.stringValue { limitText = text }
        if let number = json?.intValue { limitText = "\(number)" }
        guard let bytes = Self.size(limitText), bytes > 0, bytes <= 1 << 30 else {
            throw ShellExit(1, "Invalid KVS output.limit=\(limitText)", component: "output.kvs")
        }
        limitBytes = bytes
    }

    /// A number of bytes with an optional unit: `10M`.
    static func size(_ text: String) -> Int? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let scale: Double? =
            switch text.dropFirst(digits.count) {
            case "": 1
            case "k", "K": 1024
            case "m", "M": 1_048_576
            case "g", "G": 1_073_741_824
            default: nil
            }
        guard let scale, let number = Double(digits), number.isFinite, number * scale < 1e15 else { return nil }
        return Int(number * scale)
    }
}
