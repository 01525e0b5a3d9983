import FluxJSON

/// Good inputs for readers, taken out of vectors.
public enum Seeds {
    /// Every text, every run of bytes and every document in the inputs of some files, each once.
    public static func collect(_ files: [VectorFile]) -> [[UInt8]] {
        var seeds: Set<[UInt8]> = []
        for vector in files.flatMap(\.cases) {
            for (key, value) in vector.input { add(value, key, &seeds) }
            if case .result(let value) = vector.expectation { add(value, "", &seeds) }
        }
        return seeds.filter { $0.count < 1 << 14 }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func add(_ json: JSON, _ key: String, _ seeds: inout Set<[UInt8]>) {
        switch json {
        case .string(let text):
            seeds.insert(Array(text.utf8))
            if key.hasSuffix("hex") || text.utf8.count >= 8, let bytes = try? unhex(text) { seeds.insert(bytes) }
        case .array(let array):
            seeds.insert(json.bytes)
            for element in array.prefix(64) { add(element, key, &seeds) }
        case .object(let object):
            seeds.insert(json.bytes)
            for (key, value) in object { add(value, key, &seeds) }
        case .null, .bool, .int, .real: break
        }
    }
}
