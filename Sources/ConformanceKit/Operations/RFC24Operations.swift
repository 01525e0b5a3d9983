import FluxJSON
import RFC18Eventlog
import RFC22Idset
import RFC24IO

/// Operations of the vectors in `rfc24-io`.
enum RFC24Operations: Operations {
    static let folder = "rfc24-io"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "encode": try encode(input)
        case "decode": try decode(input)
        case "reassemble-output": .object(try reassemble(input))
        default: nil
        }
    }

    private static func encode(_ input: JSON.Object) throws -> JSON {
        let bytes = try input["data_hex"]?.stringValue.map { try unhex($0) }
        let isEnd = try input.bool("eof")
        guard bytes != [], bytes != nil || isEnd else {
            throw PayloadError(path: "data_hex", expected: "bytes or end of stream", found: "neither")
        }
        let data = IOData(
            stream: try input.string("stream"), rank: try input.string("rank"), bytes: bytes, isEnd: isEnd)
        var line: [UInt8] = []
        data.appendEvent(timestamp: 1, to: &line)
        guard try Eventlog(parsing: line).entries[0].context == data.json.objectValue else { return nil }
        return ["object": data.json, "compact": .string(data.json.text)]
    }

    private static func decode(_ input: JSON.Object) throws -> JSON {
        let data = try IOData(json: try input.value("context"))
        return [
            "stream": .string(data.stream), "rank": .string(data.rank),
            "data": data.bytes.map { .string(hex($0)) } ?? .null, "len": .int(Int64(data.bytes?.count ?? 0)),
            "eof": .bool(data.isEnd),
        ]
    }

    private static func reassemble(_ input: JSON.Object) throws -> JSON.Object {
        var streams: [String: (bytes: [UInt8], isEnd: Bool)] = [:]
        for entry in try Eventlog(parsing: try input.string("eventlog")).entries {
            guard case .data(let data) = try IOEvent(entry) else { continue }
            for rank in try data.ranks(taskCount: 0) {
                let stream = streams["\(data.stream):\(rank)"] ?? ([], false)
                streams["\(data.stream):\(rank)"] = (stream.bytes + (data.bytes ?? []), stream.isEnd || data.isEnd)
            }
        }
        var result: JSON.Object = [:]
        for (name, stream) in streams {
            result[name] = ["hex": .string(hex(stream.bytes)), "eof": .bool(stream.isEnd)]
        }
        return result
    }
}
