import FluxJSON
import RFC18Eventlog
import RFC22Idset
import RFC44ResourceEvents
import Testing

@Suite("RFC 44, resource events")
struct ResourceEventTests {
    @Test(
        "events of the RFC are written as they are read",
        arguments: [
            #"{"timestamp":1738083782.295166,"name":"restart","context":{"ranks":"0-3","online":"","nodelist":"picl[0-3]"}}"#,
            #"{"timestamp":1733943875.258601,"name":"resource-define","context":{"method":"configuration"}}"#,
            #"{"timestamp":1.5,"name":"drain","context":{"idset":"0","nodelist":"picl0","reason":"ƒ4zX8","overwrite":0}}"#,
            #"{"timestamp":1.5,"name":"undrain","context":{"idset":"0","nodelist":"picl0","overwrite":2}}"#,
            #"{"timestamp":1.5,"name":"online","context":{"idset":"1-15"}}"#,
            #"{"timestamp":1.5,"name":"torpid","context":{"idset":"7"}}"#,
            #"{"timestamp":1.5,"name":"truncate"}"#,
        ])
    func roundTrip(_ text: String) throws {
        let entry = try Eventlog.Entry(json: JSON(parsing: text))
        let event = try #require(try ResourceEvent(entry))
        #expect(event.entry(timestamp: entry.timestamp) == entry)
    }

    @Test("unknown events are no error, wrong contexts are")
    func unknown() throws {
        #expect(try ResourceEvent(Eventlog.Entry(timestamp: 1, name: "new-thing")) == nil)
        let drain = Eventlog.Entry(timestamp: 1, name: "drain", context: ["idset": "0", "overwrite": 3])
        let error = #expect(throws: PayloadError.self) { try ResourceEvent(drain) }
        #expect(error?.description == "context.overwrite: expected integer from 0 to 2, found 3")
    }

    @Test("the checkpoint of drained nodes and the journal")
    func stored() throws {
        let text = #"{"timestamp":5.5,"drain_state":{"0":{"timestamp":1.5,"reason":"foo","nodelist":"vm"}}}"#
        let json = try JSON(parsing: text)
        let checkpoint = try DrainCheckpoint(json: json)
        #expect(checkpoint.entries == [.init(ranks: [0], nodelist: "vm", timestamp: 1.5, reason: "foo")])
        #expect(checkpoint.json == json)
        #expect(try JournalResponse(json: ["events": []]).isSentinel)
    }
}
