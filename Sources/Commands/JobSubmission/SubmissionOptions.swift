public import RFC21JobStates
public import RFC22Idset

/// What somebody typed behind `flux submit` and its relatives: options and the command of the job.
///
/// The texts are kept as they were typed, because bulk submission replaces parts of them; meaning comes with
/// ``jobspec(in:)``.
///
/// ```swift
/// let options = try SubmissionOptions(parsing: ["-n4", "-t", "10m", "app", "-x"], for: .submit)
/// options.command                                  // ["app", "-x"]
/// let request = try options.jobspec(in: context)
/// request.jobspec.json.text
/// ```
public struct SubmissionOptions: Hashable, Sendable {
    /// Whose options they are.
    public let program: SubmissionCommand
    /// The job's command with arguments; of batch the script with arguments.
    public var command: [String] = []
    /// Options with one value.
    public internal(set) var values: [SubmissionOption: String] = [:]
    /// Options that collect their values, in order.
    ///
    /// Environment rules of all three kinds are below ``SubmissionOption/env`` and begin times are among the
    /// dependencies, so that their order is kept.
    public internal(set) var lists: [SubmissionOption: [String]] = [:]
    /// How often an option without value occurred.
    public internal(set) var counts: [SubmissionOption: Int] = [:]

    public init(for program: SubmissionCommand) { self.program = program }

    /// The value of an option that has one; the last on the command line.
    public subscript(option: SubmissionOption) -> String? { values[option] }

    /// Whether an option without value was given.
    public func has(_ option: SubmissionOption) -> Bool { counts[option, default: 0] > 0 }

    // MARK: what the commands ask

    /// Print the jobspec instead of submitting.
    public var isDryRun: Bool { has(.dryRun) }
    /// Do not print job ids.
    public var isQuiet: Bool { has(.quiet) }
    /// Do not buffer input and output.
    public var isUnbuffered: Bool { has(.unbuffered) }
    /// Put the task rank in front of lines.
    public var labelsIO: Bool { has(.labelIO) }
    /// How often `-v` was given.
    public var verbosity: Int { counts[.verbose, default: 0] }
    /// `default` for the help of the command, else a topic.
    public var helpTopic: String? { values[.help] }
    /// Event to wait for; `--wait` is `clean`.
    public var waitEvent: String? { values[.wait] ?? values[.waitEvent] }

    /// Urgency to submit with.
    public func urgency() throws(SubmissionError) -> Int32 {
        let text = values[.urgency] ?? "default"
        if let value = JobUrgency.parse(text) { return value }
        guard let number = Int32(text) else {
            throw .failure("invalid literal for int() with base 10: '\(text)'")
        }
        return number  // out of range: the instance says so
    }

    /// Flags to submit with.
    public func flags() throws(SubmissionError) -> JobFlags {
        var flags: JobFlags = []
        for name in (lists[.flags] ?? []).flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
            guard let flag = JobFlags(name: String(name)), flag != .preSigned else {
                throw .failure("--flags: Unknown flag \(name)")
            }
            flags.insert(flag)
        }
        return flags
    }

    /// Ranks that get the standard input, when `--input` names ranks rather than a file.
    public var inputRanks: Idset? { values[.input].flatMap { try? Idset(parsing: $0) } }

    /// Ids to submit a copy for; nil when there is one job only.
    public func copyIDs() throws(SubmissionError) -> Idset? {
        guard values[.cc] == nil || values[.bcc] == nil else {
            throw .failure("specify only one of --cc or --bcc")
        }
        guard let text = values[.cc] ?? values[.bcc] else { return nil }
        guard let ids = try? Idset(parsing: text) else { throw .failure("IDset(): Invalid argument: \(text)") }
        return ids
    }
}
