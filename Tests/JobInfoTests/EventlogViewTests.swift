import FluxJSON
import RFC18Eventlog
import Testing

@testable import JobInfo

@Suite("What a job's eventlog says")
struct EventlogViewTests {
    static let log = Array(
        """
        {"timestamp":1.0,"name":"submit","context":{"userid":42,"urgency":16,"flags":0,"version":1}}
        {"timestamp":2.0,"name":"start"}
        {"timestamp":3.0,"name":"release","context":{"ranks":"all","final":true}}
        {"timestamp":4.0,"name":"clean"}

        """.utf8)

    @Test("a view of the whole log equals one of its lines")
    func lines() throws {
        let whole = try #require(EventlogView(Self.log))
        #expect(whole.userID == 42)
        #expect(whole.hasStarted && whole.isReleased && whole.isClean)
        var cutter = LineCutter(), view = EventlogView()
        var lines: [String] = []
        for byte in Self.log {
            for line in cutter.cut([byte]) {
                view.append(line)
                lines.append(String(decoding: line, as: UTF8.self))
            }
        }
        #expect(view == whole)
        #expect(lines.joined() == String(decoding: Self.log, as: UTF8.self))
        #expect(lines.count == 4)
    }

    @Test("updates change R and the jobspec")
    func updates() {
        var resources = UpdatedValue(.resources, ["execution": ["expiration": 1.0]])
        let isChanged = resources.apply(name: "resource-update", context: ["expiration": 5.0])
        #expect(isChanged)
        let isForeign = !resources.apply(name: "jobspec-update", context: ["a": 1])
        #expect(isForeign)
        #expect(resources.json == ["execution": ["expiration": 5.0]])
        var jobspec = UpdatedValue(.jobspec, ["attributes": ["system": ["duration": 0]]])
        _ = jobspec.apply(name: "jobspec-update", context: ["attributes.system.duration": 60])
        #expect(jobspec.json == ["attributes": ["system": ["duration": 60]]])
    }
}
