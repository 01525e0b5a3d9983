import Glibc
import RFC19FLUID

extension FormatWork {
    private typealias C = ReferenceLibrary

    /// A hundred thousand ids in every encoding.
    static func jobIDs(_ library: ReferenceLibrary?) -> [FormatWork] {
        let ids = (0..<100_000).map { JobID(UInt64($0) &* 6_731_191_091_817) }
        let encode = library?.function(
            "flux_job_id_encode",
            (@convention(c) (UInt64, UnsafePointer<CChar>?, UnsafeMutablePointer<CChar>?, Int) -> Int32).self)
        let parse = library?.function(
            "flux_job_id_parse", (@convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<UInt64>) -> Int32).self)
        let f58 = C.text("f58")
        let strings = [
            FormatWork("job id: string of 1e5 as f58", encode) {
                for id in ids { use(id.f58) }
            } reference: { encode in
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                    for id in ids {
                        use(encode(id.value, f58, buffer.baseAddress, buffer.count))
                        let copy = strdup(buffer.baseAddress!)
                        use(copy)
                        free(copy)
                    }
                }
            },
        ]
        return strings + JobID.Encoding.allCases.flatMap { encoding -> [FormatWork] in
            let texts = ids.map { $0.text(encoding) }
            let name = encoding.rawValue
            let otherName = C.text(name), otherTexts = parse == nil ? [] : C.texts(texts)
            var probe: UInt64 = 0
            let known = parse.map { $0(otherTexts[1], &probe) == 0 && probe == ids[1].value } ?? false
            return [
                FormatWork("job id: encode 1e5 as \(name)", known ? encode : nil) {
                    // As the reference does: into memory that is there already.
                    var buffer: [UInt8] = []
                    buffer.reserveCapacity(256)
                    for id in ids {
                        buffer.removeAll(keepingCapacity: true)
                        id.append(encoding, to: &buffer)
                    }
                    use(buffer)
                } reference: { encode in
                    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                        for id in ids { use(encode(id.value, otherName, buffer.baseAddress, buffer.count)) }
                    }
                },
                FormatWork("job id: parse 1e5 as \(name)", known ? parse : nil) {
                    for text in texts { use(try? JobID(parsing: text)) }
                } reference: { parse in
                    var id: UInt64 = 0
                    for text in otherTexts { use(parse(text, &id)) }
                },
            ]
        }
    }
}
