import FluxJSON
import RFC20R
import RFC22Idset
import RFC40JGF
import RFC49TreePool
import Testing

@Suite("RFC 40 and 49, what schedulers add to R")
struct ResourceGraphTests {
    static let text = """
        {"graph":{"nodes":[\
        {"id":"0","metadata":{"type":"cluster","id":0,"rank":-1,"paths":{"containment":"/cluster0"}}},\
        {"id":"1","metadata":{"type":"node","name":"n7","id":-1,"rank":0,"properties":{"ssd":""},"status":1}},\
        {"id":"2","metadata":{"type":"memory","id":0,"rank":0,"unit":"GB","exclusive":true,"size":4}}],\
        "edges":[{"source":"0","target":"1"},{"source":"1","target":"2","metadata":{"subsystem":"power"}}]},\
        "writer":"fluxion:jgf_shorthand"}
        """

    @Test("a graph is written as it is read")
    func roundTrip() throws {
        let json = try JSON(parsing: Self.text)
        let graph = try ResourceGraph(json: json)
        #expect(graph.json == json)
        #expect(graph.vertices.map(\.name) == ["cluster0", "n7", "memory0"])
        #expect(graph.roots().map(\.vertexID) == ["0", "2"])
        #expect(graph.children(of: graph.vertices[0]).map(\.vertexID) == ["1"])
        #expect(graph.index() == [[1], [], []])
        #expect(graph.vertices[1].other == ["status": 1])
    }

    @Test("graphs of old versions are read")
    func old() throws {
        let graph = try ResourceGraph(
            json: JSON(
                parsing: """
                    {"graph":{"nodes":[{"id":"0","metadata":{"type":"node","id":0,"properties":["a"]}},
                     {"id":"1","metadata":{"type":"core","id":0}}],
                     "edges":[{"source":"0","target":"1","metadata":{"name":{"containment":"contains"}}}]}}
                    """))
        #expect(graph.vertices[0].properties == ["a": ""])
        #expect(graph.edges == [.init(source: "0", target: "1", relationship: "contains")])
    }

    @Test("graphs that do not hang together are refused")
    func inconsistent() {
        var graph = ResourceGraph(vertices: [.init(vertexID: "0", type: "node", id: 0)])
        graph.edges = [.init(source: "0", target: "9")]
        let error = #expect(throws: PayloadError.self) { try ResourceGraph(json: graph.json) }
        #expect(error?.found == "edges[0]: no vertex has the id \"9\"")
    }

    @Test("the topology of a part of the nodes goes with the job, ranks of the enclosing instance are renumbered")
    func topology() throws {
        let set = try ResourceSet(
            parsing: """
                {"version":1,"execution":{"R_lite":[{"rank":"0-2","children":{"core":"0-3","gpu":"0-1"}}],
                 "nodelist":["n[0-2]"]},"scheduling":{"writer":"TreePool","children":[
                 {"ranks":"4,6-7","topo":{"socket":[{"cores":"0-1","gpus":"0"},{"cores":"2-3","gpus":"1"}]}}]}}
                """)
        var tree = try TreePool(set)
        #expect(tree.topology(rank: 2)?.levels.count == 2)
        #expect(tree.topology(rank: 2)?.domains(named: "socket").count == 2)
        let request = try TreeRequest(jobspec: [
            "resources": [
                ["type": "slot", "count": 2, "with": [["type": "socket", "count": 1, "exclusive": true]]]
            ]
        ])
        let r = try tree.allocate(job: 1, request, now: 5)
        #expect(r.description == "rank0/core[0-3],gpu[0-1]")
        #expect(r.scheduling?["children"]?.arrayValue?.first?["ranks"] == "0")
        tree.pool.markDown([1])
        #expect(try tree.allocate(job: 2, request, now: 5).ranks == [2])
        #expect(throws: AllocationError.insufficient) { try tree.allocate(job: 3, request, now: 5) }
    }
}
