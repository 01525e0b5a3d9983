import FluxJSON
import RFC24IO
import RFC38KVEncoding
import RFC40JGF
import Testing

/// Demands on formats that no vector is about.
@Suite("demands on formats")
struct FormatRequirementTests {
    @Test("RFC 38, there is a limit on the size of a serialized object")
    func sizeOfKeyValues() {
        let long = [UInt8](repeating: 0x61, count: KVEncoding.sizeLimit + 1)
        #expect {
            try KVEncoding(parsing: long)
        } throws: { error in
            (error as? KVEncoding.ParseError)?.reason == .tooLong
        }
    }

    @Test("RFC 40, a scheduling key without a writer is a graph, and stays without one")
    func graphWithoutWriter() throws {
        let scheduling: JSON = ["graph": ["nodes": [], "edges": []]]
        let graph = try ResourceGraph(json: scheduling)
        #expect(graph.writer == nil)
        #expect(graph.json == scheduling)
    }

    @Test("RFC 24, a redirect of the shell has stream, rank and path")
    func redirect() {
        let redirect = IORedirect(stream: "stdout", rank: "0-3", path: "out")
        #expect(redirect.json == ["stream": "stdout", "rank": "0-3", "path": "out"])
    }
}
