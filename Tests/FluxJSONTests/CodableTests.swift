import FluxJSON
import Foundation
import Testing

@Suite("Codable")
struct CodableTests {
    private struct Holder: Codable, Equatable {
        var note: JSON
        var point: Point
    }

    private struct Point: Payload, Codable, Equatable {
        var x: Int64
        init(json: JSON) throws(PayloadError) { x = try json.requireObject().int("x") }
        var json: JSON { ["x": .int(x)] }
    }

    @Test("JSON and payloads travel inside other values")
    func roundTrip() throws {
        let text = #"{"note":{"a":[1,2.5,null,true,"é"],"b":{}},"point":{"x":7}}"#
        let holder = try JSONDecoder().decode(Holder.self, from: Data(text.utf8))
        #expect(holder.note == ["a": [1, 2.5, nil, true, "é"], "b": [:]])
        #expect(holder.point.x == 7)
        #expect(try JSONDecoder().decode(Holder.self, from: JSONEncoder().encode(holder)) == holder)
    }

    @Test("a payload that is refused says where")
    func refused() throws {
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Holder.self, from: Data(#"{"note":1,"point":{"x":"y"}}"#.utf8))
        }
        guard case .dataCorrupted(let context) = error else { throw try #require(error) }
        #expect(context.debugDescription == "x: expected integer, found string")
    }
}
