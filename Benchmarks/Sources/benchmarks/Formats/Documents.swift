import FluxJSON
import Glibc
import RFC14Jobspec
import RFC18Eventlog
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
        let text = document.text, otherText = C.text(text), whole = document
        let decode = library?.function("flux_jobspec1_decode", C.DecodeWithError.self)
        let encode = library?.function("flux_jobspec1_encode", C.EncodeWithFlags.self)
        let check = library?.function(
            "flux_jobspec1_check", (@convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32).self)
        let destroy = library?.function("flux_jobspec1_destroy", C.Destroy.self)
        let other = decode?(otherText, nil)
        return [
            FormatWork("jobspec: parse, 1e3 times", decode) {
                for _ in 0..<1_000 { use(try? JSON(parsing: text)) }
            } reference: { decode in
                for _ in 0..<1_000 { destroy?(decode(otherText, nil)) }
            },
            FormatWork("jobspec: check, 1e3 times", check) {
                for _ in 0..<1_000 { do { try JobspecValidator().validate(whole) } catch { return } }
            } reference: { check in
                for _ in 0..<1_000 { use(check(other ?? nil, nil)) }
            },
            FormatWork("jobspec: emit, 1e3 times", encode) {
                for _ in 0..<1_000 { use(whole.text) }
            } reference: { encode in
                for _ in 0..<1_000 { free(encode(other ?? nil, 0)) }
            },
        ]
    }

    /// A hundred thousand lines; the reference's functions are those that its Python bindings carry.
    static func eventlogs(_ library: ReferenceLibrary?) -> [FormatWork] {
        var log = Eventlog()
        for index in 0..<100_000 {
            let context: JSON.Object = ["rank": .int(Int64(index))]
            log.entries.append(.init(timestamp: 1_700_000_000.25 + Double(index), name: "alloc", context: context))
        }
        let bytes = log.bytes, whole = log
        let decode = library?.function("eventlog_decode", C.Decode.self)
        let encode = library?.function("eventlog_encode", C.Encode.self)
        let delete = library?.function("json_delete", C.Destroy.self)
        let otherText = C.text(log.text)
        let other = decode?(otherText)
        return [
            FormatWork("eventlog: parse 1e5 lines", decode) {
                use(try? Eventlog(parsing: bytes))
            } reference: { decode in
                delete?(decode(otherText))
            },
            FormatWork("eventlog: emit 1e5 lines", encode) {
                use(whole.bytes)
            } reference: { encode in
                free(encode(other ?? nil))
            },
        ]
    }

    /// Ten thousand nodes of three kinds; the reference's functions are not in any file that it installs.
    static func resourceSets(_ library: ReferenceLibrary?) -> [FormatWork] {
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
        let decode = library?.function("rlist_from_R", C.Decode.self)
        let encode = library?.function("rlist_encode", C.Encode.self)
        let destroy = library?.function("rlist_destroy", C.Destroy.self)
        let otherText = C.text(text), other = decode?(otherText), otherHalf = decode?(C.text(half))

        func algebra(_ title: String, _ symbol: String, _ ours: @escaping () -> ResourceSet) -> FormatWork {
            FormatWork("R: \(title), 1e4 and 5e3 nodes", library?.function(symbol, C.Pair.self)) {
                use(ours())
            } reference: { operation in
                destroy?(operation(other ?? nil, otherHalf ?? nil))
            }
        }
        return [
            FormatWork("R: parse 1e4 nodes", decode) {
                use(try? ResourceSet(parsing: text))
            } reference: { decode in
                destroy?(decode(otherText))
            },
            FormatWork("R: emit 1e4 nodes", encode) {
                use(all.json.text)
            } reference: { encode in
                free(encode(other ?? nil))
            },
            algebra("difference", "rlist_diff") { all.difference(some) },
            algebra("intersection", "rlist_intersect") { all.intersection(some) },
            algebra("union", "rlist_union") { all.union(some) },
        ]
    }
}
