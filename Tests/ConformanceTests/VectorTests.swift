import ConformanceKit
import Testing

/// The folder of vectors, requirements and decisions.
let directory = conformanceDirectory() ?? "conformance"

@Suite("golden vectors")
struct VectorTests {
    static let files = (try? VectorFile.load(directories: ["\(directory)/vectors"])) ?? []

    @Test("there are vectors for every folder of the registry")
    func everyFolder() {
        #expect(Set(Self.files.map(\.folder)) == Set(registry.map { $0.folder }))
    }

    @Test("every case passes or differs by decision", arguments: files.map(\.description))
    func file(_ name: String) throws {
        let file = try #require(Self.files.first { $0.description == name })
        let decisions = try Decision.load(path: "\(directory)/decisions.tsv")
        var modules = OwnModules()
        let run = Run(
            [file], on: &modules, judge: Judge(decisions: decisions, mustDiffer: true), everythingOffered: true)
        let succeeded = run.succeeded
        #expect(succeeded, "\(Report.text.format(run))")
    }

    @Test("case ids are unique and decisions name cases that exist")
    func ids() throws {
        let ids = Self.files.flatMap { $0.cases.map(\.id) }
        #expect(Set(ids).count == ids.count)
        let decisions = try Decision.load(path: "\(directory)/decisions.tsv")
        let decided = decisions.values.filter { !$0.outcome.isAboutDemand }.map(\.subject)
        #expect(Set(decided).subtracting(ids) == [])
    }

    @Test("requirements name proofs that exist, and each has one or a decision")
    func requirements() throws {
        let known = KnownProofs(vectors: Self.files, tests: "\(directory)/../Tests")
        let decisions = try Decision.load(path: "\(directory)/decisions.tsv")
        let requirements = try Requirement.load(
            directory: "\(directory)/requirements", proofs: known, decisions: decisions)
        #expect(requirements.filter { $0.proofs.isEmpty && decisions[$0.id] == nil }.map(\.id) == [])
    }
}
