/// The commands that make jobs.
public enum SubmissionCommand: String, Hashable, Sendable, CaseIterable {
    case run, submit, bulksubmit, batch, alloc

    /// Whether the job is a Flux instance of its own.
    public var isNested: Bool { self == .batch || self == .alloc }

    /// `flux batch [OPTIONS...] [SCRIPT] [ARGS...]`
    public var usage: String {
        switch self {
        case .batch: "flux batch [OPTIONS...] [SCRIPT] [ARGS...]"
        case .alloc: "flux alloc [OPTIONS...] [COMMAND] [ARGS...]"
        default: "flux \(rawValue) [OPTIONS...] COMMAND [ARGS...]"
        }
    }

    /// One sentence for the head of the help.
    public var summary: String {
        switch self {
        case .run: "run a job interactively"
        case .submit: "enqueue a job"
        case .bulksubmit: "enqueue jobs in bulk"
        case .batch: "enqueue a batch script as the initial program of a new Flux instance"
        case .alloc: "allocate resources, start a new Flux instance and attach to it"
        }
    }
}

/// Why nothing was submitted.
public enum SubmissionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The command line cannot be read; print the usage before the text and exit with 2.
    case usage(String)
    /// A value is wrong or something is missing; exit with 1.
    case failure(String)
    /// A directive of a batch script cannot be read; `where` is `NAME line N`. Exit with 2.
    case directive(where: String, String)

    public var description: String {
        switch self {
        case .usage(let text), .failure(let text), .directive(_, let text): text
        }
    }

    /// Exit status of the command.
    public var exitCode: Int32 { if case .failure = self { 1 } else { 2 } }

    /// What to print on standard error, line by line.
    public func lines(for command: SubmissionCommand) -> [String] {
        let usage = ["usage: \(command.usage)", "flux \(command.rawValue): error: \(description)"]
        return switch self {
        case .usage: usage
        case .failure: ["flux-\(command.rawValue): ERROR: \(description)"]
        case .directive(let place, _): ["flux-\(command.rawValue): ERROR: argument parsing failed at \(place)"] + usage
        }
    }
}
