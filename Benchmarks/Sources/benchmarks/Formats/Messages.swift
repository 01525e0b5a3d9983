import FluxJSON
import Glibc
import RFC03Message

extension FormatWork {
    private typealias C = ReferenceLibrary

    /// A request with a route and a small payload.
    static func messages(_ library: ReferenceLibrary?) -> [FormatWork] {
        var request = Message.request("kvs.lookup", json: ["key": "a.b.c", "flags": 0], matchtag: 7)
        request.pushRoute("0f6a9f9c-6f43-4b3b-8d56-0a3c9be0a4bc")
        let bytes = request.encode(), message = request
        let decode = library?.function(
            "flux_msg_decode", (@convention(c) (UnsafeRawPointer?, Int) -> OpaquePointer?).self)
        let size = library?.function("flux_msg_encode_size", (@convention(c) (OpaquePointer?) -> Int).self)
        let encode = library?.function(
            "flux_msg_encode", (@convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int) -> Int32).self)
        let destroy = library?.function("flux_msg_destroy", C.Destroy.self)
        let other = bytes.withUnsafeBytes { decode?($0.baseAddress, $0.count) }

        func write(_ handle: OpaquePointer?) {
            let count = size?(handle) ?? 0, buffer = malloc(count)
            use(encode?(handle, buffer, count))
            free(buffer)
        }
        return [
            FormatWork("message: decode, 1e5 times", decode) {
                for _ in 0..<100_000 { use(bytes.withUnsafeBytes { try? Message(decoding: $0) }) }
            } reference: { decode in
                for _ in 0..<100_000 { bytes.withUnsafeBytes { destroy?(decode($0.baseAddress, $0.count)) } }
            },
            FormatWork("message: encode, 1e5 times", encode) {
                for _ in 0..<100_000 { use(message.encode()) }
            } reference: { _ in
                for _ in 0..<100_000 { write(other ?? nil) }
            },
            FormatWork("message: decode and encode, 1e5 times", decode) {
                for _ in 0..<100_000 { use(bytes.withUnsafeBytes { try? Message(decoding: $0) }?.encode()) }
            } reference: { decode in
                for _ in 0..<100_000 {
                    let handle = bytes.withUnsafeBytes { decode($0.baseAddress, $0.count) }
                    write(handle)
                    destroy?(handle)
                }
            },
        ]
    }

    /// Payloads beside the JSON library that the reference is linked with.
    static func documents(_ library: ReferenceLibrary?) -> [FormatWork] {
        let request: JSON = ["key": "resource.R", "flags": 1, "rootref": nil, "streaming": false, "ids": [1, 2, 3]]
        let jobs: JSON = .array((0..<1_000).map { index in
            [
                "id": .int(Int64(index) << 24), "userid": 1000, "t_submit": .real(1_700_000_000.123456 + Double(index)),
                "name": "hostname", "ntasks": 4, "nodelist": "node[0-3]", "annotations": ["user": ["note": "a \"b\""]],
            ]
        })
        return [("a request", request, 100_000), ("a thousand jobs", jobs, 50)].flatMap { title, json, times in
            document(library, title, json, times)
        }
    }

    private static func document(_ library: ReferenceLibrary?, _ title: String, _ json: JSON, _ times: Int) -> [FormatWork] {
        let text = json.bytes
        let load = library?.function(
            "json_loadb", (@convention(c) (UnsafeRawPointer?, Int, Int, UnsafeMutableRawPointer?) -> OpaquePointer?).self)
        let dump = library?.function("json_dumps", C.EncodeWithFlags.self)
        let delete = library?.function("json_delete", C.Destroy.self)
        let other = text.withUnsafeBytes { load?($0.baseAddress, $0.count, 0, nil) }
        let compact = 0x20
        let count = times == 1 ? "" : ", \(times == 100_000 ? "1e5" : "\(times)") times"
        return [
            FormatWork("JSON: parse \(title)\(count)", load) {
                for _ in 0..<times { use(text.withUnsafeBytes { try? JSON(parsing: $0) }) }
            } reference: { load in
                for _ in 0..<times { text.withUnsafeBytes { delete?(load($0.baseAddress, $0.count, 0, nil)) } }
            },
            FormatWork("JSON: print \(title)\(count)", dump) {
                for _ in 0..<times { use(json.bytes) }
            } reference: { dump in
                for _ in 0..<times { free(dump(other ?? nil, compact)) }
            },
        ]
    }
}
