internal import CommandKit
internal import FluxJSON
internal import RFC20R
internal import RFC22Idset

/// The resource sets that `flux R` reads from standard input: JSON objects, one behind the other.
enum ResourceInput {
    /// All sets, at least one.
    static func sets() throws(CommandError) -> [ResourceSet] {
        var sets: [ResourceSet] = []
        for text in objects(in: try Files.standardInputBytes()) {
            do { sets.append(try ResourceSet(json: try JSON(parsing: text))) } catch {
                throw CommandError("Failed to decode R on stdin: \(error)")
            }
        }
        if sets.isEmpty { throw CommandError("Failed to read an R object: '[' or '{' expected near end of file") }
        return sets
    }

    /// The sets made into one, from the first to the last.
    static func combined(
        _ verb: String, atLeast count: Int, _ combine: (ResourceSet, ResourceSet) -> ResourceSet
    ) throws(CommandError) -> ResourceSet {
        let sets = try sets()
        guard sets.count >= count, let first = sets.first else {
            throw CommandError("\(verb) requires at least \(count) resource sets")
        }
        return sets.dropFirst().reduce(first, combine)
    }

    /// Everything that any of the sets has.
    static func union() throws(CommandError) -> ResourceSet { try combined("union", atLeast: 1) { $0.union($1) } }

    /// Cuts a text with several objects into the objects; what cannot be one is given whole.
    static func objects(in bytes: [UInt8]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var start: Int?
        var depth = 0
        var isInString = false
        var isEscaped = false
        for (index, byte) in bytes.enumerated() {
            if isInString {
                if isEscaped { isEscaped = false } else if byte == UInt8(ascii: "\\") { isEscaped = true }
                else if byte == UInt8(ascii: "\"") { isInString = false }
                continue
            }
            if start == nil {
                if byte == 9 || byte == 10 || byte == 13 || byte == 32 { continue }
                start = index
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0, let first = start {
                    result.append(Array(bytes[first...index]))
                    start = nil
                }
            default: break
            }
        }
        if let start { result.append(Array(bytes[start...])) }
        return result
    }

    /// Cores and GPUs of this host, or those of a topology file. `flux-broker` measures: it has the library.
    static func children(xml path: String?) throws(CommandError) -> ResourceSet.Children {
        let run = Companion.run([Installation.companion("flux-broker"), "--read-topology=\(path ?? "local")"])
        guard run.exitCode == 0, let json = try? JSON(parsing: run.output) else {
            throw CommandError(String(decoding: run.errors.prefix { $0 != 10 }, as: UTF8.self))
        }
        func set(_ name: String) -> Idset { (json[name]?.stringValue).flatMap { Idset($0) } ?? Idset() }
        return ResourceSet.Children(cores: set("core"), gpus: set("gpu"))
    }
}
