import FluxJSON
import Glibc
import RFC20R
import RFC18Eventlog
import RFC22Idset
import RFC28ResourceAcquisition
import Service
import Testing

@testable import Resource

@Suite("The resource service")
struct ResourceTests {
    @Test("a node whose broker is lost goes for good, unless the resources are configured")
    func shrinking() {
        var availability = Availability()
        availability.setOnline([0, 1, 2])
        #expect(availability.begin() == [0, 1, 2])
        availability.shrinks = true
        availability.setOnline([0, 1])
        let update = availability.takeUpdate()
        #expect(update?.down == [2] && update?.shrink == [2])
        #expect(availability.gone == [2])
        #expect(availability.takeUpdate() == nil)

        availability.forceDown([0])
        availability.setOnline([0, 1])
        let forced = availability.takeUpdate()
        #expect(forced?.down == [0] && forced?.shrink == [0] && availability.online == [1])

        availability = Availability()
        availability.setOnline([0, 1])
        _ = availability.begin()
        availability.shrinks = false
        availability.setOnline([0])
        let other = availability.takeUpdate()
        #expect(other?.down == [1] && other?.shrink == [])
        #expect(availability.gone.isEmpty)
    }

    @Test("nodes are compared strictly by name, leniently by cores, and not by GPUs, unless the configuration says else")
    func verification() throws {
        let usual = try ResourceSettings(configuration: [:])
        #expect(usual.verify.mode(of: "hostname") == .strict && usual.verify.mode(of: "gpu") == .ignore)
        #expect(usual.verify.mode(of: "core") == .allowExtra && !usual.verifiesExplicitly)
        let strict = try ResourceSettings(configuration: ["resource": ["verify": ["default": "strict"]]])
        #expect(strict.verify.mode(of: "gpu") == .strict && strict.verifiesExplicitly)
        #expect(try ResourceSettings(configuration: ["resource": ["history": "1d"]]).history == 86_400)
    }

    @Test("mistakes in [resource] are refused", arguments: [
        #"{"history":"foobar"}"#, #"{"verify":{"core":"sometimes"}}"#, #"{"noverify":"x"}"#, #"{"what":1}"#,
    ])
    func mistakes(text: String) throws {
        let table = try JSON(parsing: text)
        #expect(throws: ServiceError.self) { try ResourceSettings(configuration: ["resource": table]) }
    }

    @Test("the journal keeps the newest events and says that there were others")
    func journal() {
        var journal = ResourceJournal(limit: 3)
        for number in 1...5 { journal.append(Eventlog.Entry(timestamp: Double(number), name: "e\(number)")) }
        #expect(journal.all.map(\.name) == ["truncate", "e4", "e5"])
        #expect(journal.all.first?.timestamp == 3)
    }

    @Test("a log of an old release keeps its drained nodes, with names")
    func upgrade() throws {
        let log = """
            {"timestamp":1,"name":"resource-init","context":{"drain":{"0":{"timestamp":0.5}}}}
            {"timestamp":2,"name":"resource-init","context":{"drain":{"1":{"timestamp":1.5,"reason":"bad"},"9":{"timestamp":1}}}}
            {"timestamp":3,"name":"online","context":{"idset":"0-1"}}
            {"timestamp":4,"name":"undrain","context":{"idset":"1"}}
            {"timestamp":5,"name":"resource-define","context":{"method":"kvs"}}

            """
        let entries = try Eventlog(parsing: Array(log.utf8)).entries
        let new = try #require(EventlogUpgrade.upgraded(entries, hosts: ["a", "b"]))
        #expect(new.map(\.name) == ["drain", "undrain", "resource-define"])
        #expect(new[0].timestamp == 1.5 && new[0].context == ["idset": "1", "reason": "bad", "nodelist": "b"])
        #expect(new[1].context == ["idset": "1", "nodelist": "b"])
        #expect(EventlogUpgrade.upgraded(new, hosts: ["a", "b"]) == nil)
    }

    @Test("a folder of topologies becomes R, a rank for each file")
    func topologies() throws {
        var template = Array("/tmp/fluxtest-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            for name in ["0.xml", "1.xml", "notes"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        #expect(throws: ServiceError.self) { try ResourceSettings.load(topologies: folder) }
        let xml = try HardwareProbe.xml()
        for name in ["0.xml", "1.xml", "notes"] {
            let file = try #require(fopen("\(folder)/\(name)", "w"))
            fputs(xml, file)
            fclose(file)
        }
        let set = try ResourceSettings.load(topologies: folder)
        #expect(set.ranks == [0, 1])
        #expect(set.nodes.map(\.children.cores).allSatisfy { !$0.isEmpty })
    }
}
