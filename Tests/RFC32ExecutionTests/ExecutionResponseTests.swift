import FluxJSON
import RFC32Execution
import Testing

@Suite("RFC 32: what the execution service says of a job")
struct ExecutionResponseTests {
    @Test(
        "each kind of response is written as RFC 32 has it, and read again",
        arguments: [
            (ExecutionResponse.Kind.start, #"{"id":7,"type":"start","data":{}}"#),
            (.reattached, #"{"id":7,"type":"reattached","data":{}}"#),
            (.release(ranks: "1-3", isFinal: false), #"{"id":7,"type":"release","data":{"ranks":"1-3","final":false}}"#),
            (.finish(status: 256), #"{"id":7,"type":"finish","data":{"status":256}}"#),
            (
                .exception(severity: 0, type: "exec", note: "x"),
                #"{"id":7,"type":"exception","data":{"severity":0,"type":"exec","note":"x"}}"#
            ),
        ])
    func kinds(_ kind: ExecutionResponse.Kind, _ text: String) throws {
        let json = try JSON(parsing: text)
        #expect(ExecutionResponse(id: 7, kind).json == json)
        #expect(try ExecutionResponse(json: json) == ExecutionResponse(id: 7, kind))
    }

    @Test(
        "responses that are none",
        arguments: [
            "{}", #"{"id":7,"type":"fly","data":{}}"#, #"{"id":-1.5,"type":"start","data":{}}"#,
            #"{"id":7,"type":"finish","data":{}}"#, #"{"id":7,"type":"release","data":{"ranks":"all"}}"#, "[]",
        ])
    func refused(_ text: String) throws {
        let json = try JSON(parsing: text)
        #expect(throws: PayloadError.self) { try ExecutionResponse(json: json) }
    }

    @Test("a start request has all that a job needs")
    func start() throws {
        let request = StartRequest(id: 7, userID: 5, jobspec: ["version": 1], resources: ["version": 1], reattach: true)
        #expect(
            request.json == ["id": 7, "userid": 5, "jobspec": ["version": 1], "R": ["version": 1], "reattach": true])
        #expect(try StartRequest(json: request.json) == request)
    }
}
