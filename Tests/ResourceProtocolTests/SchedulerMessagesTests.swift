import FluxJSON
import RFC22Idset
import RFC27ResourceAllocation
import RFC28ResourceAcquisition
import Testing

@Suite("RFC 27 and 28, messages of a scheduler")
struct SchedulerMessagesTests {
    /// A text and what reads and writes it.
    struct Example: Sendable, CustomTestStringConvertible {
        let text: String
        let reread: @Sendable (JSON) throws -> JSON

        init<Value: Payload>(_ type: Value.Type, _ text: String) {
            self.text = text
            reread = { try Value(json: $0).json }
        }

        var testDescription: String { text }
    }

    @Test(
        "messages are written as they are read",
        arguments: [
            Example(HelloRequest.self, #"{"partial-ok":true}"#),
            Example(HelloResponse.self, #"{"id":7,"priority":16,"userid":5588,"t_submit":1.5,"free":"1-16,18"}"#),
            Example(ReadyRequest.self, #"{"mode":"unlimited"}"#),
            Example(ReadyRequest.self, #"{"mode":"limited","limit":8}"#),
            Example(ReadyResponse.self, #"{"count":3}"#),
            Example(AllocRequest.self, #"{"id":7,"priority":1,"userid":2,"t_submit":1.5,"jobspec":{"version":1}}"#),
            Example(AllocResponse.self, #"{"id":7,"type":0,"R":{"version":1},"annotations":{"sched":{"a":1}}}"#),
            Example(AllocResponse.self, #"{"id":7,"type":1,"annotations":{"sched":{"t_estimate":null}}}"#),
            Example(AllocResponse.self, #"{"id":7,"type":2,"note":"never"}"#),
            Example(AllocResponse.self, #"{"id":7,"type":3}"#),
            Example(CancelRequest.self, #"{"id":7}"#),
            Example(FreeRequest.self, #"{"id":7,"R":{"version":1},"final":true}"#),
            Example(PrioritizeRequest.self, #"{"jobs":[[49056579584,444],[57428410368,298]]}"#),
            Example(ExpirationRequest.self, #"{"id":7,"expiration":12.5}"#),
            Example(FeasibilityRequest.self, #"{"jobspec":{"version":1}}"#),
            Example(ResourceStatusResponse.self, #"{"all":{"version":1},"down":{},"allocated":{}}"#),
            Example(AcquireResponse.self, #"{"resources":{"version":1},"up":"0-2"}"#),
            Example(AcquireResponse.self, #"{"up":"3-6","down":"2,6","shrink":"6","property-add":{"foo":"0-1"}}"#),
            Example(AcquireResponse.self, #"{"property-remove":{"bar":"3"},"expiration":12.5}"#),
        ])
    func roundTrip(_ example: Example) throws {
        let json = try JSON(parsing: example.text)
        #expect(try example.reread(json) == json)
    }

    @Test(
        "mistakes are named",
        arguments: [
            (Example(ReadyRequest.self, #"{"mode":"limited","limit":0}"#), "limit: expected number from 1, found 0"),
            (Example(AllocResponse.self, #"{"id":1,"type":4}"#), "type: expected integer from 0 to 3, found 4"),
            (Example(PrioritizeRequest.self, #"{"jobs":[[1]]}"#), "jobs[0]: expected [id, priority], found array"),
            (Example(AcquireResponse.self, #"{"down":"x"}"#), #"down: expected idset, found "x""#),
            (
                Example(AcquireResponse.self, #"{"property-add":{"a":1}}"#),
                "property-add.a: expected string, found integer"
            ),
        ])
    func errors(_ example: Example, _ message: String) throws {
        let json = try JSON(parsing: example.text)
        let error = #expect(throws: PayloadError.self) { try example.reread(json) }
        #expect(error?.description == message)
    }

    @Test("annotations are merged, null removes")
    func annotations() {
        var annotations: JSON.Object = ["user": ["uri": "x"], "sched": ["t_estimate": 1.0, "a": 1]]
        annotations.annotate(["sched": ["t_estimate": nil, "b": 2]])
        #expect(annotations == ["user": ["uri": "x"], "sched": ["a": 1, "b": 2]])
        annotations.annotate(["user": ["uri": nil], "sched": 5])
        #expect(annotations == ["sched": 5])
    }

    @Test("an update tells the difference")
    func update() {
        let update = AcquireUpdate(from: [0, 1, 2], to: [1, 3], losing: [2])
        #expect(update == AcquireUpdate(up: [3], down: [0, 2], shrink: [2]))
        #expect(AcquireUpdate(from: [1], to: [1]).isEmpty)
    }
}
