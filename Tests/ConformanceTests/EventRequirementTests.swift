import FluxJSON
import RFC18Eventlog
import RFC43JobList
import RFC44ResourceEvents
import Testing

/// The REQUIRED keys of events of RFC 44 and requests of RFC 43.
@Suite("events and requests refuse what lacks a required key")
struct EventRequirementTests {
    @Test(
        "RFC 44, contexts",
        arguments: [
            ("restart", #"{"ranks":"0-3","online":"0-1","nodelist":"n[0-3]"}"#, ["ranks", "online", "nodelist"]),
            ("resource-define", #"{"method":"configuration"}"#, ["method"]),
            ("resource-update", #"{"expiration":5}"#, ["expiration"]),
            ("drain", #"{"idset":"1","nodelist":"n1","overwrite":0}"#, ["idset"]),
            ("undrain", #"{"idset":"1","nodelist":"n1"}"#, ["idset"]),
            ("online", #"{"idset":"1"}"#, ["idset"]), ("offline", #"{"idset":"1"}"#, ["idset"]),
            ("torpid", #"{"idset":"1"}"#, ["idset"]), ("lively", #"{"idset":"1"}"#, ["idset"]),
        ])
    func contexts(_ name: String, _ text: String, _ required: [String]) throws {
        let context = try #require(try JSON(parsing: text).objectValue)
        let event = try #require(try ResourceEvent(Eventlog.Entry(timestamp: 1, name: name, context: context)))
        let again = try ResourceEvent(event.entry(timestamp: 1))
        #expect(again == event)
        for key in required {
            for wrong: JSON? in [nil, [true], key == "method" || key == "nodelist" ? 5 : "x-"] {
                var broken = context
                if let wrong { broken[key] = wrong } else { broken.removeValue(forKey: key) }
                let entry = Eventlog.Entry(timestamp: 1, name: name, context: broken)
                #expect(throws: PayloadError.self, "\(name) \(key)") { try ResourceEvent(entry) }
            }
        }
    }

    @Test("RFC 44, truncate has no context and stays out of the log; overwrite is 0, 1 or 2")
    func truncate() throws {
        #expect(ResourceEvent.truncate.context == nil)
        #expect(!ResourceEvent.truncate.isPersistent)
        for name in ["drain", "undrain"] {
            let wrong = Eventlog.Entry(
                timestamp: 1, name: name, context: ["idset": "1", "nodelist": "n1", "overwrite": 3])
            #expect(throws: PayloadError.self) { try ResourceEvent(wrong) }
        }
        #expect(JournalResponse.sentinel.events.isEmpty)
    }

    @Test("RFC 44, an update is one of the expiration and of nothing else; resources have one of these sources")
    func sources() throws {
        let update = Eventlog.Entry(timestamp: 1, name: "resource-update", context: ["expiration": 5, "R": [:]])
        #expect(try ResourceEvent(update)?.context == ["expiration": 5.0])
        #expect(
            [
                ResourceEvent.Method.configuration, ResourceEvent.Method.dynamicDiscovery, ResourceEvent.Method.jobInfo,
                ResourceEvent.Method.kvs, ResourceEvent.Method.reload,
            ] == ["configuration", "dynamic-discovery", "job-info", "kvs", "reload"])
    }

    @Test("RFC 44, what the log keeps")
    func persistent() throws {
        for name in ["drain", "undrain", "resource-define", "resource-update"] {
            let context: JSON.Object = ["idset": "1", "nodelist": "n1", "method": "kvs", "expiration": 1]
            let event = try #require(try ResourceEvent(Eventlog.Entry(timestamp: 1, name: name, context: context)))
            #expect(event.isPersistent, "\(name)")
        }
    }

    @Test("RFC 43, requests")
    func requests() throws {
        let list = try JSON(parsing: #"{"max_entries":5,"attrs":["state"],"since":0,"constraint":{"userid":[1]}}"#)
        #expect(try JobListRequest(request: list).attributes == ["state"])
        let byID = try JSON(parsing: #"{"id":7,"attrs":["all"]}"#)
        #expect(try JobListIDRequest(request: byID).id == 7)
        for text in [
            #"{"attrs":[]}"#, #"{"max_entries":"x","attrs":[]}"#, #"{"max_entries":1}"#,
            #"{"max_entries":1,"attrs":5}"#,
        ] {
            #expect(throws: JobListError.self, "\(text)") { try JobListRequest(request: try JSON(parsing: text)) }
        }
        for text in [#"{"attrs":[]}"#, #"{"id":"x","attrs":[]}"#, #"{"id":1}"#] {
            #expect(throws: JobListError.self, "\(text)") { try JobListIDRequest(request: try JSON(parsing: text)) }
        }
    }
}
