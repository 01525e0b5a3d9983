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

    @Test("every folder of vectors seeds a decoder")
    func everyFolder() {
        #expect(Set(registry.map { $0.folder }).subtracting(FuzzTarget.all.flatMap(\.folders)) == [])
    }

    @Test("time and memory grow in proportion to the input")
    func proportion() {
        for pattern in Scaling.patterns.prefix(8) {
            let input = pattern.input(bytes: 20_000)
            let cost = Scaling.cost { for target in FuzzTarget.all { _ = target.run(input[...]) } }
            #expect(cost.seconds < 20 && cost.bytes < 1 << 28, "\(pattern.name)")
        }
    }
}
