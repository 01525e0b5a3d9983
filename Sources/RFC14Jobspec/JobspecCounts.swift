public import FluxJSON

/// The numbers a simple scheduler and the shell work with, read from a jobspec with integer counts.
///
/// Only the last `node`, `slot`, `core` and `gpu` of a walk through the tree count; other types multiply.
/// Source: observed: flux-core 0.88 (`libjob`); limits on overflow are ours.
public struct JobspecCounts: Hashable, Sendable {
    /// 0 when the jobspec does not ask for nodes.
    public private(set) var nnodes: Int64 = 0
    /// Slots of the whole job.
    public private(set) var nslots: Int64 = 0
    /// Cores of a slot.
    public private(set) var slotSize: Int64 = 0
    /// GPUs of a slot.
    public private(set) var slotGPUs: Int64 = 0
    /// Whether nodes are wanted whole.
    public private(set) var isExclusive = false
    /// Seconds; 0 for no limit.
    public private(set) var duration = 0.0

    /// Reads a jobspec document.
    ///
    /// - Throws: ``JobspecError`` with the reason flux-core gives.
    public init(_ jobspec: JSON) throws(JobspecError) {
        let (resources, duration) = try ResourceReader.topLevel(jobspec)
        self.duration = duration
        try read(resources, level: 0, factor: 1)
        guard nslots > 0 else { throw JobspecError("Unable to determine slot count") }
        guard slotSize > 0 else { throw JobspecError("Unable to determine slot size") }
        if nnodes > 0 { nslots = try ResourceReader.product(nslots, nnodes) }
    }

    private mutating func read(_ resources: JSON, level: Int, factor: Int64) throws(JobspecError) {
        for element in try ResourceReader.array(resources, level) {
            let vertex = try ResourceReader.vertex(element, level)
            guard let count = vertex.count.intValue else {
                throw ResourceReader.wrong(level, "integer", vertex.count)
            }
            guard count > 0, count <= Int64(Int32.max) else {
                throw JobspecError("Invalid count \(count) for type '\(vertex.type)'")
            }
            let factor = try ResourceReader.product(factor, count)
            switch vertex.type {
            case "node":
                nnodes = factor
                if vertex.isExclusive { isExclusive = true }
            case "slot": nslots = count
            case "core": slotSize = count
            case "gpu": slotGPUs = count
            default: break
            }
            if let with = vertex.with { try read(with, level: level + 1, factor: factor) }
        }
    }
}

/// What both ways of counting read the same.
enum ResourceReader {
    struct Vertex {
        let type: String
        let count: JSON
        let isExclusive: Bool
        let with: JSON?
    }

    static func topLevel(_ jobspec: JSON) throws(JobspecError) -> (resources: JSON, duration: Double) {
        let place = "at top level: "
        guard let fields = jobspec.objectValue else { throw mismatch(place, "object", jobspec) }
        let version = try item("version", fields, place)
        guard version.intValue != nil else { throw mismatch(place, "integer", version) }
        let resources = try item("resources", fields, place)
        let deeper = "at top level: getting duration: "
        var value = jobspec
        for key in ["attributes", "system", "duration"] {
            guard let fields = value.objectValue else { throw mismatch(deeper, "object", value) }
            value = try item(key, fields, deeper)
        }
        guard let duration = value.numberValue else { throw mismatch(deeper, "real or integer", value) }
        return (resources, duration)
    }

    static func array(_ value: JSON, _ level: Int) throws(JobspecError) -> [JSON] {
        guard let elements = value.arrayValue else {
            throw JobspecError("level \(level): must be an array", .wrongType)
        }
        return elements
    }

    static func vertex(_ value: JSON, _ level: Int) throws(JobspecError) -> Vertex {
        let place = "level \(level): "
        guard let fields = value.objectValue else { throw mismatch(place, "object", value) }
        let type = try item("type", fields, place)
        guard let name = type.stringValue else { throw mismatch(place, "string", type) }
        let count = try item("count", fields, place)
        if let exclusive = fields["exclusive"], exclusive.boolValue == nil {
            throw mismatch(place, "true or false", exclusive)
        }
        return Vertex(
            type: name, count: count, isExclusive: fields["exclusive"]?.boolValue ?? false, with: fields["with"])
    }

    static func wrong(_ level: Int, _ expected: String, _ found: JSON) -> JobspecError {
        mismatch("level \(level): ", expected, found)
    }

    static func product(_ left: Int64, _ right: Int64) throws(JobspecError) -> Int64 {
        let (result, overflow) = left.multipliedReportingOverflow(by: right)
        guard !overflow, result <= Int64(Int32.max) else {
            throw JobspecError("resource counts are too large", .tooLarge)
        }
        return result
    }

    private static func item(_ key: String, _ fields: JSON.Object, _ place: String) throws(JobspecError) -> JSON {
        guard let value = fields[key] else { throw JobspecError("\(place)Object item not found: \(key)", .missing) }
        return value
    }

    private static func mismatch(_ place: String, _ expected: String, _ found: JSON) -> JobspecError {
        let name =
            switch found {
            case .bool(true): "true"
            case .bool(false): "false"
            case .null: "null"
            case .int: "integer"
            case .real: "real"
            case .string: "string"
            case .array: "array"
            case .object: "object"
            }
        return JobspecError("\(place)Expected \(expected), got \(name)", .wrongType)
    }
}
