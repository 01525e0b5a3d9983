public import ArgumentParser
public import ConformanceKit
import Glibc

/// Runs the golden vectors of the Flux RFCs.
struct Conformance: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Run the golden vectors of the Flux RFCs and report what passes",
        discussion: """
            Exit status: 0 when everything passes, 1 when something fails or the vectors or the adapter cannot be used, 64 \
            when the command line is wrong.
            """)

    @Option(help: ArgumentHelp("Run the vectors of this RFC only (repeatable).", valueName: "number"))
    var rfc: [Int] = []

    @Option(name: .customLong("case"), help: ArgumentHelp("Run this case only (repeatable).", valueName: "id"))
    var cases: [String] = []

    @Option(help: ArgumentHelp("Folder of vectors to run instead of the package's own (repeatable).", valueName: "dir"))
    var vectors: [String] = []

    @Option(help: ArgumentHelp("Ask this program instead of our own modules, by lines of JSON.", valueName: "command"))
    var adapter: String?

    @Option(help: ArgumentHelp("How long to wait for one answer of an adapter.", valueName: "seconds"))
    var timeout = 20

    @Flag(help: "Be an adapter: answer lines of JSON on standard input with our own modules.")
    var serve = false

    @Flag(help: "Print, for each RFC, how many of its requirements are proven and how its cases ended.")
    var coverage = false

    @Option(help: "How to report: \(Report.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: Report = .text

    func run() throws {
        if serve {
            while let line = readLine() {
                print(Server.answer(to: line))
                fflush(nil)  // each answer at once: the other end waits for it
            }
            return
        }
        let directory = conformanceDirectory()
        let directories = vectors.isEmpty ? directory.map { ["\($0)/vectors"] } ?? [] : vectors
        guard !directories.isEmpty else {
            throw ValidationError("no conformance/vectors folder here; name one with --vectors")
        }
        let files = try VectorFile.load(directories: directories, only: rfc)
        let decisions = try directory.map { try Decision.load(path: "\($0)/decisions.tsv") } ?? [:]
        let outcome = try run(files, decisions)
        guard outcome.counts.total > 0 else { throw ValidationError("no case matches") }
        if coverage, let directory {
            let coverage = try coverage(of: outcome, decisions, directory)
            print(format.format(coverage), terminator: "")
            if coverage.rows.contains(where: { !$0.disproven.isEmpty }) { throw ExitCode(1) }
        } else {
            print(format.format(outcome), terminator: "")
        }
        if !outcome.succeeded { throw ExitCode(1) }
    }

    private func run(_ files: [VectorFile], _ decisions: [String: Decision]) throws -> Run {
        let judge = Judge(decisions: decisions, mustDiffer: adapter == nil)
        if let adapter {
            var other = Adapter(command: adapter, timeoutSeconds: timeout)
            try other.probe()
            return Run(files, caseIDs: Set(cases), on: &other, judge: judge, everythingOffered: false)
        }
        var modules = OwnModules()
        return Run(files, caseIDs: Set(cases), on: &modules, judge: judge, everythingOffered: true)
    }

    private func coverage(
        of outcome: Run, _ decisions: [String: Decision], _ directory: String
    ) throws -> Coverage {
        let known = KnownProofs(
            vectors: try VectorFile.load(directories: ["\(directory)/vectors"]), tests: "\(directory)/../Tests")
        let requirements = try Requirement.load(
            directory: "\(directory)/requirements", proofs: known, decisions: decisions)
        return Coverage(
            requirements: requirements.filter { rfc.isEmpty || rfc.contains($0.rfc) }, decisions: decisions,
            run: outcome)
    }
}

extension Report: ExpressibleByArgument {}

Conformance.main()
