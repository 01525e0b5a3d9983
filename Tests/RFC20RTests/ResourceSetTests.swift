import FluxJSON
import RFC20R
import RFC22Idset
import Testing

@Suite("Resource sets")
struct ResourceSetTests {
    @Test(
        "errors say where and what",
        arguments: [
            (
                #"{"version":1,"execution":{"R_lite":[{"rank":0,"children":{}}]}}"#,
                "execution.R_lite[0].rank: expected string, found integer"
            ),
            (#"{"version":2,"execution":{"R_lite":[]}}"#, "invalid version=2"),
            (#"{"version":4294967297,"execution":{"R_lite":[]}}"#, "invalid version=4294967297"),
            (
                #"{"version":1,"execution":{"R_lite":[{"rank":"0","children":{"core":"x"}}]}}"#,
                "invalid idset 'x' specified for execution.R_lite[0].children.core"
            ),
            (
                #"{"version":1,"execution":{"R_lite":[{"rank":"0-2147483647","children":{"core":"0"}}]}}"#,
                "resource set has more than 4194304 nodes"
            ),
            (
                #"{"version":1,"execution":{"R_lite":[{"rank":"0-1","children":{"core":"0"}},{"rank":"1","children":{"core":"0"}}]}}"#,
                "resources of rank 1 overlap"
            ),
            (
                #"{"version":1,"execution":{"R_lite":[{"rank":"0","children":{"core":"0"}}],"nodelist":["a,b"]}}"#,
                "Number of hosts (2) is greater than node count (1)"
            ),
        ])
    func parseErrors(_ text: String, _ message: String) {
        let error = #expect(throws: ResourceError.self) { try ResourceSet(parsing: text) }
        #expect(error?.description == message)
    }

    @Test("resource types that RFC 20 does not know are kept")
    func otherTypes() throws {
        let text = #"{"version":1,"execution":{"R_lite":[{"rank":"1","children":{"core":"4-5","nic":"1"}}]}}"#
        var set = try ResourceSet(parsing: text)
        #expect(set.description == "rank1/core[4-5],nic1")
        #expect(set.count(of: "nic") == 1)
        set.remap()
        #expect(set.description == "rank0/core[0-1],nic0")
        #expect(try ResourceSet(json: set.json) == set)
    }

    @Test("several brokers of a host are ranked in order")
    func sharedHosts() throws {
        var set = try ResourcePoolTests.cluster(4)
        try set.assign(hosts: "a,b,a,b")
        try set.setProperty("x", ranks: [2])
        try set.rerank(by: "b,b,a,a")
        #expect(set.hostnames == ["b", "b", "a", "a"])
        #expect(set.properties == ["x": [3]])
        #expect(try set.ranks(ofHosts: "a") == [2, 3])
        #expect(throws: ResourceError(.hostNotFound("a"))) { try set.rerank(by: "a,a,a,b") }
    }

    @Test("verification follows the configured modes")
    func verify() throws {
        let expected = try ResourcePoolTests.cluster(2, cores: 4, gpus: 2)
        let found = try ResourceSet(
            parsing: """
                {"version":1,"execution":{"R_lite":[{"rank":"1","children":{"core":"0-7","gpu":"0"}}],"nodelist":["n1"]}}
                """)
        var config = ResourceSet.VerifyConfig()
        #expect(found.verify(against: expected, config) == .fails("rank 1 (n1) missing resources: gpu1"))
        try config.update(["default": "allow-extra", "gpu": "ignore"])
        #expect(found.verify(against: expected, config) == .matches)
        try config.update(["core": "strict"])
        #expect(found.verify(against: expected, config) == .hasExtra("rank 1 (n1) has extra resources: core[4-7]"))
        #expect(throws: ResourceError(.configuration("verify.core: unknown verify mode 'x'"))) {
            try config.update(["core": "x"])
        }
    }

    @Test("what RFC 20 requires and a set lacks")
    func violations() throws {
        #expect(try ResourcePoolTests.cluster(1).violations.isEmpty)
        #expect(ResourceSet().violations == ["R_lite has no entries"])
    }
}
