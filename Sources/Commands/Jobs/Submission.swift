internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import JobSubmission
internal import RFC14Jobspec
internal import RFC19FLUID
internal import RFC21JobStates
internal import RFC03Message
internal import RFC22Idset
internal import RFC39Signature
internal import Reactor

/// The command of one of the five ways to make jobs; ``JobSubmission`` reads its words.
func submissionCommand(_ program: SubmissionCommand) -> Command {
    Command(program.rawValue, program.summary, .python, usage: program.usage, readsOwnWords: true) { arguments in
        FluxEnvironment.apply()
        do {
            return try Submission(program, arguments).run()
        } catch let error as SubmissionError {
            for line in error.lines(for: program) { printError(line) }
            return error.exitCode
        }
    }
}

/// One call of run, submit, bulksubmit, batch or alloc.
struct Submission {
    private let program: SubmissionCommand
    private let arguments: Arguments
    private let options: SubmissionOptions
    private let context: SubmissionContext
    private let jobs: [SubmissionOptions]

    /// One job to be submitted.
    struct Request: Sendable {
        let jobspec: [UInt8]
        let urgency: Int32
        let flags: JobFlags
        let options: SubmissionOptions
        let copyID: UInt32?
    }

    init(_ program: SubmissionCommand, _ arguments: Arguments) throws {
        self.program = program
        self.arguments = arguments
        context = SubmissionContext.process
        var options = try SubmissionOptions(parsing: arguments.operands, for: program)
        guard options.helpTopic == nil else {
            self.options = options
            jobs = []
            return
        }
        if program == .bulksubmit {
            let inputs = try BulkInputs(takingFrom: &options, context)
            jobs = try options.has(.shuffle) ? inputs.jobs(options).shuffled() : inputs.jobs(options)
        } else {
            jobs = [options]
        }
        self.options = options
    }

    func run() throws -> Int32 {
        if options.helpTopic != nil {
            print(program.help, terminator: "")
            return 0
        }
        if program == .bulksubmit, options.isDryRun {
            for job in jobs { print("bulksubmit: submit \(job.description(comparedWith: options))") }
            return 0
        }
        let requests = try jobs.flatMap(requests)
        if program != .run, options.has(.progress), !isTerminal(1), !options.isDryRun {
            printError("flux: WARNING: stdout is not a tty. Ignoring --progress option")
        }
        if options.isDryRun {
            for request in requests.prefix(program == .submit ? 1 : .max) { print(PythonJSON.text(of: try JSON(parsing: request.jobspec))) }
            return 0
        }
        let program = program, options = options
        return try Session.run(arguments) { flux in
            switch program {
            case .run: return try await Self.runAndAttach(requests[0], options, flux)
            case .alloc: return try await Self.allocate(requests[0], options, flux)
            case .batch:
                let id = try await Self.submit(requests[0], flux)
                if !options.isQuiet { print(id.f58Python) }
                return 0
            case .submit, .bulksubmit: return try await SubmissionQueue(requests, options, flux).run()
            }
        }
    }

    /// The requests of one job: one, or one for each copy.
    private func requests(_ job: SubmissionOptions) throws -> [Request] {
        guard let copies = try job.copyIDs() else { return [try request(job, copyID: nil)] }
        return try copies.map { try request(job.filled(with: BulkTemplate(cc: "\($0)")), copyID: $0) }
    }

    private func request(_ job: SubmissionOptions, copyID: UInt32?) throws -> Request {
        let request = try job.jobspec(in: context, copyID: copyID)
        for warning in request.warnings { printError("flux-\(program.rawValue): WARNING: \(warning)") }
        return Request(
            jobspec: request.jobspec.json.bytes, urgency: try request.options.urgency(),
            flags: try request.options.flags(), options: request.options, copyID: copyID)
    }

    // MARK: With an instance

    static func payload(_ request: Request) -> JSON {
        [
            "J": .string(SignedPayload.wrapNone(request.jobspec, userID: getuid())),
            "urgency": .int(Int64(request.urgency)), "flags": .int(Int64(request.flags.rawValue)),
        ]
    }

    private static func submit(_ request: Request, _ flux: Handle) async throws -> JobID {
        let answer = try await flux.query("job-ingest.submit", payload(request))
        guard let id = answer["id"]?.intValue else { throw CommandError("job-ingest.submit: answer without id") }
        return JobID(UInt64(bitPattern: id))
    }

    private static func runAndAttach(
        _ request: Request, _ options: SubmissionOptions, _ flux: Handle
    ) async throws -> Int32 {
        let id = try await submit(request, flux)
        if options.verbosity > 0 { printError("jobid: \(id.f58Python)") }
        var attach = AttachSession.Options()
        attach.labelsIO = options.labelsIO
        attach.showsEvents = options.verbosity > 1
        attach.showsExec = options.verbosity > 2
        attach.isQuiet = options.isQuiet
        if let event = options.waitEvent { attach.waitEvent = event }
        attach.stdinRanks = options.inputRanks
        return try await attachReportingAsJob(flux, id, attach)
    }

    /// Errors of the attached part name `flux-job`, as there it is a program of its own.
    private static func attachReportingAsJob(
        _ flux: Handle, _ id: JobID, _ options: AttachSession.Options
    ) async throws -> Int32 {
        do {
            return try await AttachSession(flux, id, options).run()
        } catch let error as CommandError {
            throw CommandError("flux-job: \(error)", exitCode: error.exitCode, isBare: true)
        }
    }

    private static func allocate(
        _ request: Request, _ options: SubmissionOptions, _ flux: Handle
    ) async throws -> Int32 {
        let id = try await submit(request, flux)
        if options.verbosity > 0 { printError("jobid: \(id.f58Python)") }
        guard options.has(.background) else {
            return try await attachReportingAsJob(flux, id, AttachSession.Options())
        }
        // The new instance tells its URI in a memo once its initial program may run.
        let log = flux.stream("job-info.eventlog-watch", ["id": .int(id.json), "path": "eventlog", "flags": 0])
        while let event = try await log.nextJSON() {
            guard let line = event["event"]?.stringValue, let entry = try? JSON(parsing: line) else { continue }
            switch entry["name"]?.stringValue {
            case "memo" where entry["context"]?["uri"] != nil:
                if !options.isQuiet { print(id.f58Python) }
                log.abandon()
                return 0
            case "exception" where entry["context"]?["severity"]?.intValue == 0:
                let context = entry["context"]
                printError(
                    "flux-alloc: ERROR: \(id.f58Python): exception: type=\(context?["type"]?.stringValue ?? "") "
                        + "note=\(context?["note"]?.stringValue ?? "")")
                return 1
            default: break
            }
        }
        printError("flux-alloc: ERROR: \(id.f58Python): unexpectedly became inactive before the instance was ready")
        return 1
    }

    // MARK: Many

    /// How many submissions may wait for their answer.
    private static let window = 128
}
