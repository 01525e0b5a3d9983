import FluxJSON
import RFC03Message
import RFC06RPC
import Testing

/// What RFC 3 and RFC 6 demand of both ends of a call, on values.
@Suite("requests, responses and their matchtags")
struct RPCRequirementTests {
    private var request: Message {
        var request = Message.request("kvs.lookup", json: ["key": "a"], nodeID: 3, matchtag: 7, flags: .streaming)
        request.routes = ["client", "broker"]
        return request
    }

    @Test("the service is the first word of the topic")
    func service() {
        #expect(request.service == "kvs")
        #expect(Message.request("job-manager.kvs.get").service == "job-manager")
    }

    @Test("a response has the routes, topic and matchtag of its request, and error number 0")
    func response() {
        let response = request.response(json: ["value": 1])
        #expect(response.kind == .response)
        #expect(response.routes == request.routes)
        #expect(response.topic == "kvs.lookup")
        #expect(response.matchtag == 7)
        #expect(response.errnum == 0)
    }

    @Test("an error response has a POSIX number and a short text")
    func errorResponse() {
        let response = request.errorResponse(2, "a: No such file or directory")
        #expect(response.errnum == 2)
        #expect(response.payloadText == "a: No such file or directory")
        #expect(response.matchtag == 7)
    }

    @Test("a stream has its flag in each response and ends with one error")
    func stream() {
        var client = RPCClient()
        let sent = client.begin(Message.request("a.b", flags: .streaming))
        for _ in 0..<3 {
            let response = sent.response(json: [:])
            #expect(response.flags.contains(.streaming))
            #expect(!response.isLastResponse)
            #expect(client.receive(response) == .response(to: sent, isLast: false))
        }
        #expect(client.receive(sent.errorResponse(61)) == .response(to: sent, isLast: true))
        #expect(client.receive(sent.errorResponse(61)) == .stray)
    }

    @Test("a matchtag is not used again before the last response")
    func matchtags() {
        var client = RPCClient()
        let first = client.begin(Message.request("a.b", flags: .streaming))
        let second = client.begin(Message.request("a.b"))
        #expect(first.matchtag != second.matchtag)
        _ = client.receive(first.response(json: [:]))
        client.forget(first.matchtag)
        #expect(client.isInUse(first.matchtag))
        #expect(client.begin(Message.request("a.b")).matchtag != first.matchtag)
        _ = client.receive(first.errorResponse(61))
        #expect(!client.isInUse(first.matchtag))
    }

    @Test("cancel and disconnect want no answer; who they end is told by route and user, not by matchtag alone")
    func endings() {
        let cancel = request.cancelRequest()
        #expect(cancel.topic == "kvs.cancel")
        #expect(cancel.flags.contains(.noResponse))
        #expect(!cancel.expectsResponse)
        #expect(request.disconnectRequest().flags.contains(.noResponse))
        var stranger = cancel
        stranger.routes = ["other"]
        #expect(!request.mayBeEnded(by: stranger))
    }

    @Test("events and control messages have no routes, JSON payloads end with a NUL")
    func kinds() throws {
        #expect(Message.event("a.b", json: [:]).parts.count == 3)
        #expect(Message.control(type: 1, status: 2).parts.count == 1)
        #expect(Message.event("a", json: ["x": 1]).payload == Array("{\"x\":1}\0".utf8))
        #expect(throws: (any Error).self) { try Message.event("a", payload: Array("[1]\0".utf8)).decodeJSON() }
    }
}
