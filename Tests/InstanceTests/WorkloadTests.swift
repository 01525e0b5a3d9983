import Glibc
import Testing

extension InstanceTests {
    @Test("the guide's first example", arguments: [1, 3, 16])
    func workload(size: Int) throws {
        try inPlace { place in
            let script = "\(Programs.repository)/scripts/workload"
            let outcome = place.flux("start", "--test-size=\(size)", script, within: 120)
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
            let lines = outcome.lines
            try #require(lines.count == size + 2, "\(outcome.output)")
            let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN)) * size
            #expect(lines[0] == "\(size) Nodes, \(cores) Cores, 0 GPUs")
            for part in ["run", "owner", "depth 0", "size \(size)"] { #expect(lines[1].contains(part), "\(lines[1])") }
            let ranks = lines.dropFirst(2).compactMap { Int($0.prefix { $0 != ":" }) }
            #expect(ranks.sorted() == Array(0..<size))
        }
    }
}
