public import ArgumentParser
public import ConformanceKit

/// Runs the golden vectors of the Flux RFCs.
struct Conformance: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Run the golden vectors of the Flux RFCs and report what passes",
        discussion: "Exit status: 0 when everything passes, 1 when something fails, 2 when the vectors cannot be read.")

    @Option(help: ArgumentHelp("Run the vectors of this RFC only (repeatable).", valueName: "number"))
    var rfc: [Int] = []

    @Option(name: .customLong("case"), help: ArgumentHelp("Run this case only (repeatable).", valueName: "id"))
    var cases: [String] = []

    @Option(help: ArgumentHelp("Folder of vectors to run instead of the package's own (repeatable).", valueName: "dir"))
    var vectors: [String] = []

    @Option(help: "How to report: \(Report.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: Report = .text

    func run() throws {
        let directory = conformanceDirectory()
        let directories = vectors.isEmpty ? directory.map { ["\($0)/vectors"] } ?? [] : vectors
        guard !directories.isEmpty else {
            throw ValidationError("no conformance/vectors folder here; name one with --vectors")
        }
        let decisions = try directory.map { try Decision.load(path: "\($0)/decisions.tsv") } ?? [:]
        let files = try VectorFile.load(directories: directories, only: rfc)
        var modules = OwnModules()
        let judge = Judge(decisions: decisions, mustDiffer: true)
        let outcome = Run(files, caseIDs: Set(cases), on: &modules, judge: judge, everythingOffered: true)
        guard outcome.counts.total > 0 else { throw ValidationError("no case matches") }
        print(format.format(outcome), terminator: "")
        if !outcome.succeeded { throw ExitCode(1) }
    }
}

extension Report: ExpressibleByArgument {}

Conformance.main()
