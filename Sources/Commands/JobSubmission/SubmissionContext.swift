public import FluxJSON

/// What making a jobspec needs to know of the world. Nothing is read behind the caller's back.
public struct SubmissionContext: Sendable {
    /// A file that was read.
    public struct File: Sendable {
        /// All bytes.
        public var content: [UInt8]
        /// As `stat(2)` has it.
        public var mode: UInt32

        public init(content: [UInt8], mode: UInt32 = 0o100644) {
            self.content = content
            self.mode = mode
        }
    }

    /// A file that cannot be read.
    public struct FileFailure: Error, Hashable, Sendable {
        /// Linux error number.
        public let errno: Int32
        /// `No such file or directory`.
        public let reason: String

        public init(errno: Int32, reason: String) {
            self.errno = errno
            self.reason = reason
        }
    }

    /// Directory the job runs in unless `--cwd` says otherwise, absolute.
    public var workingDirectory: String
    /// Environment of the caller.
    public var environment: [String: String]
    /// Soft resource limits of the caller by lower case name (`nofile`); -1 is unlimited.
    public var limits: [String: Int64]
    /// Whether standard input is a terminal.
    public var isTerminal = false
    /// Reads a file by a path that may be relative to the working directory.
    public var readFile: @Sendable (String) throws(FileFailure) -> File
    /// Reads standard input to its end.
    public var readStandardInput: @Sendable () -> [UInt8] = { [] }
    /// Seconds since 1970-01-01 UTC.
    public var now: Double
    /// Reads a date such as `tomorrow 8am`; seconds since 1970-01-01 UTC.
    public var parseDate: @Sendable (String) -> Double? = { _ in nil }
    /// Reads TOML; nil when it is none.
    public var parseTOML: @Sendable (String) -> JSON? = { _ in nil }

    public init(
        workingDirectory: String, environment: [String: String], limits: [String: Int64] = [:], now: Double = 0,
        readFile: @escaping @Sendable (String) throws(FileFailure) -> File
    ) {
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.limits = limits
        self.now = now
        self.readFile = readFile
    }

    /// Folders of personal and general configuration, most important first.
    var configurationFolders: [String] {
        func set(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let home = set("XDG_CONFIG_HOME") ?? "\(environment["HOME"] ?? "")/.config"
        let others = (set("XDG_CONFIG_DIRS") ?? "/etc/xdg").split(separator: ":", omittingEmptySubsequences: false)
        return ([home] + others.map(String.init)).map { "\($0)/flux/config" }
    }

    /// A path with a leading `~` replaced by the home directory.
    func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
        return home + path.dropFirst()
    }

    /// The text of a file; `wrap` makes the error from `[Errno 2] No such file or directory: 'x'`.
    func text(_ path: String, _ wrap: (String) -> String) throws(SubmissionError) -> String {
        let file = try file(path, wrap)
        guard let text = String(validating: file.content, as: UTF8.self) else {
            throw .failure(wrap("\(path) is not valid UTF-8"))
        }
        return text
    }

    func file(_ path: String, _ wrap: (String) -> String) throws(SubmissionError) -> File {
        do { return try readFile(path) } catch {
            throw .failure(wrap("[Errno \(error.errno)] \(error.reason): '\(path)'"))
        }
    }
}
