import FluxJSON
import RFC18Eventlog
import RFC41JobInfo
import Testing

@Suite("RFC 41: lookups")
struct JobInfoPayloadTests {
    private let log = Eventlog([
        Eventlog.Entry(timestamp: 1, name: "submit", context: ["userid": 5]),
        Eventlog.Entry(timestamp: 2, name: "jobspec-update", context: ["attributes.system.duration": 60]),
        Eventlog.Entry(timestamp: 3, name: "resource-update", context: ["expiration": 99]),
    ])

    @Test("the current version has the updates of the log in it")
    func current() {
        let jobspec: JSON = ["attributes": ["system": ["duration": 1, "cwd": "/"]]]
        #expect(
            CurrentData.jobspec(jobspec, log) == ["attributes": ["system": ["duration": 60, "cwd": "/"]]])
        let r: JSON = ["version": 1, "execution": ["expiration": 1]]
        #expect(CurrentData.resources(r, log)["execution"]?["expiration"]?.numberValue == 99)
    }

    @Test("the owner of a job is told by its first event")
    func owner() {
        #expect(JobInfoAccess.owner(of: log) == 5)
        #expect(JobInfoAccess.owner(of: Eventlog([])) == nil)
    }

    @Test("R and jobspec are decoded on request, other keys are texts")
    func answers() throws {
        let request = LookupRequest(id: 7, keys: ["R", "eventlog"], flags: .jsonDecode)
        #expect(try request.answer(for: "R", text: "{\"a\":1}") == ["a": 1])
        #expect(try request.answer(for: "eventlog", text: "{\"a\":1}") == "{\"a\":1}")
        #expect(try LookupRequest(json: request.json) == request)
        #expect(throws: JSON.ParseError.self) { try request.answer(for: "R", text: "{") }
    }
}
