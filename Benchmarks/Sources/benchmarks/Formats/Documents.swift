import FluxJSON
import Glibc
import RFC03Message
import RFC14Jobspec
import RFC18Eventlog
import RFC19FLUID
import RFC20R

extension FormatWork {
    private typealias C = ReferenceLibrary

    /// A jobspec such as `flux submit` makes, with forty variables of the environment.
    static func jobspecs(_ library: ReferenceLibrary?) -> [FormatWork] {
        var environment = JSON.Object()
        for index in 0..<40 { environment["VARIABLE_\(index)"] = .string("value of variable \(index)") }
        guard let jobspec = try? JobspecBuilder.forTasks(command: ["app", "--option", "input"], taskCount: 4, nodeCount: 2)
        else { return [] }
        var document = jobspec.json
        if var object = document.objectValue, var attributes = object["attributes"]?.objectValue {
            var system = attributes["system"]?.objectValue ?? [:]
            system["duration"] = 0.0
            system["environment"] = .object(environment)
            system["cwd"] = "/home/alice"
            attributes["system"] = .object(system)
            object["attributes"] = .object(attributes)
            document = .object(object)
        }
        let text = document.text
        let decode = library?.function("flux_jobspec1_decode", C.DecodeWithError.self)
        let encode = library?.function("flux_jobspec1_encode", (@convention(c) (OpaquePointer?, Int) -> C.Text).self)
        let check = library?.function(
            "flux_jobspec1_check", (@convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32).self)
        let destroy = library?.function("flux_jobspec1_destroy", C.Destroy.self)
        return [
            FormatWork("jobspec: parse, check and emit, 1e3 times", decode) {
                for _ in 0..<1_000 {
                    guard let json = try? JSON(parsing: text) else { return }
                    do { try JobspecValidator().validate(json) } catch { return }
                    use(json.text)
                }
            } reference: { decode in
                for _ in 0..<1_000 {
                    let handle = decode(text, nil)
                    use(check?(handle, nil))
                    free(encode?(handle, 0) ?? nil)
                    destroy?(handle)
                }
            }
        ]
    }

    /// A request with a route and a small payload.
    static func messages(_ library: ReferenceLibrary?) -> [FormatWork] {
        var request = Message.request("kvs.lookup", json: ["key": "a.b.c", "flags": 0], matchtag: 7)
        request.pushRoute("0f6a9f9c-6f43-4b3b-8d56-0a3c9be0a4bc")
        let bytes = request.encode()
        let decode = library?.function(
            "flux_msg_decode", (@convention(c) (UnsafeRawPointer?, Int) -> OpaquePointer?).self)
        let size = library?.function("flux_msg_encode_size", (@convention(c) (OpaquePointer?) -> Int).self)
        let encode = library?.function(
            "flux_msg_encode", (@convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int) -> Int32).self)
        let destroy = library?.function("flux_msg_destroy", C.Destroy.self)
        return [
            FormatWork("message: decode, 1e5 times", decode) {
                for _ in 0..<100_000 { use(bytes.withUnsafeBytes { try? Message(decoding: $0) }) }
            } reference: { decode in
                for _ in 0..<100_000 { bytes.withUnsafeBytes { destroy?(decode($0.baseAddress, $0.count)) } }
            },
            FormatWork("message: decode and encode, 1e5 times", decode) {
                for _ in 0..<100_000 { use(bytes.withUnsafeBytes { try? Message(decoding: $0) }?.encode()) }
            } reference: { decode in
                for _ in 0..<100_000 {
                    let handle = bytes.withUnsafeBytes { decode($0.baseAddress, $0.count) }
                    let count = size?(handle) ?? 0, buffer = malloc(count)
                    use(encode?(handle, buffer, count))
                    free(buffer)
                    destroy?(handle)
                }
            },
        ]
    }

    static func jobIDs(_ library: ReferenceLibrary?) -> [FormatWork] {
        let ids = (0..<100_000).map { JobID(UInt64($0) &* 6_731_191_091_817) }
        let encode = library?.function(
            "flux_job_id_encode",
            (@convention(c) (UInt64, UnsafePointer<CChar>?, UnsafeMutablePointer<CChar>?, Int) -> Int32).self)
        let parse = library?.function(
            "flux_job_id_parse", (@convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<UInt64>) -> Int32).self)
        return JobID.Encoding.allCases.flatMap { encoding -> [FormatWork] in
            let texts = ids.map { $0.text(encoding) }
            let name = encoding.rawValue
            var probe: UInt64 = 0
            let known = parse.map { $0(texts[1], &probe) == 0 && probe == ids[1].value } ?? false
            return [
                FormatWork("job id: encode 1e5 as \(name)", known ? encode : nil) {
                    for id in ids { use(id.text(encoding)) }
                } reference: { encode in
                    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                        for id in ids { use(encode(id.value, name, buffer.baseAddress, buffer.count)) }
                    }
                },
                FormatWork("job id: parse 1e5 as \(name)", known ? parse : nil) {
                    for text in texts { use(try? JobID(parsing: text)) }
                } reference: { parse in
                    var id: UInt64 = 0
                    for text in texts { use(parse(text, &id)) }
                },
            ]
        }
    }

    /// The reference has these two in libraries that it does not install.
    static func eventlogs() -> [FormatWork] {
        var log = Eventlog()
        for index in 0..<100_000 {
            log.entries.append(.init(timestamp: 1_700_000_000.25 + Double(index), name: "alloc", context: ["rank": .int(Int64(index))]))
        }
        let bytes = log.bytes
        return [
            FormatWork("eventlog: parse 1e5 lines") { use(try? Eventlog(parsing: bytes)) },
            FormatWork("eventlog: emit 1e5 lines") { [log] in use(log.bytes) },
        ]
    }

    /// Ten thousand nodes of three kinds.
    static func resourceSets() -> [FormatWork] {
        let text = """
            {"version":1,"execution":{"R_lite":[{"rank":"0-4999","children":{"core":"0-63","gpu":"0-3"}},\
            {"rank":"5000-8999","children":{"core":"0-31"}},{"rank":"9000-9999","children":{"core":"0-127"}}],\
            "nodelist":["node[0-9999]"],"starttime":0,"expiration":0,"properties":{"big":"9000-9999"}}}
            """
        let half = """
            {"version":1,"execution":{"R_lite":[{"rank":"2000-6999","children":{"core":"0-15"}}],\
            "nodelist":["node[2000-6999]"],"starttime":0,"expiration":0}}
            """
        guard let all = try? ResourceSet(parsing: text), let some = try? ResourceSet(parsing: half) else { return [] }
        return [
            FormatWork("R: parse 1e4 nodes") { use(try? ResourceSet(parsing: text)) },
            FormatWork("R: emit 1e4 nodes") { use(all.json.text) },
            FormatWork("R: difference, 1e4 and 5e3 nodes") { use(all.difference(some)) },
            FormatWork("R: intersection, 1e4 and 5e3 nodes") { use(all.intersection(some)) },
            FormatWork("R: union, 1e4 and 5e3 nodes") { use(all.union(some)) },
        ]
    }
}
