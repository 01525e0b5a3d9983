import FluxJSON
import Glibc
import Testing

extension InstanceTests {
    /// Clients of flux-core 0.88, as `conformance/exchanges` recorded them, on a broker of ours.
    @Test("recorded clients of flux-core get the answers that its own broker gave")
    func exchanges() throws {
        let folder = "\(Programs.repository)/conformance/exchanges"
        let names = Place.names(in: folder).filter { $0.hasSuffix(".json") }.sorted()
        #expect(names.count == 22)
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 4))
            var pattern = Pattern()
            for name in names {
                let title = name.dropLast(".json".count).drop { $0 != "-" }.dropFirst()
                let text = String(decoding: Place.bytes(of: "\(folder)/\(name)"), as: UTF8.self)
                let exchange = try Exchange(name: String(title), text: text)
                var replay = Replay(on: instance, pattern: pattern)
                for difference in try replay.play(exchange) { Issue.record("\(name): \(difference)") }
                pattern = replay.pattern
            }
            #expect(instance.end().status == 0)
        }
    }
}
