import FluxJSON
import RFC03Message
import Testing

@Suite("Payloads that stay in the process")
struct StoredPayloadTests {
    private let json: JSON = ["a": [1, 2.5, "é"], "b": .null]

    @Test("a document and its bytes are one payload, on the wire and in comparisons")
    func equality() throws {
        let carried = Message.request("x.y", json: json, matchtag: 3)
        var printed = carried
        printed.printPayload()
        let bytes = Message.request("x.y", payload: Message.jsonPayload(json), matchtag: 3)
        for message in [carried, printed, bytes] {
            #expect(message == bytes)
            #expect(message.hashValue == bytes.hashValue)
            #expect(message.hasPayload)
            #expect(message.payload == Message.jsonPayload(json))
            #expect(message.payloadText == json.text)
            #expect(try message.decodeJSON() == json)
            #expect(message.encode() == bytes.encode())
            #expect(message.encodeFrame() == bytes.encodeFrame())
            #expect(message.encodedSize == bytes.encode().count)
            #expect(message.parts == bytes.parts)
            #expect(try Message(decoding: message.encode()) == message)
        }
        #expect(carried != Message.request("x.y", json: ["a": 1], matchtag: 3))
        #expect(carried != Message.request("x.y", matchtag: 3))
    }

    @Test("an answer carries its own document, or none")
    func answers() throws {
        let request = Message.request("x.y", json: json, matchtag: 3)
        #expect(try request.response(json: ["c": 1]).decodeJSON() == ["c": 1])
        #expect(!request.response().hasPayload)
        #expect(request.response().payload == nil)
        #expect(request.errorResponse(2, "no").payloadText == "no")
        #expect(throws: Message.PayloadFailure.notAnObject) { try Message.request("x", json: [1]).decodeJSON() }
        #expect(throws: Message.PayloadFailure.missing) { try Message.request("x").decodeJSON() }
    }
}
