import RFC13PMI
import Testing

@Suite("RFC 13 PMI: conversations")
struct PMITests {
    @Test("keys put before a barrier are seen after it, and go to the other servers once")
    func exchange() {
        var server = PMIServer(universeSize: 4, localSize: 2, kvsName: "k", visibility: .afterBarrier)
        #expect(server.receive("cmd=put kvsname=k key=a value=x y\n", from: 0).count == 1)
        #expect(server.receive("cmd=put kvsname=k key=local::b value=z\n", from: 0).count == 1)
        #expect(
            server.receive("cmd=get kvsname=k key=a\n", from: 1) == [.respond(rank: 1, line: "cmd=get_result rc=4\n")])
        #expect(server.receive("cmd=barrier_in\n", from: 1) == [])
        #expect(server.receive("cmd=barrier_in\n", from: 0) == [.enterBarrier(puts: ["a": "x y"])])
        let out = server.completeBarrier(received: ["a": "x y", "c": "other"])
        #expect(out == [0, 1].map { .respond(rank: $0, line: "cmd=barrier_out rc=0\n") })
        let answer = server.receive("cmd=get kvsname=k key=c\n", from: 1)
        #expect(answer == [.respond(rank: 1, line: "cmd=get_result rc=0 value=other\n")])
        #expect(server.receive("cmd=barrier_in\n", from: 0) == [])
        #expect(server.receive("cmd=barrier_in\n", from: 1) == [.enterBarrier(puts: [:])])
    }

    @Test("entering a barrier twice is a violation")
    func twice() {
        var server = PMIServer(universeSize: 2, localSize: 2, kvsName: "k")
        _ = server.receive("cmd=barrier_in\n", from: 0)
        guard case .violation(0, _) = server.receive("cmd=barrier_in\n", from: 0).first else {
            Issue.record("no violation")
            return
        }
    }

    @Test("a client asks in order and keeps to the limits")
    func client() throws {
        var client = PMIClient(rank: 0, size: 1)
        #expect(client.rank == 0 && client.size == 1 && !client.isInitialized)
        #expect(throws: PMIClient.Failure.outOfOrder) { try client.send(.barrier) }
        _ = try client.send(.initialize)
        #expect(throws: PMIClient.Failure.outOfOrder) { try client.send(.getLimits) }
        _ = try client.receive("cmd=response_to_init rc=0 pmi_version=1 pmi_subversion=1\n")
        #expect(client.isInitialized)
        _ = try client.send(.getKVSName)
        #expect(try client.receive("cmd=my_kvsname rc=0 kvsname=k\n") == .kvsName("k"))
        #expect(throws: PMIClient.Failure.self) { try client.send(.put(key: "a b", value: "")) }
        #expect(throws: PMIClient.Failure.self) { try client.send(.put(key: "a", value: "x\ny")) }
        _ = try client.send(.get(key: "a"))
        #expect(throws: PMIClient.Failure.status(.invalidKey)) { try client.receive("cmd=get_result rc=4\n") }
        _ = try client.send(.barrier)
    }

    @Test("a stream gives the same lines byte by byte")
    func decoder() throws {
        var decoder = PMILineDecoder(limit: 8)
        var lines: [String] = []
        for byte in "a=1\nb=\n".utf8 {
            decoder.append([byte])
            while let line = try decoder.next() { lines.append(line) }
        }
        #expect(lines == ["a=1\n", "b=\n"])
        decoder.append(Array("123456789".utf8))
        #expect(throws: PMILineDecoder.Failure.tooLong(limit: 8)) { try decoder.next() }
    }

    @Test(
        "process mapping of the RFC's table",
        arguments: [
            "(vector,(0,2,2))", "(vector,(0,2,1),(0,2,1))", "(vector,(0,4096,256))",
        ])
    func mapping(_ text: String) throws {
        #expect(try PMIProcessMapping(parsing: text).description == text)
    }

    @Test("a mapping that is too long for a value is the empty text, which means unknown")
    func longMapping() {
        let longest = String(repeating: "x", count: PMILimits.flux.value - 1)
        #expect(PMIProcessMapping.published(longest) == longest)
        #expect(PMIProcessMapping.published(longest + "x") == "")
        #expect(PMIProcessMapping.published("(vector,(0,2,2))") == "(vector,(0,2,2))")
    }
}
