import ConformanceKit
import Testing

@Suite("hostile input")
struct FuzzTests {
    static let fuzzer = Fuzzer(VectorTests.files, seed: 1)

    @Test("decoders refuse, and read what they print", arguments: FuzzTarget.all.map(\.name))
    func decoders(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        var fuzzer = Self.fuzzer
        let findings = fuzzer.run(target, count: 100).map(\.description)
        #expect(findings == [])
    }

    @Test("operations of the vectors survive changed input")
    func operations() {
        var fuzzer = Self.fuzzer
        fuzzer.runOperations(count: 2000)
    }

    @Test("every folder of vectors seeds a decoder or is a record of other formats")
    func everyFolder() {
        let seeded = Set(FuzzTarget.all.flatMap(\.folders))
        let recorded: Set = ["rfc16-job-schema", "rfc21-job-states"]
        #expect(Set(registry.map { $0.folder }).subtracting(seeded) == recorded)
    }
}
